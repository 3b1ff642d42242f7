import { describe, expect, test } from 'vitest';
import { mix32 } from '../../src/core/hash.js';
import { FrequencySketch, MAX_FREQUENCY } from '../../src/structures/frequency-sketch.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const MIB = 2 ** 20;

function createSketch(entries: number, period = 10 * entries): FrequencySketch {
  const sketch = new FrequencySketch();
  sketch.setCapacity(entries, period);
  return sketch;
}

function age(sketch: FrequencySketch, accesses: number): void {
  for (let i = 0; i < accesses; i++) sketch.age();
}

describe('FrequencySketch', () => {
  test('never says less than what a hash was raised to', () => {
    const raise = fc.record({ hash: fc.integer({ min: 0, max: 2 ** 32 - 1 }), frequency: fc.nat(MAX_FREQUENCY) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(raise, { maxLength: 200 }), (entries, raises) => {
        const sketch = createSketch(entries);
        const greatest = new Map<number, number>();
        for (const { hash, frequency } of raises) {
          sketch.raise(hash, frequency);
          greatest.set(hash, Math.max(frequency, greatest.get(hash) ?? 0));
        }
        const most = Math.max(0, ...greatest.values());
        const isWrong = (estimate: number, frequency: number): boolean => estimate < frequency || estimate > most;
        expect([...greatest].filter(([hash, frequency]) => isWrong(sketch.estimate(hash), frequency))).toEqual([]);
      }),
      { numRuns: runs(100, 98) },
    );
  });

  test('is not lowered by a lower count', () => {
    const sketch = createSketch(8);
    sketch.raise(7, 9);
    sketch.raise(7, 3);
    expect(sketch.estimate(7)).toBe(9);
  });

  test.each([100, 4000, 100_000])(
    'tells exactly the counts of as many hashes as a cache of %d holds, but for few',
    (entries) => {
      const sketch = createSketch(entries);
      const countOf = (i: number): number => 1 + (i % 7);
      for (let i = 0; i < entries; i++) sketch.raise(mix32(i), countOf(i));
      let wrong = 0;
      let strangers = 0;
      for (let i = 0; i < entries; i++) {
        if (sketch.estimate(mix32(i)) !== countOf(i)) wrong++;
        if (sketch.estimate(mix32(entries + i)) > 0) strangers++;
      }
      // 4 counters a half for each hash in a large sketch, more in a small one: both of a stranger's are taken by chance.
      expect(strangers / entries).toBeLessThan(0.07);
      expect(wrong / entries).toBeLessThan(0.05);
    },
  );

  test('halves all counts at the same access, once in a period', () => {
    const period = 25_000;
    const sketch = createSketch(1000, period);
    const hashes = Array.from({ length: 50 }, (_, i) => mix32(i));
    for (const hash of hashes) sketch.raise(hash, 13);
    const counts = (): number[] => [...new Set(hashes.map((hash) => sketch.estimate(hash)))];
    for (const [before, after] of [
      [13, 6],
      [6, 3],
      [3, 1],
      [1, 0],
    ]) {
      age(sketch, period - 1);
      expect(counts()).toEqual([before]);
      age(sketch, 1);
      expect(counts()).toEqual([after]);
    }
    expect(sketch.halvings).toBe(4);
  });

  test('halves 64 KiB an access when it is larger, and is as punctual', () => {
    const period = 1000;
    const sketch = createSketch(50_000, period);
    const hashes = Array.from({ length: 1000 }, (_, i) => mix32(i));
    for (const hash of hashes) sketch.raise(hash, 15);
    const halved = (): number => hashes.filter((hash) => sketch.estimate(hash) < 15).length / hashes.length;
    age(sketch, period - 1);
    const shares = [halved()];
    for (let i = 0; i < 4; i++) {
      age(sketch, 1);
      shares.push(halved());
    }
    for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(Math.min(1, (i * 2 ** 14) / 50_000), 1);
    expect(sketch.halvings).toBe(1);
    age(sketch, period - 4);
    expect(sketch.halvings).toBe(1);
    age(sketch, 1);
    expect(sketch.halvings).toBe(2);
  });

  test('takes 64 bytes an entry up to 64 KiB, and 4 beyond, but not for more entries than there can be', () => {
    const bytesFor = (entries: number): number => createSketch(entries).byteLength;
    expect(bytesFor(1)).toBe(64);
    expect(bytesFor(512)).toBe(32 * 1024);
    expect(bytesFor(10_000)).toBe(64 * 1024);
    expect(bytesFor(MIB)).toBe(4 * MIB);
    expect(bytesFor(2 ** 40)).toBe(64 * MIB);
  });

  test('forgets when its size changes, and only then', () => {
    const sketch = createSketch(10_000);
    sketch.raise(1, 5);
    sketch.setCapacity(9000, 90_000);
    expect(sketch.estimate(1)).toBe(5);
    sketch.setCapacity(100_000, 1_000_000);
    expect(sketch.estimate(1)).toBe(0);
  });
});
