/**
 * Job: an answer from the client's cache, or the yardstick: what the key alone costs by hand, JSON.stringify and SHA-256 of
 * the request. Questions are fresh strings, made outside of the timed section, of which the first ones are in the cache.
 */
import { createHash, hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { makeQuestion } from '../questions.mjs';
import { bodyOf } from '../subjects/requests.mjs';
import { createSherdClient } from '../subjects/sherd.mjs';

const QUESTIONS = 64;
/** A batch is timed as a whole: long against the clock's resolution. */
const BATCH = 256;

/**
 * @typedef {object} HitOptions
 * @property {'sha-256' | 'sha-256, one call' | 'sherd' | 'sherd-base'} subject
 * @property {number} characters of a question
 * @property {string} origin of the stub
 * @property {number} stretchMs CPU time of a round
 * @property {number} warmUpMs
 */

/** Resolves to what answers all questions of a batch. @type {Record<string, (options: HitOptions) => Promise<(batch: readonly string[]) => unknown>>} */
const SUBJECTS = {
  'sha-256': async () => (batch) =>
    digestAll(batch, (body) => createHash('sha256').update(JSON.stringify(body)).digest('hex')),
  'sha-256, one call': async () => (batch) => digestAll(batch, (body) => hash('sha256', JSON.stringify(body))),
  sherd: (options) => startClient(options, false),
  'sherd-base': (options) => startClient(options, true),
};

/** @param {HitOptions} options */
export async function prepare(options) {
  const { subject, characters, stretchMs, warmUpMs } = options;
  const run = await SUBJECTS[subject.replace(/#\d+$/, '')]?.(options);
  if (run === undefined) throw new Error(`subject '${subject}' is unknown`);

  /** @param {number} leastMs */
  async function stretch(leastMs) {
    let cpuNs = 0;
    let operations = 0;
    while (cpuNs < leastMs * 1e6) {
      const batch = Array.from({ length: BATCH }, (_, index) => makeQuestion(index % QUESTIONS, characters));
      const stopwatch = new CpuStopwatch();
      await run?.(batch);
      cpuNs += stopwatch.elapsedNs();
      operations += BATCH;
      await turn();
    }
    return { cpuNs, operations };
  }
  await stretch(warmUpMs);
  return { round: () => stretch(stretchMs) };
}

/**
 * @param {readonly string[]} batch
 * @param {(body: object) => string} digest
 */
function digestAll(batch, digest) {
  for (const question of batch) {
    if (digest(bodyOf('openai', question)).length !== 64) throw new Error('a digest is not whole');
  }
}

/**
 * @param {HitOptions} options
 * @param {boolean} isBase
 */
async function startClient({ characters, origin }, isBase) {
  const { userMessage } = await loadEntry('llm', isBase);
  const client = await createSherdClient({ endpoint: `${origin}/burst`, format: 'openai' }, { isBase, isCached: true });
  for (let id = 0; id < QUESTIONS; id++) await client.chat([userMessage(makeQuestion(id, characters))]);
  return async (/** @type {readonly string[]} */ batch) => {
    for (const question of batch) {
      const { cached } = await client.chat([userMessage(question)]);
      if (!cached) throw new Error('an answer did not come from the cache');
    }
  };
}
