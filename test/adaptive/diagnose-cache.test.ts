import { describe, expect, test } from 'vitest';
import { type CacheFigures, type CacheSettings, diagnoseCache } from '../../src/adaptive/diagnose-cache.js';

const FIGURES: CacheFigures = {
  hits: 9000,
  misses: 1000,
  sets: 1000,
  evictions: 0,
  expirations: 600,
  loads: 1000,
  loadWaits: 0,
  p99GetLatency: 0.1,
  getSamples: 1000,
  memoryUsage: 1000,
  itemCount: 1000,
  shardBalance: [500, 500],
  requestRate: 500,
};
const SETTINGS: CacheSettings = {
  ttlMs: 300_000,
  capacity: 10_000,
  shardCount: 2,
  maxBytes: undefined,
  hasOwnHash: false,
  cpus: 4,
};

interface Case {
  readonly figures?: Partial<CacheFigures>;
  readonly settings?: Partial<CacheSettings>;
}
const diagnose = ({ figures, settings }: Case): string[] =>
  diagnoseCache({ ...FIGURES, ...figures }, { ...SETTINGS, ...settings }).map(
    ({ id, solution }) => `${id}: ${solution}`,
  );

const EXPIRING = { hits: 7000, misses: 3000, expirations: 1500 };
const SLOW = { p99GetLatency: 1.2 };
const LARGE = { memoryUsage: 2 ** 30 + 1 };
const UNEVEN = { shardBalance: [700, 300] };
const WAITING = { loadWaits: 10 };

test('healthy figures give no finding', () => {
  expect(diagnose({})).toEqual([]);
});

describe('R1, low hit rate from a short TTL', () => {
  test.each<[string, Case, string[]]>([
    ['expirations explain half of the misses', { figures: EXPIRING }, ["low-hit-rate: withTTL('10m')"]],
    ['expirations explain less', { figures: { ...EXPIRING, expirations: 1499 } }, []],
    ['the hit ratio is 80 %', { figures: { hits: 8000, misses: 2000, expirations: 2000 } }, []],
    ['just enough reads', { figures: { hits: 0, misses: 1000, expirations: 1000 } }, ["low-hit-rate: withTTL('10m')"]],
    ['too few reads', { figures: { hits: 0, misses: 999, expirations: 999 } }, []],
    ['nothing expires by default', { figures: EXPIRING, settings: { ttlMs: 0 } }, []],
    ['no reads at all', { figures: { hits: 0, misses: 0 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });

  test('the evidence quotes ratio, expirations, misses and TTL', () => {
    const [finding] = diagnoseCache({ ...FIGURES, ...EXPIRING }, SETTINGS);
    expect(finding?.evidence).toBe('hit ratio 70 % over 10000 reads; 1500 entries expired, 3000 reads missed; TTL 5m');
  });
});

describe('R2, high latency from too few shards', () => {
  test.each<[string, Case, string[]]>([
    [
      'p99 above 1 ms with fewer shards than the tier asks for',
      { figures: SLOW },
      ['high-get-latency: withShardCount(8)'],
    ],
    ['p99 of 1 ms', { figures: { p99GetLatency: 1 } }, []],
    ['as many shards as the tier asks for', { figures: SLOW, settings: { shardCount: 8 } }, []],
    ['just enough measured reads', { figures: { ...SLOW, getSamples: 100 } }, ['high-get-latency: withShardCount(8)']],
    ['too few measured reads', { figures: { ...SLOW, getSamples: 99 } }, []],
    ['a lower rate asks for fewer', { figures: { ...SLOW, requestRate: 50 }, settings: { shardCount: 4 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});

describe('R3, memory growth without eviction', () => {
  test.each<[string, Case, string[]]>([
    ['above 1 GiB, no limit, nothing evicted', { figures: LARGE }, ['memory-growth: withMaxMemoryMB(1024)']],
    ['1 GiB', { figures: { memoryUsage: 2 ** 30 } }, []],
    ['a limit is set', { figures: LARGE, settings: { maxBytes: 2 ** 34 } }, []],
    ['the capacity evicts', { figures: { ...LARGE, evictions: 1 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });

  test('the evidence tells what a full cache would weigh', () => {
    const [finding] = diagnoseCache({ ...FIGURES, memoryUsage: 2 ** 31, itemCount: 1000 }, SETTINGS);
    expect(finding?.evidence).toContain('20 GiB when all 10000 are in use');
  });
});

describe('R4, uneven load from a poor hash', () => {
  test.each<[string, Case, string[]]>([
    ['above 20 %', { figures: UNEVEN }, ['uneven-shards: withHashFunction(await xxh32())']],
    ['20 %', { figures: { shardBalance: [600, 400] } }, []],
    [
      'just 400 entries a shard',
      { figures: { shardBalance: [500, 300] } },
      ['uneven-shards: withHashFunction(await xxh32())'],
    ],
    ['fewer than 400 entries a shard', { figures: { shardBalance: [700, 98] } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });

  test('the cause tells whose hash it is', () => {
    const causes = [true, false].map((hasOwnHash) => {
      const findings = diagnoseCache({ ...FIGURES, ...UNEVEN }, { ...SETTINGS, hasOwnHash });
      return findings[0]?.cause;
    });
    expect(causes[0]).toContain('given');
    expect(causes[1]).toContain('built-in');
  });
});

describe('R5, contention on load slots', () => {
  test.each<[string, Case, string[]]>([
    ['1 % of the loads wait', { figures: WAITING }, ['load-contention: withShardCount(4)']],
    ['fewer wait', { figures: { loadWaits: 9 } }, []],
    ['just enough loads', { figures: { loads: 100, loadWaits: 1 } }, ['load-contention: withShardCount(4)']],
    ['too few loads', { figures: { loads: 99, loadWaits: 99 } }, []],
    [
      'no more shards to be had',
      { figures: WAITING, settings: { shardCount: 4096 } },
      ['load-contention: withMaxShardConcurrency(0)'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});

test('all troubles at once are all found, in the order of the guide', () => {
  const figures = { ...EXPIRING, ...SLOW, ...LARGE, ...UNEVEN, ...WAITING };
  expect(diagnose({ figures }).map((line) => line.split(':')[0])).toEqual([
    'low-hit-rate',
    'high-get-latency',
    'memory-growth',
    'uneven-shards',
    'load-contention',
  ]);
});
