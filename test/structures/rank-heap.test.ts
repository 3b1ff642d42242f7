import { describe, expect, test } from 'vitest';
import { RankHeap } from '../../src/structures/rank-heap.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

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
      { numRuns: runs(100, 48) },
    );
  });

  test('keeps the least on top while the top is given other ranks', () => {
    fc.assert(
      fc.property(
        fc.array(rank, { minLength: 1, maxLength: 20 }),
        fc.array(rank, { maxLength: 60 }),
        (ranks, replacements) => {
          // The first items stand there from the start, with rank 0; the others are pushed.
          const first = ranks.filter((given) => given === 0).map((_, id) => id);
          const truth = ranks.toSorted((a, b) => Math.abs(a) - Math.abs(b));
          const heap = new RankHeap(Int32Array.from(first));
          for (let id = first.length; id < truth.length; id++) heap.push(id, truth[id] as number);
          expect(heap.size).toBe(truth.length);
          for (const replacement of replacements) {
            truth[heap.topId] = replacement;
            heap.replaceTop(replacement);
            expect(heap.topRank).toBe(Math.min(...truth));
            expect(truth[heap.topId]).toBe(heap.topRank);
          }
        },
      ),
      { numRuns: runs(100, 38) },
    );
  });

  test('agrees with a sorted list while items come and go, of infinite and equal ranks too', () => {
    const verb = fc.oneof(
      rank,
      fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      fc.constant('pop'),
    );
    fc.assert(
      fc.property(fc.array(verb, { maxLength: 200 }), (verbs) => {
        const heap = new RankHeap();
        const truth = new Map<number, number>();
        for (const [id, given] of verbs.entries()) {
          if (typeof given === 'number') {
            heap.push(id, given);
            truth.set(id, given);
          } else if (heap.size > 0) {
            truth.delete(heap.topId);
            heap.pop();
          }
          expect(heap.size).toBe(truth.size);
          if (truth.size === 0) continue;
          expect(heap.topRank).toBe(Math.min(...truth.values()));
          expect(truth.get(heap.topId)).toBe(heap.topRank);
        }
      }),
      { numRuns: runs(100, 98) },
    );
  });
});
