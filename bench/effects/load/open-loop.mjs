/**
 * An open loop: operations fall due at a rate, whether or not the last ones are done, and each latency counts from the
 * moment the operation was due. A stall so delays all that fell due in it, as it does real requests, and nothing waits
 * politely for the cache. The loop never rests, so its clock can be the CPU time of the process: on an idle machine that
 * is the time on the wall, on a busy one it leaves out what other processes took.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { cpuNowNs } from '../../lib/cpu-time.mjs';
import { LatencyLog } from './latency-log.mjs';

/** Operations done in one turn at most, so that timers and slices of the cache have theirs. */
const MOST_A_TURN = 512;

export const WINDOW_MS = 500;

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
  const startMs = nowMs();
  let done = 0;
  let longestTurnMs = 0;
  let turnMs = 0;
  while (done < due || turnMs < durationMs) {
    const lastTurnMs = turnMs;
    turnMs = nowMs() - startMs;
    longestTurnMs = Math.max(longestTurnMs, turnMs - lastTurnMs);
    const dueNow = Math.min(due, Math.floor(turnMs / stepMs) + 1, done + MOST_A_TURN);
    for (; done < dueNow; done++) {
      operation();
      const latencyMs = nowMs() - startMs - done * stepMs;
      latencies.record(latencyMs);
      windowAt(windows, done * stepMs).record(latencyMs);
    }
    await turn();
  }
  return { due, done, latencies, windows, longestTurnMs };
}

function nowMs() {
  return cpuNowNs() / 1e6;
}

/** @param {PhaseResult['windows']} windows @param {number} atMs */
function windowAt(windows, atMs) {
  const index = Math.floor(atMs / WINDOW_MS);
  while (windows.length <= index)
    windows.push({ endMs: (windows.length + 1) * WINDOW_MS, latencies: new LatencyLog() });
  return /** @type {{ latencies: LatencyLog }} */ (windows[index]).latencies;
}
