/**
 * Job: several clients with a rate limit each, all offered more than it allows, at once. The first round begins; each
 * further one waits a while and tells how far they are.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { watchStops } from '../lib/loop-stops.mjs';
import { METERS } from './meters.mjs';

const LOOK_MS = 5_000;
/** Who cannot be let through by then is refused at once. */
const DEADLINE_MS = 2_000;
/** More than an answer takes, so that something comes back of every estimate. */
const MAX_TOKENS = 100;
const PROMPT_CHARACTERS = 400;

/** @param {{ url: string, durationMs: number }} options */
export async function prepare({ url, durationMs }) {
  const llm = await loadEntry('llm');
  const clients = Object.entries(METERS).map(([name, meter]) => ({
    name,
    meter,
    client: createClient(llm, url, name, meter),
  }));
  /** @type {Promise<{ name: string, sent: number, answered: number, codes: object }[]> | undefined} */
  let loads;
  let isDone = false;
  let endWatch = () => 0;

  async function load(/** @type {(typeof clients)[number]} */ { name, meter, client }) {
    const { sent, answered, errors } = await llm.loadTestLLM(client, {
      rps: meter.offeredRps,
      duration: durationMs,
      makeMessages: (/** @type {number} */ call) => [
        llm.userMessage(`question ${call}`.padEnd(PROMPT_CHARACTERS, '.')),
      ],
    });
    return { name, sent, answered, codes: errors };
  }
  async function round(/** @type {number} */ index) {
    if (index === 0) {
      endWatch = watchStops();
      loads = Promise.all(clients.map(load)).finally(() => (isDone = true));
      return {};
    }
    await Promise.race([loads, sleep(LOOK_MS)]);
    return isDone
      ? { results: await loads, longestStopMs: endWatch() }
      : { upstreamCalls: clients.map(({ client }) => client.metrics().upstreamCalls) };
  }
  return { round };
}

/** @param {any} llm @param {string} url @param {string} name @param {import('./meters.mjs').Meter} meter */
function createClient(llm, url, name, { algorithm, unit, limit }) {
  return llm.createClient(
    llm.withProvider('vllm'),
    llm.withBaseURL(url),
    llm.withModel(name),
    llm.withMaxTokens(MAX_TOKENS),
    llm.withTotalTimeout(DEADLINE_MS),
    llm.withRateLimiting(unit === 'requests' ? { requestsPerMinute: limit } : { tokensPerMinute: limit }),
    llm.withRateLimitAlgorithm(algorithm),
  );
}
