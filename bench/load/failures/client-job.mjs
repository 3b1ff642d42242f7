/** Job: one client under a steady rate of calls, whole and streamed in turn, whatever the provider does to them. */

import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { CheckedClient } from '../lib/checked.mjs';
import { createProtected } from './protections.mjs';

/**
 * @param {{ protection: string, upstreams: import('./protections.mjs').Upstreams, rps: number, warmUpMs: number,
 *   durationMs: number }} options
 */
export async function prepare({ protection, upstreams, rps, warmUpMs, durationMs }) {
  const { loadTestLLM, userMessage } = await loadEntry('llm');
  const client = await createProtected(protection, upstreams);
  const whole = new CheckedClient((messages) => client.chat(messages));
  const streams = new CheckedClient((messages) => client.stream(messages));
  let asked = 0;
  const inTurn = {
    chat: (/** @type {readonly any[]} */ messages) => (asked++ % 2 === 0 ? whole : streams).chat(messages),
  };
  const load = (/** @type {number} */ duration) =>
    loadTestLLM(inTurn, {
      rps,
      duration,
      makeMessages: (/** @type {number} */ call) => [userMessage(`question ${call}`)],
    });
  await load(warmUpMs);
  whole.reset();
  streams.reset();

  async function round() {
    const attemptsBefore = client.attempts?.() ?? 0;
    const { sent, answered, errors, latency, failureLatency } = await load(durationMs);
    const attempts = client.attempts === undefined ? sent : client.attempts() - attemptsBefore;
    return {
      sent,
      answered,
      wholeShare: whole.answered / whole.asked,
      streamShare: streams.answered / streams.asked,
      wrong: whole.wrong + streams.wrong,
      attemptsACall: attempts / sent,
      p50Ms: latency.p50Ms,
      p99Ms: latency.p99Ms,
      failureP50Ms: failureLatency.p50Ms,
      codes: errors,
    };
  }
  return { round };
}
