import { expect, test } from 'vitest';
import { Relations } from '../../src/cache/relations.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

test('what was made from a departed key keeps that key on its sources, and lets it go when it leaves itself', () => {
  const relations = new Relations();
  relations.depend('summary', 'source');
  relations.depend('page', 'summary');
  relations.leave('summary');
  expect([relations.dependentsOf('source'), relations.dependentsOf('summary')]).toEqual([['summary'], ['page']]);
  relations.leave('page');
  expect(relations.isEmpty).toBe(true);
});

test('a tag goes with its entry, unless something was made from that', () => {
  const relations = new Relations();
  for (const key of ['a', 'b', 'c', 'd']) relations.tag(key, ['t', 't']);
  relations.depend('b', 'a');
  relations.leave('a');
  relations.leave('c');
  relations.forget('d');
  expect(new Set(relations.takeTag('t').keys())).toEqual(new Set(['a', 'b']));
  relations.forget('b');
  expect(relations.isEmpty).toBe(true);
});

test('a tag that was taken and the one of the same name that came after do not disturb each other', () => {
  const relations = new Relations();
  relations.tag('a', ['t']);
  const taken = relations.takeTag('t');
  relations.tag('b', ['t']);
  relations.forget('a');
  expect([taken.size, [...relations.takeTag('t').keys()]]).toEqual([0, ['b']]);
});

test('clear forgets all', () => {
  const relations = new Relations();
  relations.tag('a', ['t']);
  relations.depend('a', 'b');
  relations.clear();
  expect([relations.isEmpty, relations.dependentsOf('b'), relations.takeTag('t').size]).toEqual([true, [], 0]);
});

test('once every key has left or been forgotten, in any order and with circles, nothing is kept', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const edges = fc.array(fc.tuple(key, key), { maxLength: 15 });
  const departures = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
  fc.assert(
    fc.property(edges, departures, fc.infiniteStream(fc.boolean()), (pairs, leaving, coins) => {
      const relations = new Relations();
      for (const [made, source] of pairs) relations.depend(made, source);
      for (const name of ['a', 'b', 'c', 'd', 'e']) relations.tag(name, ['all', name]);
      for (const name of leaving) {
        if (coins.next().value) relations.leave(name);
        else relations.forget(name);
      }
      expect([relations.isEmpty, relations.takeTag('all').size]).toEqual([true, 0]);
    }),
    { numRuns: runs(100, 17) },
  );
});
