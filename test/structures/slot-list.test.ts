import { describe, expect, test } from 'vitest';
import { NONE } from '../../src/core/bits.js';
import { SlotList } from '../../src/structures/slot-list.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

/** From the first to the last, when that is also what the links back and the size say. */
function walk(list: SlotList): number[] {
  const slots: number[] = [];
  let before = NONE;
  for (let slot = list.first; slot !== NONE; slot = list.after(slot)) {
    if (list.before(slot) !== before) expect.unreachable(`before ${slot} stands ${list.before(slot)}`);
    slots.push(slot);
    before = slot;
  }
  expect([list.last, list.size]).toEqual([before, slots.length]);
  return slots;
}

const SLOTS = 24;

describe('SlotList', () => {
  test('two lists that share their links agree with arrays under any mix of verbs', () => {
    const step = fc.record({
      slot: fc.nat(SLOTS - 1),
      verb: fc.constantFrom('append', 'prepend', 'insert', 'move', 'unlink'),
      place: fc.nat(SLOTS),
      side: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const lists = [new SlotList(), new SlotList()] as const;
        for (const slotCount of [SLOTS / 2, SLOTS]) {
          lists[0].grow(slotCount);
          lists[1].shareLinksOf(lists[0]);
        }
        const models: [number[], number[]] = [[], []];
        for (const { slot, verb, place, side } of steps) {
          const holder = models.findIndex((slots) => slots.includes(slot)) as -1 | 0 | 1;
          if (holder !== -1) {
            models[holder] = models[holder].filter((other) => other !== slot);
            if (verb === 'move') {
              lists[holder].moveToLast(slot);
              models[holder].push(slot);
            } else lists[holder].unlink(slot);
          } else if (verb === 'append') {
            lists[side].append(slot);
            models[side].push(slot);
          } else if (verb === 'prepend') {
            lists[side].prepend(slot);
            models[side].unshift(slot);
          } else {
            const index = Math.min(place, models[side].length);
            lists[side].insertAfter(models[side][index - 1] ?? NONE, slot);
            models[side].splice(index, 0, slot);
          }
          expect(lists.map(walk)).toEqual(models);
        }
      }),
      { numRuns: runs(100, 70) },
    );
  });

  test('keeps its links when it grows', () => {
    const list = new SlotList();
    list.grow(2);
    list.append(1);
    list.append(0);
    list.grow(64);
    list.append(63);
    expect(walk(list)).toEqual([1, 0, 63]);
  });

  test('names the first slot but one that is excepted', () => {
    const list = new SlotList();
    list.grow(2);
    expect([list.firstOtherThan(NONE), list.firstOtherThan(0)]).toEqual([NONE, NONE]);
    list.append(0);
    expect([list.firstOtherThan(NONE), list.firstOtherThan(0), list.firstOtherThan(1)]).toEqual([0, NONE, 0]);
    list.append(1);
    expect([list.firstOtherThan(0), list.firstOtherThan(1)]).toEqual([1, 0]);
  });

  test('is empty after clear', () => {
    const list = new SlotList();
    list.grow(2);
    list.append(0);
    list.clear();
    expect(walk(list)).toEqual([]);
    list.append(1);
    expect(walk(list)).toEqual([1]);
  });
});
