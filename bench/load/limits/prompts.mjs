/** Long prompts and answers: how long the loop stands still for them. */
import { withProcesses } from '../../lib/processes.mjs';
import { median } from '../../lib/statistics.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const PROMPTS_JOB = new URL('./prompts-job.mjs', import.meta.url);

/** 100,000 tokens, and ten megabytes. */
const CHARACTERS = [400_000, 10_000_000];
const SHAPES = /** @type {const} */ (['one text', 'many messages']);

/**
 * One kind of prompt: the longest stop of the loop in each call, as their median and their greatest.
 * @typedef {import('./prompts-job.mjs').PromptKind & { calls: number, answered: number, medianStopMs: number,
 *   longestStopMs: number }} PromptStops
 */

/**
 * @param {{ promptCalls: number }} effort
 * @param {AbortSignal} signal
 * @returns {Promise<PromptStops[]>}
 */
export function measurePrompts({ promptCalls }, signal) {
  const kinds = kindsOf();
  return withProcesses(signal, async (start) => {
    const upstream = await start({ module: UPSTREAM_JOB, options: { upstream: { serviceMs: 0 } } });
    const options = { url: upstream.info.url, kinds, calls: promptCalls };
    const client = await start({ module: PROMPTS_JOB, options });
    const measured = [];
    for (let i = 0; i < kinds.length; i++) {
      const { stopsMs, ...counts } = await client.round(i);
      measured.push({ ...counts, medianStopMs: median(stopsMs), longestStopMs: Math.max(...stopsMs) });
    }
    return measured;
  });
}

/** @param {import('./prompts-job.mjs').PromptKind} kind */
export function describePrompt({ shape, isStream, hasCache }) {
  return `${shape}, ${isStream ? 'streamed' : 'whole'}${hasCache ? ', with a cache' : ''}`;
}

/** A stream's events are short, so a long answer comes whole. @returns {import('./prompts-job.mjs').PromptKind[]} */
function kindsOf() {
  return CHARACTERS.flatMap((characters) =>
    [false, true].flatMap((hasCache) => [
      ...SHAPES.flatMap((shape) => [false, true].map((isStream) => ({ characters, shape, isStream, hasCache }))),
      { characters, shape: /** @type {const} */ ('long answer'), isStream: false, hasCache },
    ]),
  );
}
