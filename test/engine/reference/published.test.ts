/** The reference simulators against published figures. */
import { describe, expect, test } from 'vitest';
import { loadAccesses, TRACES } from '../../support/traces.js';
import { createArc } from './arc.js';
import { createFifo } from './fifo.js';
import { createLru } from './lru.js';
import { countOptimalHits } from './opt.js';
import { createS3Fifo } from './s3-fifo.js';
import { createSieve } from './sieve.js';
import { countHits } from './simulator.js';
import { createWTinyLfu } from './w-tinylfu.js';

type Figures = Readonly<Record<'lru' | 'arc' | 'sieve' | 's3-fifo' | 'w-tinylfu' | 'opt', number>>;

/** Percent of hits of a cache for a tenth of the keys. */
const PUBLISHED: ReadonlyMap<string, Figures> = new Map([
  ['mooncake', { lru: 27.84, arc: 28.42, sieve: 19.48, 's3-fifo': 24.56, 'w-tinylfu': 19.26, opt: 36.64 }],
  ['oltp', { lru: 66.52, arc: 67.25, sieve: 66.66, 's3-fifo': 67.78, 'w-tinylfu': 64.13, opt: 76.21 }],
  ['scarab', { lru: 60.6, arc: 62.34, sieve: 60.91, 's3-fifo': 62.82, 'w-tinylfu': 60.3, opt: 75.03 }],
  ['orm-busy', { lru: 88.01, arc: 88.04, sieve: 88.11, 's3-fifo': 88.9, 'w-tinylfu': 86.81, opt: 93.31 }],
  ['multi2', { lru: 36.92, arc: 39.83, sieve: 36.16, 's3-fifo': 49.3, 'w-tinylfu': 50.47, opt: 54.9 }],
]);
const TOLERANCE = 0.03;
/** Its frequencies are estimates, which depend on the hash functions. */
const W_TINYLFU_TOLERANCE = 0.5;

describe.each(TRACES.filter(({ name }) => PUBLISHED.has(name)))('$name', (trace) => {
  test('hit ratios at a tenth of the keys are the published ones', async () => {
    const accesses = await loadAccesses(trace);
    const capacity = Math.floor(trace.keyCount / 10);
    const measured = {
      lru: countHits(createLru(capacity), accesses),
      arc: countHits(createArc(capacity), accesses),
      sieve: countHits(createSieve(capacity), accesses),
      's3-fifo': countHits(createS3Fifo(capacity), accesses),
      'w-tinylfu': countHits(createWTinyLfu(capacity), accesses),
      opt: countOptimalHits(accesses, capacity),
    };
    for (const [name, published] of Object.entries(PUBLISHED.get(trace.name) as Figures)) {
      const percent = (100 * measured[name as keyof Figures]) / accesses.length;
      const tolerance = name === 'w-tinylfu' ? W_TINYLFU_TOLERANCE : TOLERANCE;
      expect(Math.abs(percent - published), `${name}: ${percent}`).toBeLessThan(tolerance);
    }
  });
});

/** Belady, Nelson, Shedler, CACM 1969: a string of references on which FIFO does worse with more room. */
const ANOMALY = Uint32Array.of(1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5);

test.each([
  [3, { fifo: 9, lru: 10, opt: 7 }],
  [4, { fifo: 10, lru: 8, opt: 6 }],
])('with %d frames the string of the anomaly faults as often as published', (frames, faults) => {
  expect({
    fifo: ANOMALY.length - countHits(createFifo(frames), ANOMALY),
    lru: ANOMALY.length - countHits(createLru(frames), ANOMALY),
    opt: ANOMALY.length - countOptimalHits(ANOMALY, frames),
  }).toEqual(faults);
});
