import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSherdError } from '../../src/core/errors.js';
import { NumberRing } from '../../src/structures/number-ring.js';

describe('NumberRing', () => {
  test('holds the last numbers pushed, oldest first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: -1000, max: 1000 })),
        (capacity, pushed) => {
          const ring = new NumberRing(capacity);
          for (const value of pushed) ring.push(value);
          const kept = pushed.slice(-capacity);
          expect(Array.from({ length: ring.size }, (_, i) => ring.at(i))).toEqual(kept);
          expect(ring.at(kept.length)).toBeUndefined();
          expect(ring.at(-1)).toBeUndefined();
          expect(ring.oldest).toBe(kept[0]);
          expect(ring.newest).toBe(kept.at(-1));
          expect(ring.sum()).toBe(kept.reduce((sum, value) => sum + value, 0));
          expect(ring.mean()).toBeCloseTo(kept.length === 0 ? 0 : ring.sum() / kept.length);
        },
      ),
    );
  });

  test('is empty after clear', () => {
    const ring = new NumberRing(2);
    ring.push(1);
    ring.push(2);
    ring.push(3);
    ring.clear();
    expect([ring.size, ring.sum(), ring.newest]).toEqual([0, 0, undefined]);
    ring.push(4);
    expect([ring.sum(), ring.oldest]).toEqual([4, 4]);
  });

  test('refuses to hold nothing', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN]) {
      expect(() => new NumberRing(capacity)).toThrow(expect.toSatisfy(isSherdError));
    }
  });
});
