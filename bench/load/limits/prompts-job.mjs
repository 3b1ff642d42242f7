/**
 * Job: long prompts, asked one at a time. A round tells, for one kind of prompt, how long the loop stood still at most in
 * each of its calls, while the prompt was prepared, sent and answered.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { watchStops } from '../lib/loop-stops.mjs';
import { isAnswerTo } from '../upstream/answers.mjs';

const MESSAGE_CHARACTERS = 1_000;
/** So that what the watch began with has passed. */
const TURNS = 5;

/** @typedef {{ characters: number, shape: 'one text' | 'many messages' | 'long answer', isStream: boolean, hasCache: boolean }} PromptKind */

/** @param {{ url: string, kinds: readonly PromptKind[], calls: number }} options */
export async function prepare({ url, kinds, calls }) {
  const llm = await loadEntry('llm');
  let asked = 0;

  async function round(/** @type {number} */ index) {
    const kind = /** @type {PromptKind} */ (kinds[index]);
    const client = llm.createClient(
      llm.withProvider('vllm'),
      llm.withBaseURL(url),
      llm.withModel('m'),
      llm.withCache(kind.hasCache),
    );
    await client.chat([llm.userMessage('what is loaded and made once is there before')]);
    const stopsMs = [];
    let answered = 0;
    for (let i = 0; i < calls; i++) {
      const texts = textsOf(kind, ++asked);
      const messages = texts.map((text) => llm.userMessage(text));
      for (let t = 0; t < TURNS; t++) await turn();
      const endWatch = watchStops();
      await turn();
      const { text } = await (kind.isStream ? client.stream(messages).final() : client.chat(messages));
      await turn();
      stopsMs.push(endWatch());
      if (isAnswerTo(texts.at(-1) ?? '', text)) answered++;
    }
    await client.close();
    return { ...kind, calls, answered, stopsMs };
  }
  return { round };
}

/** No two prompts are equal. The last text is what the stub repeats in its answer. @param {PromptKind} kind @param {number} number */
function textsOf({ characters, shape }, number) {
  const mark = `prompt ${number} `;
  const question = 'and so?';
  if (shape === 'many messages') {
    const text = mark.padEnd(MESSAGE_CHARACTERS, 'lorem ipsum ');
    return [...Array.from({ length: characters / MESSAGE_CHARACTERS }, () => text), question];
  }
  // Buffer makes it one flat text, as one that was read is.
  const text = Buffer.from(mark.padEnd(characters, 'lorem ipsum ')).toString();
  return shape === 'long answer' ? [text] : [text, question];
}
