/** The yardstick: what one writes by hand who wants the answer and nothing else. */
import { loadPackage } from '../../lib/load-package.mjs';
import { API_KEY, bodyOf } from './requests.mjs';

/** @typedef {import('./subjects.mjs').Answer} Answer */

/** More than are ever asked for at once. */
const CONNECTIONS = 64;

/**
 * @typedef {object} Words what differs between the formats
 * @property {string} path
 * @property {Record<string, string>} headers
 * @property {object} streamFields
 * @property {(answer: any) => Answer} read
 * @property {(event: any, answer: Required<Pick<Answer, 'text' | 'inputTokens' | 'outputTokens'>>) => void} add
 */

/** @type {Record<import('../stub/wire.mjs').Format, Words>} */
const WORDS = {
  openai: {
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${API_KEY}` },
    streamFields: { stream: true, stream_options: { include_usage: true } },
    read: ({ choices, usage }) => ({
      text: choices[0].message.content,
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
    }),
    add({ choices, usage }, answer) {
      answer.text += choices[0]?.delta.content ?? '';
      answer.inputTokens = usage?.prompt_tokens ?? answer.inputTokens;
      answer.outputTokens = usage?.completion_tokens ?? answer.outputTokens;
    },
  },
  anthropic: {
    path: '/v1/messages',
    headers: { 'x-api-key': API_KEY, 'anthropic-version': '2023-06-01' },
    streamFields: { stream: true },
    read: ({ content, usage }) => ({
      text: content[0].text,
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
    }),
    add({ delta, usage }, answer) {
      answer.text += delta?.text ?? '';
      answer.inputTokens = usage?.input_tokens ?? answer.inputTokens;
      answer.outputTokens = usage?.output_tokens ?? answer.outputTokens;
    },
  },
};

/**
 * @param {import('./subjects.mjs').Upstream} upstream
 * @param {{ isParsing: boolean }} how streams are read
 * @returns {Promise<import('./subjects.mjs').Caller>}
 */
export async function createUndici({ endpoint, format }, { isParsing }) {
  const { Pool, request } = await loadPackage('undici');
  const words = WORDS[format];
  const dispatcher = new Pool(new URL(endpoint).origin, { connections: CONNECTIONS });
  const url = `${endpoint}${words.path}`;
  const headers = { 'content-type': 'application/json', ...words.headers };
  const send = async (/** @type {object} */ fields) => {
    const { statusCode, body } = await request(url, {
      dispatcher,
      method: 'POST',
      headers,
      body: JSON.stringify(fields),
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    return body;
  };
  return {
    async ask(question) {
      const body = await send(bodyOf(format, question));
      return words.read(await body.json());
    },
    async stream(question) {
      const body = await send({ ...bodyOf(format, question), ...words.streamFields });
      return isParsing ? readEvents(body, words) : countBytes(body);
    },
  };
}

/** @param {AsyncIterable<Buffer>} body */
async function countBytes(body) {
  let bytes = 0;
  let pieces = 0;
  for await (const piece of body) {
    bytes += piece.length;
    pieces++;
  }
  return { bytes, pieces };
}

/**
 * The naive way: right for this stub, whose lines end in LF and whose events have one line of data.
 * @param {any} body
 * @param {Words} words
 */
async function readEvents(body, words) {
  const answer = { text: '', inputTokens: 0, outputTokens: 0 };
  let unread = '';
  for await (const piece of body.setEncoding('utf8')) {
    unread += piece;
    for (let end = unread.indexOf('\n\n'); end >= 0; end = unread.indexOf('\n\n')) {
      const data = unread.slice(unread.indexOf('data: ') + 'data: '.length, end);
      unread = unread.slice(end + 2);
      if (data !== '[DONE]') words.add(JSON.parse(data), answer);
    }
  }
  return answer;
}
