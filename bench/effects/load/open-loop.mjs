/**
 * An open loop: operations fall due at a rate, whether or not the last ones are done, and each latency counts from the
 * moment the operation was due. A stall so delays all that fell due in it, as it does real requests, and nothing waits
 * politely for the cache. It turns with the event loop without resting, since a timer would add its own milliseconds.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { LatencyLog } from './latency-log.mjs';

/** Operations done in one turn at most, so that timers and slices of the cache have theirs. */
const MOST_A_TURN = 512;

/**
 * @typedef {object} Phase
 * @property {number} ratePerSecond
 * @property {number} durationMs
 */

/**
 * @typedef {object} PhaseResult
 * @property {number} due
 * @property {number} done
 * @property {LatencyLog} latencies
 * @property {{ endMs: number, latencies: LatencyLog }[]} windows of WINDOW_MS each, their end counted from the phase's start
 * @property {number} longestTurnMs the longest time between two turns of the event loop
 */

export const WINDOW_MS = 500;

/**
 * Runs one phase. All operations that fall due are done, also those that a stall put off past its end.
 * @param {Phase} phase
 * @param {() => void} operation
 * @returns {Promise<PhaseResult>}
 */
export async function runPhase({ ratePerSecond, durationMs }, operation) {
  const due = Math.round((ratePerSecond * durationMs) / 1000);
  const stepMs = 1000 / ratePerSecond;
  const latencies = new LatencyLog();
  /** @type {PhaseResult['windows']} */
  const windows = [];
  const startMs = performance.now();
  let done = 0;
  let longestTurnMs = 0;
  let lastTurnMs = startMs;
  while (done < due || performance.now() - startMs < durationMs) {
    const turnMs = performance.now();
    longestTurnMs = Math.max(longestTurnMs, turnMs - lastTurnMs);
    lastTurnMs = turnMs;
    const isDue = Math.min(due, Math.floor((turnMs - startMs) / stepMs) + 1);
    for (const last = Math.min(isDue, done + MOST_A_TURN); done < last; done++) {
      const dueMs = startMs + done * stepMs;
      operation();
      const latencyMs = performance.now() - dueMs;
      latencies.record(latencyMs);
      windowAt(windows, dueMs - startMs).record(latencyMs);
    }
    await turn();
  }
  return { due, done, latencies, windows, longestTurnMs };
}

/** @param {PhaseResult['windows']} windows @param {number} atMs */
function windowAt(windows, atMs) {
  const index = Math.floor(atMs / WINDOW_MS);
  while (windows.length <= index)
    windows.push({ endMs: (windows.length + 1) * WINDOW_MS, latencies: new LatencyLog() });
  return /** @type {{ latencies: LatencyLog }} */ (windows[index]).latencies;
}
