import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RankHeap } from '../../src/structures/rank-heap.js';

const rank = fc.integer({ min: -5, max: 20 });

function byNumber(a: number, b: number): number {
  return a - b;
}

describe('RankHeap', () => {
  test('gives items back in the order of their ranks', () => {
    fc.assert(
      fc.property(fc.array(rank, { maxLength: 100 }), (ranks) => {
        const heap = new RankHeap();
        for (const [id, given] of ranks.entries()) heap.push(id, given);
        const drained: number[] = [];
        const ids = new Set<number>();
        while (heap.size > 0) {
          drained.push(heap.topRank);
          expect(ranks[heap.topId]).toBe(heap.topRank);
          ids.add(heap.topId);
          heap.pop();
        }
        expect(ids.size).toBe(ranks.length);
        expect(drained).toEqual(ranks.toSorted(byNumber));
      }),
    );
  });

  test('keeps the least on top while the top is given other ranks', () => {
    fc.assert(
      fc.property(fc.array(rank, { minLength: 1, maxLength: 20 }), fc.array(rank), (ranks, replacements) => {
        const heap = new RankHeap();
        const truth = [...ranks];
        for (const [id, given] of ranks.entries()) heap.push(id, given);
        for (const replacement of replacements) {
          truth[heap.topId] = replacement;
          heap.replaceTop(replacement);
          expect(heap.topRank).toBe(Math.min(...truth));
          expect(truth[heap.topId]).toBe(heap.topRank);
        }
      }),
    );
  });
});
