/** Latencies as data: a constant, a range, a law with stated quantiles, or a function. Draws nothing by itself. */
import type { Random } from '../core/random.js';

/**
 * Milliseconds, 0 or more: always the same, even between two bounds, log-normal with this median and 99th percentile
 * (what services show), or whatever a function draws.
 */
export type Latency =
  | number
  | { readonly minMs: number; readonly maxMs: number }
  | { readonly p50Ms: number; readonly p99Ms: number }
  | ((random: Random) => number);

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** One latency in milliseconds, never below 0. Equal generators draw equal latencies. */
export function drawLatencyMs(latency: Latency, random: Random): number {
  if (typeof latency === 'number') return Math.max(0, latency);
  if (typeof latency === 'function') return Math.max(0, latency(random));
  if ('minMs' in latency) return latency.minMs + random.next() * (latency.maxMs - latency.minMs);
  const { p50Ms, p99Ms } = latency;
  return p50Ms * (p99Ms / p50Ms) ** (drawNormal(random) / Z99);
}

/** Standard normal (Box and Muller 1958). */
function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
