import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RankHeap } from '../../src/structures/rank-heap.js';

const rank = fc.record({ priority: fc.nat(3), tick: fc.nat(20) });
type Rank = { readonly priority: number; readonly tick: number };

function compareRanks(a: Rank, b: Rank): number {
  return a.priority - b.priority || a.tick - b.tick;
}

describe('RankHeap', () => {
  test('gives items back in the order of their ranks', () => {
    fc.assert(
      fc.property(fc.array(rank, { maxLength: 100 }), (ranks) => {
        const heap = new RankHeap();
        for (const [id, { priority, tick }] of ranks.entries()) heap.push(id, priority, tick);
        const drained: Rank[] = [];
        const ids = new Set<number>();
        while (heap.size > 0) {
          drained.push({ priority: heap.topPriority, tick: heap.topTick });
          expect(ranks[heap.topId]).toEqual(drained.at(-1));
          ids.add(heap.topId);
          heap.pop();
        }
        expect(ids.size).toBe(ranks.length);
        expect(drained).toEqual([...ranks].sort(compareRanks));
      }),
    );
  });

  test('finds the least item while ranks grow, if the top is refreshed until it is true', () => {
    const growth = fc.record({ id: fc.nat(9), by: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(rank, { minLength: 10, maxLength: 10 }), fc.array(growth), (ranks, growths) => {
        const truth = ranks.map((item) => ({ ...item }));
        const heap = new RankHeap();
        for (const [id, { priority, tick }] of truth.entries()) heap.push(id, priority, tick);
        for (const { id, by } of growths) {
          (truth[id] as { tick: number }).tick += by;
          for (;;) {
            const top = truth[heap.topId] as Rank;
            if (top.priority === heap.topPriority && top.tick === heap.topTick) break;
            heap.replaceTop(top.priority, top.tick);
          }
          const least = [...truth].sort(compareRanks)[0] as Rank;
          expect({ priority: heap.topPriority, tick: heap.topTick }).toEqual(least);
        }
      }),
    );
  });
});
