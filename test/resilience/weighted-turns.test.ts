import { expect, test } from 'vitest';
import { takeTurn } from '../../src/resilience/weighted-turns.js';
import { fc } from '../support/property.js';

const takerOf = (weight: number): { weight: number; credit: number } => ({ weight, credit: 0 });

test('three to one gives three turns of four, and not in a row', () => {
  const [often, rarely] = [takerOf(3), takerOf(1)];
  const turns = Array.from({ length: 8 }, () => (takeTurn([often, rarely]) === often ? 'o' : 'r'));
  expect(turns.join('')).toBe('ooroooro');
});

test('nobody has a turn among nobody', () => {
  expect(takeTurn([])).toBeUndefined();
});

test('after any number of turns each has its share, to less than one turn for each candidate', () => {
  const anyWeights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(anyWeights, fc.integer({ min: 1, max: 500 }), (weights, turns) => {
      const takers = weights.map(takerOf);
      const counts = new Map(takers.map((taker) => [taker, 0]));
      for (let i = 0; i < turns; i++) {
        const taken = takeTurn(takers) as (typeof takers)[number];
        counts.set(taken, (counts.get(taken) ?? 0) + 1);
      }
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [taker, count] of counts)
        expect(Math.abs(count - (turns * taker.weight) / total)).toBeLessThan(takers.length);
    }),
  );
});

test('whoever comes and goes, the credits add up to nothing and stay bounded', () => {
  const scene = fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }),
    present: fc.array(fc.nat(31), { minLength: 1, maxLength: 300 }),
  });
  fc.assert(
    fc.property(scene, ({ weights, present }) => {
      const takers = weights.map(takerOf);
      for (const mask of present) takeTurn(takers.filter((_, i) => (mask & (1 << i)) !== 0));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(takers.reduce((sum, taker) => sum + taker.credit, 0)).toBe(0);
      for (const taker of takers) expect(Math.abs(taker.credit)).toBeLessThan(total * takers.length);
    }),
  );
});
