import { describe, expect, test } from 'vitest';
import { PartedMap } from '../../src/structures/parted-map.js';
import { PartedSet } from '../../src/structures/parted-set.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

/** What a part holds before it bursts. */
const PART_KEYS = 4096;
const MANY = 100_000;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `user:${i}`);

/** A run of neighbouring keys, so that few steps take the structures over the borders of parts and back. */
const step = fc.record({
  verb: fc.constantFrom('put', 'put', 'put', 'delete', 'delete', 'clear'),
  first: fc.nat(12_000),
  count: fc.oneof(fc.nat(3), fc.nat(9_000)),
});

test('a parted map and a parted set agree with plain ones under any mix of verbs', () => {
  const run = fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
    const map = new PartedMap<number>();
    const set = new PartedSet();
    const model = new Map<string, number>();
    for (const [stamp, { verb, first, count }] of steps.entries()) {
      if (verb === 'clear') for (const each of [map, set, model]) each.clear();
      for (const key of Array.from({ length: count }, (_, i) => `k${first + i}`)) {
        if (verb === 'put') {
          map.set(key, stamp);
          set.add(key);
          model.set(key, stamp);
        } else if (verb === 'delete') {
          const isDeleted = model.delete(key);
          if (map.delete(key) !== isDeleted || set.delete(key) !== isDeleted) expect.unreachable(key);
        }
      }
      expect([map.size, set.size]).toEqual([model.size, model.size]);
    }
    const keys = [...model.keys()].toSorted();
    expect([...map.keys()].toSorted()).toEqual(keys);
    expect([...set.keys()].toSorted()).toEqual(keys);
    const every = Array.from({ length: 21_000 }, (_, i) => `k${i}`);
    expect(every.map((key) => map.get(key))).toEqual(every.map((key) => model.get(key)));
    expect(every.filter((key) => map.has(key) !== model.has(key) || set.has(key) !== model.has(key))).toEqual([]);
  });
  fc.assert(run, { numRuns: runs(30, 13_000) });
});

describe('PartedSet', () => {
  test('holds many keys in small parts, however long what stands before the numbers in them', () => {
    for (const filler of ['', 'x'.repeat(100), 'x'.repeat(5000)]) {
      const set = new PartedSet();
      for (const key of numbered(MANY / 5)) set.add(filler + key);
      expect(Math.max(...set.partSizes())).toBeLessThanOrEqual(PART_KEYS);
      expect(set.size).toBe(MANY / 5);
    }
  });

  test('begins as one part in order of insertion, and again when it has become empty', () => {
    const set = new PartedSet();
    for (const key of numbered(MANY)) set.add(key);
    expect(set.partSizes().length).toBeGreaterThan(16);
    for (const key of numbered(MANY)) set.delete(key);
    expect(set.partSizes()).toEqual([0]);
    for (const key of ['b', 'a', 'c']) set.add(key);
    expect([...set.keys()]).toEqual(['b', 'a', 'c']);
  });

  test('loses no key whose hash all share: keys that differ only where it does not look', () => {
    const set = new PartedSet();
    // Of the first half of a key of 192 characters it reads every second one, from the last on.
    const digit = (i: number, place: number): string => String.fromCharCode(97 + (Math.floor(i / 24 ** place) % 24));
    const keys = Array.from({ length: 3 * PART_KEYS }, (_, i) =>
      `${digit(i, 0)}x${digit(i, 1)}x${digit(i, 2)}x`.padEnd(192, 'x'),
    );
    for (const key of keys) set.add(key);
    expect(Math.max(...set.partSizes())).toBe(keys.length);
    expect(keys.every((key) => set.has(key))).toBe(true);
    expect(set.delete(keys[0] as string)).toBe(true);
    expect([set.has(keys[0] as string), set.size]).toEqual([false, keys.length - 1]);
  });

  test('a walk comes to every key that stays, once, while others come and go and parts burst', () => {
    const run = fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (comings, every) => {
      const set = new PartedSet();
      const staying = numbered(5000);
      for (const key of staying) set.add(key);
      for (let i = 0; i < 5000; i++) set.add(`leaving:${i}`);
      const seen: string[] = [];
      let turn = 0;
      for (const key of set.keys()) {
        if (key.startsWith('user:')) seen.push(key);
        if (turn < 5000 && turn++ % every === 0) {
          for (let i = 0; i < comings; i++) set.add(`coming:${turn}:${i}`);
          set.delete(`leaving:${turn}`);
        }
      }
      expect(seen.toSorted()).toEqual(staying.toSorted());
    });
    fc.assert(run, { numRuns: runs(10, 20_000) });
  });
});
