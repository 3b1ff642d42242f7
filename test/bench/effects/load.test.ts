/** What the load generators record. */
import { describe, expect, test } from 'vitest';
import { LatencyLog } from '../../../bench/effects/load/latency-log.mjs';
import { runPhase, WINDOW_MS } from '../../../bench/effects/load/open-loop.mjs';

describe('latencies', () => {
  test('quantiles are nearest ranks over all of them', () => {
    const log = new LatencyLog();
    for (let i = 10_000; i >= 1; i--) log.record(i);
    expect(log.summary()).toEqual({ count: 10_000, p50Ms: 5_000, p99Ms: 9_900, p999Ms: 9_990, maxMs: 10_000 });
  });

  test('of none there are none', () => {
    expect(new LatencyLog().summary()).toMatchObject({ count: 0, p50Ms: Number.NaN });
  });
});

describe('the open loop', () => {
  test('does every operation that falls due, and no other', async () => {
    let operations = 0;
    const { due, done, latencies, windows } = await runPhase({ ratePerSecond: 2_000, durationMs: 100 }, () => {
      operations++;
    });
    expect([due, done, operations, latencies.count]).toEqual([200, 200, 200, 200]);
    expect(windows.map(({ endMs }) => endMs)).toEqual([WINDOW_MS]);
  });

  test('a stall is in the latency of all that fell due meanwhile', async () => {
    const STALL_MS = 30;
    let operations = 0;
    const { latencies, longestTurnMs } = await runPhase({ ratePerSecond: 1_000, durationMs: 100 }, () => {
      if (++operations !== 20) return;
      const endMs = process.cpuUsage().user / 1000 + STALL_MS;
      while (process.cpuUsage().user / 1000 < endMs);
    });
    const late = [...latencies.values.subarray(0, latencies.count)].filter((latencyMs) => latencyMs >= STALL_MS / 2);
    // Half of what fell due in the stall waited for at least half of it.
    expect(late.length).toBeGreaterThanOrEqual(STALL_MS / 2);
    expect(longestTurnMs).toBeGreaterThanOrEqual(STALL_MS);
  });
});
