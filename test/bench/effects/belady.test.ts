/** The optimum beside the definition: of all that could be evicted, what is needed last. */
import { expect, test } from 'vitest';
import { beladyHits } from '../../../bench/effects/hit-ratio/belady.mjs';
import { fc } from '../../support/property.js';

function traceOf(ids: readonly number[]) {
  const keys = [...new Set(ids)];
  return { keys: keys.map(String), accesses: Uint32Array.from(ids, (id) => keys.indexOf(id)) };
}

/** Straight from the definition, by looking ahead for each entry. */
function naiveHits(ids: readonly number[], capacity: number): number {
  const held = new Set<number>();
  let hits = 0;
  ids.forEach((id, time) => {
    if (held.has(id)) hits++;
    held.add(id);
    if (held.size <= capacity) return;
    const neededAt = (key: number): number => {
      const next = ids.indexOf(key, time + 1);
      return next < 0 ? Number.POSITIVE_INFINITY : next;
    };
    held.delete([...held].reduce((latest, key) => (neededAt(key) > neededAt(latest) ? key : latest)));
  });
  return hits;
}

test('a loop one larger than the cache keeps all but one', () => {
  const loop = Array.from({ length: 40 }, (_, i) => i % 4);
  expect(beladyHits(traceOf(loop), [3, 4])).toEqual([naiveHits(loop, 3), 36]);
});

test('its hits are those of the definition', () => {
  const ids = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 200 });
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 8 }), (accesses, capacity) => {
      expect(beladyHits(traceOf(accesses), [capacity])).toEqual([naiveHits(accesses, capacity)]);
    }),
  );
});

test('times beyond a word and a level of its set are kept apart', () => {
  const ids = Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 301);
  expect(beladyHits(traceOf(ids), [50, 200])).toEqual([naiveHits(ids, 50), naiveHits(ids, 200)]);
});
