/** Rate limits that are offered more than they allow, counted where it matters: at the provider. */
import { withProcesses } from '../../lib/processes.mjs';
import { METERS, WINDOW_MS } from './meters.mjs';
import { mostInAnyWindow, mostInFixedWindow } from './windows.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const RATES_JOB = new URL('./rates-job.mjs', import.meta.url);

/** What may lie between the limiter and the stub that counts, beside the times at which either stood still. */
const LATE_MS = 50;

/**
 * What was asked, and what came: units counted at the stub, in all and within a minute at most. What came up to `lateMs`
 * after it was let through is not held against a limit, so the minute is as much shorter.
 * @typedef {{ name: string, seconds: number, lateMs: number, sent: number, answered: number, codes: Record<string, number>,
 *   counted: number, mostInMinute: number }} Rate
 */

/**
 * @param {{ ratesMs: number }} effort
 * @param {AbortSignal} signal
 * @param {(text: string) => void} progress
 * @returns {Promise<Rate[]>}
 */
export async function measureRates({ ratesMs }, signal, progress) {
  const { results, arrivals, lateMs } = await withProcesses(signal, async (start) => {
    const upstream = await start({
      module: UPSTREAM_JOB,
      options: { upstream: { serviceMs: 5, keepsArrivals: true } },
    });
    const client = await start({ module: RATES_JOB, options: { url: upstream.info.url, durationMs: ratesMs } });
    await client.round(0);
    const startMs = performance.now();
    let told = await client.round(1);
    while (told.results === undefined) {
      const seconds = Math.round((performance.now() - startMs) / 1000);
      progress(`limits: rates, ${seconds} of ${ratesMs / 1000} s, let through ${told.upstreamCalls.join(', ')}`);
      told = await client.round(1);
    }
    const { primary } = await upstream.round(1);
    const lateMs = LATE_MS + told.longestStopMs + primary.longestStopMs;
    return { results: told.results, arrivals: primary.arrivals, lateMs };
  });
  return results.map((/** @type {{ name: string }} */ result) => ({
    ...result,
    seconds: ratesMs / 1000,
    lateMs,
    ...countOf(result.name, arrivals, lateMs),
  }));
}

/**
 * @param {string} name of the limit, which is the model that its client asks
 * @param {readonly import('../upstream/server.mjs').Arrival[]} arrivals
 * @param {number} lateMs
 */
function countOf(name, arrivals, lateMs) {
  const { unit, algorithm } = /** @type {import('./meters.mjs').Meter} */ (METERS[name]);
  const own = arrivals.filter(({ model }) => model === name);
  const taken = own.map(({ atMs, tokens }) => ({ atMs, amount: unit === 'tokens' ? tokens : 1 }));
  const mostInMinute =
    algorithm === 'fixed-window'
      ? mostInFixedWindow(taken, WINDOW_MS, lateMs)
      : mostInAnyWindow(taken, WINDOW_MS - lateMs);
  return { counted: taken.reduce((sum, { amount }) => sum + amount, 0), mostInMinute };
}
