import { describe, expect, test } from 'vitest';
import { KeyBag } from '../../src/structures/key-bag.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const step = fc.record({ verb: fc.constantFrom('add', 'add', 'remove'), count: fc.nat(2500), at: fc.nat(100) });

describe('KeyBag', () => {
  test('holds what was put in and not taken out, each in a place of its own', () => {
    const run = fc.property(fc.array(step, { maxLength: 10 }), (steps) => {
      const bag = new KeyBag();
      const model = new Map<number, string>();
      for (const [stamp, { verb, count, at }] of steps.entries()) {
        const leaving = [...model.keys()].slice((at * model.size) / 100);
        for (let i = 0; i < count; i++) {
          if (verb === 'add') {
            const place = bag.add(`${stamp}:${i % 1000}`);
            if (model.has(place)) expect.unreachable(`place ${place} is taken`);
            model.set(place, `${stamp}:${i % 1000}`);
          } else if (i < leaving.length) {
            bag.remove(leaving[i] as number);
            model.delete(leaving[i] as number);
          }
        }
        expect(bag.size).toBe(model.size);
      }
      const byPlace = [...model].toSorted(([one], [other]) => one - other);
      expect([...bag.keys()]).toEqual(byPlace.map(([, key]) => key));
    });
    fc.assert(run, { numRuns: runs(50, 6000) });
  });

  test('uses the places again that have become free, and all of them once it is empty', () => {
    const bag = new KeyBag();
    const places = ['a', 'b', 'c'].map((key) => bag.add(key));
    expect(places).toEqual([0, 1, 2]);
    bag.remove(1);
    bag.remove(0);
    expect(['d', 'e', 'f'].map((key) => bag.add(key))).toEqual([0, 1, 3]);
    for (const place of [3, 2, 1, 0]) bag.remove(place);
    expect(bag.add('g')).toBe(0);
    bag.clear();
    expect([bag.size, ...bag.keys()]).toEqual([0]);
  });

  test('a walk does not come to what was taken out before its turn', () => {
    const bag = new KeyBag();
    const places = Array.from({ length: 3000 }, (_, i) => bag.add(String(i)));
    const seen: string[] = [];
    for (const key of bag.keys()) {
      seen.push(key);
      // The next one, and the key itself: most of the walk goes through free places.
      if (Number(key) + 1 < places.length) bag.remove(places[Number(key) + 1] as number);
      bag.remove(places[Number(key)] as number);
    }
    expect(seen).toEqual(places.filter((place) => place % 2 === 0).map(String));
    expect(bag.size).toBe(0);
  });
});
