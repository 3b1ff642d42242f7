/**
 * A client as it is often written: one undici.request, JSON.parse, and a reader of streams that takes the end of the
 * body for the end of the answer. It has one timeout for all and nothing else.
 */
import { request } from 'undici';

/** @param {string} url @param {number} timeoutMs */
export function createNaiveClient(url, timeoutMs) {
  /** @param {readonly { role: string, content: string }[]} messages @param {boolean} isStream */
  async function ask(messages, isStream) {
    const { statusCode, body } = await request(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages, stream: isStream }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    return answerOf(isStream ? textOfStream(text) : JSON.parse(text).choices[0].message.content);
  }
  return {
    chat: (/** @type {readonly any[]} */ messages) => ask(messages, false),
    stream: (/** @type {readonly any[]} */ messages) => ask(messages, true),
    /** Each call is one request. */
    attempts: undefined,
  };
}

/** @param {string} body */
function textOfStream(body) {
  const events = body
    .split('\n\n')
    .flatMap((event) => (event.startsWith('data: {') ? [JSON.parse(event.slice(6))] : []));
  return events.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** What a load test reads of an answer. @param {string} text */
function answerOf(text) {
  return { text, cached: false, shared: false, usage: undefined, cost: undefined };
}
