import { describe, expect, test } from 'vitest';
import {
  type CacheAlertSample,
  cacheAlertFigures,
  type LlmAlertSample,
  llmAlertFigures,
} from '../../src/adaptive/alert-figures.js';
import { guideCacheAlerts, guideLlmAlerts, hubCacheAlerts, hubLlmAlerts } from '../../src/adaptive/alert-tables.js';
import { type AlertRule, createAlertWatch, type Figures } from '../../src/adaptive/alerts.js';

const CACHE: CacheAlertSample = {
  hits: 900,
  misses: 100,
  avgGetLatency: 0.01,
  getSamples: 1000,
  memoryUsage: 1000,
  maxBytes: 10_000,
  shardBalance: [500, 500],
  cpuUsage: 0.1,
};
const LLM: LlmAlertSample = {
  requests: 1000,
  failures: 0,
  avgLatency: 100,
  p95Latency: 200,
  p99Latency: 300,
  cost: 1,
  cacheHits: 900,
  cacheMisses: 100,
  cpuUsage: 0.1,
};

function raised<M extends string>(rules: readonly AlertRule<M>[], figures: Figures<M>): string[] {
  const watch = createAlertWatch(rules);
  watch.evaluate(figures);
  return watch.active().map((alert) => `${alert.name} ${alert.level}`);
}
const cache = (rules: typeof guideCacheAlerts, traits: Partial<CacheAlertSample>): string[] =>
  raised(rules, cacheAlertFigures({ ...CACHE, ...traits }));
const llm = (rules: typeof guideLlmAlerts, traits: Partial<LlmAlertSample>): string[] =>
  raised(rules, llmAlertFigures({ ...LLM, ...traits }));

describe('the guide for caches', () => {
  test.each<[string, Partial<CacheAlertSample>, string[]]>([
    ['healthy figures', {}, []],
    ['hit ratio 80 %', { hits: 800, misses: 200 }, []],
    ['hit ratio 79.9 %', { hits: 799, misses: 201 }, ['minHitRate warning']],
    ['hit ratio 0 over 99 reads', { hits: 0, misses: 99 }, []],
    ['get latency 1 ms', { avgGetLatency: 1 }, []],
    ['get latency above 1 ms', { avgGetLatency: 1.1 }, ['maxGetLatency warning']],
    ['get latency of few samples', { avgGetLatency: 9, getSamples: 99 }, []],
    ['1 GiB in use', { memoryUsage: 2 ** 30 }, []],
    ['above 1 GiB in use', { memoryUsage: 2 ** 30 + 1 }, ['maxMemoryUsage warning']],
    ['imbalance 20 %', { shardBalance: [480, 320] }, []],
    ['imbalance above 20 %', { shardBalance: [488, 312] }, ['maxShardImbalance warning']],
    ['imbalance above 20 % with fewer than 400 entries a shard', { shardBalance: [700, 99] }, []],
  ])('%s', (_name, traits, expected) => {
    expect(cache(guideCacheAlerts, traits)).toEqual(expected);
  });
});

describe('the guide for clients', () => {
  test.each<[string, Partial<LlmAlertSample>, string[]]>([
    ['healthy figures', {}, []],
    ['success 95 %', { failures: 50 }, []],
    ['success below 95 %', { failures: 51 }, ['minSuccessRate warning']],
    ['failures among few calls', { requests: 19, failures: 19 }, []],
    ['mean 5 s', { avgLatency: 5000 }, []],
    ['mean above 5 s', { avgLatency: 5001 }, ['maxAvgLatency warning']],
    ['p99 30 s', { p99Latency: 30_000 }, []],
    ['p99 above 30 s', { p99Latency: 30_001 }, ['maxP99Latency warning']],
    ['p99 of 99 calls', { requests: 99, p99Latency: 60_000 }, []],
    ['$0.50 a request', { cost: 500 }, []],
    ['above $0.50 a request', { cost: 501 }, ['maxCostPerRequest warning']],
  ])('%s', (_name, traits, expected) => {
    expect(llm(guideLlmAlerts, traits)).toEqual(expected);
  });
});

describe('the hub', () => {
  test.each<[string, Partial<CacheAlertSample>, string[]]>([
    ['healthy figures', {}, []],
    ['hit ratio 50 %', { hits: 500, misses: 500 }, []],
    ['hit ratio 49 %', { hits: 490, misses: 510 }, ['minHitRate warning']],
    ['hit ratio 29 %', { hits: 290, misses: 710 }, ['minHitRate critical']],
    ['memory 81 % of the limit', { memoryUsage: 8100 }, ['maxMemoryShare warning']],
    ['memory 91 % of the limit', { memoryUsage: 9100 }, ['maxMemoryShare critical']],
    ['much memory without a limit', { memoryUsage: 2 ** 40, maxBytes: undefined }, []],
    ['CPU 71 %', { cpuUsage: 0.71 }, ['maxCpuUsage warning']],
    ['CPU 86 %', { cpuUsage: 0.86 }, ['maxCpuUsage critical']],
    ['CPU not measured', { cpuUsage: undefined }, []],
  ])('caches: %s', (_name, traits, expected) => {
    expect(cache(hubCacheAlerts, traits)).toEqual(expected);
  });

  test.each<[string, Partial<LlmAlertSample>, string[]]>([
    ['healthy figures', {}, []],
    ['errors 1 %', { failures: 10 }, []],
    ['errors above 1 %', { failures: 11 }, ['maxErrorRate warning']],
    ['errors above 5 %', { failures: 51 }, ['maxErrorRate critical']],
    ['p95 above 5 s', { p95Latency: 5001 }, ['maxP95Latency warning']],
    ['p95 above 10 s', { p95Latency: 10_001 }, ['maxP95Latency critical']],
    ['answer hits 40 %', { cacheHits: 400, cacheMisses: 600 }, ['minHitRate warning']],
    ['no cache asked', { cacheHits: 0, cacheMisses: 0 }, []],
    ['CPU 86 %', { cpuUsage: 0.86 }, ['maxCpuUsage critical']],
  ])('clients: %s', (_name, traits, expected) => {
    expect(llm(hubLlmAlerts, traits)).toEqual(expected);
  });
});

describe('figures', () => {
  test('rates are those since the sample before', () => {
    const figures = cacheAlertFigures({ ...CACHE, hits: 950, misses: 250 }, CACHE);
    expect(figures.hitRate).toEqual({ value: 0.25, samples: 200 });
    const later = { ...LLM, requests: 1200, failures: 50, cost: 101, cacheHits: 910, cacheMisses: 130 };
    const calls = llmAlertFigures(later, LLM);
    expect(calls.errorRate).toEqual({ value: 0.25, samples: 200 });
    expect(calls.successRate).toEqual({ value: 0.75, samples: 200 });
    expect(calls.costPerRequest).toEqual({ value: 0.5, samples: 200 });
    expect(calls.cacheHitRate).toEqual({ value: 0.25, samples: 40 });
    expect(calls.p99Latency).toEqual({ value: 300, samples: 200 });
  });

  test('an interval without traffic leaves alerts as they are', () => {
    const watch = createAlertWatch(guideCacheAlerts);
    const bad = { ...CACHE, hits: 0, misses: 1000 };
    watch.evaluate(cacheAlertFigures(bad));
    watch.evaluate(cacheAlertFigures(bad, bad));
    expect(watch.active().map((alert) => alert.name)).toEqual(['minHitRate']);
  });

  test('tables and rows are frozen and names are unique', () => {
    for (const table of [guideCacheAlerts, guideLlmAlerts, hubCacheAlerts, hubLlmAlerts]) {
      expect(Object.isFrozen(table) && table.every(Object.isFrozen)).toBe(true);
      expect(new Set(table.map((rule) => rule.name)).size).toBe(table.length);
    }
  });
});
