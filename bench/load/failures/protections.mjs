/** The protections, one on top of the other: each client has what those before it have. */
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { createNaiveClient } from './naive-client.mjs';

/** How long a caller waits for an answer. */
const DEADLINE_MS = 2_000;
/** A whole answer, and each wait of a stream, at most; several times what the provider takes when it is well. */
const WHOLE_MS = 600;
const STREAM_MS = 400;

/** @typedef {{ url: string, spareUrl: string }} Upstreams */
/** @typedef {{ what: string, options: (llm: any, upstreams: Upstreams) => readonly unknown[] }} Protection */

const HEDGE = { mode: 'hedge', hedgeDelay: 100, hedgeShare: 0.1 };

/** @type {Record<string, Protection>} */
export const PROTECTIONS = {
  timeouts: {
    what: 'withTimeout, withFirstTokenTimeout, withStreamIdleTimeout',
    options: (llm) => [
      llm.withTimeout(WHOLE_MS),
      llm.withFirstTokenTimeout(STREAM_MS),
      llm.withStreamIdleTimeout(STREAM_MS),
    ],
  },
  retry: {
    what: 'withRetryCount(3), withRetryDelay(50 ms), the budget as it comes',
    options: (llm) => [llm.withRetryCount(3), llm.withRetryDelay(50)],
  },
  breaker: {
    what: 'withCircuitBreaker: half of 20 calls in 1 s, first probe after 200 ms',
    options: (llm) => [
      llm.withCircuitBreaker({
        mode: 'rate',
        failureRate: 0.5,
        minimumCalls: 20,
        window: '1s',
        resetTimeout: 200,
        successThreshold: 1,
      }),
    ],
  },
  hedge: {
    what: 'withFallback([], { mode: hedge }): asked once more when late, for 10 % of the calls at most',
    options: (llm) => [llm.withFallback([], HEDGE)],
  },
  fallback: {
    what: 'withFallback([another provider], { mode: hedge })',
    options: (llm, { spareUrl }) => [llm.withFallback([{ provider: 'vllm', baseUrl: spareUrl, model: 'm' }], HEDGE)],
  },
};

/** What they are held against. */
export const NAIVE = 'undici';

/**
 * @param {string} name NAIVE or one of PROTECTIONS
 * @param {Upstreams} upstreams
 */
export async function createProtected(name, upstreams) {
  if (name === NAIVE) return createNaiveClient(upstreams.url, DEADLINE_MS);
  const llm = await loadEntry('llm');
  const names = Object.keys(PROTECTIONS);
  const on = Object.values(PROTECTIONS).slice(0, names.indexOf(name) + 1);
  if (on.length === 0) throw new Error(`protection '${name}' is unknown; known: ${[NAIVE, ...names].join(', ')}`);
  const client = llm.createClient(
    llm.withProvider('vllm'),
    llm.withBaseURL(upstreams.url),
    llm.withModel('m'),
    llm.withTotalTimeout(DEADLINE_MS),
    llm.withSeed(1),
    // Of rivals the later wins.
    ...on.flatMap(({ options }) => options(llm, upstreams)),
  );
  return {
    chat: (/** @type {readonly any[]} */ messages) => client.chat(messages),
    stream: (/** @type {readonly any[]} */ messages) => client.stream(messages).final(),
    attempts: () => client.metrics().upstreamCalls,
  };
}
