import { describe, expect, test } from 'vitest';
import { SlotStack } from '../../src/structures/slot-stack.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

describe('SlotStack', () => {
  test('hands out fresh slots in ascending order and returned ones last in, first out', () => {
    const stack = new SlotStack();
    stack.grow(4);
    expect([stack.take(), stack.take(), stack.take()]).toEqual([0, 1, 2]);
    stack.give(0);
    stack.give(2);
    expect([stack.take(), stack.take(), stack.take()]).toEqual([2, 0, 3]);
  });

  test('never hands out a slot twice', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(50)), { maxLength: 200 }), (steps) => {
        const stack = new SlotStack();
        stack.grow(steps.length);
        const out: number[] = [];
        for (const step of steps) {
          if (step !== null && out.length > 0) stack.give(out.splice(step % out.length, 1)[0] ?? -1);
          else out.push(stack.take());
          const everything = [...out, ...stack.freeSlots()].sort((a, b) => a - b);
          expect(everything.filter((slot, i) => slot !== i)).toEqual([]);
          expect([stack.size, stack.highWater]).toEqual([out.length, everything.length]);
        }
      }),
      { numRuns: runs(100, 98) },
    );
  });

  test('starts from zero again after clear', () => {
    const stack = new SlotStack();
    stack.grow(2);
    stack.take();
    stack.give(stack.take());
    stack.clear();
    expect(stack.size).toBe(0);
    expect(stack.take()).toBe(0);
  });
});
