import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NONE } from '../../src/core/bits.js';
import { SlotList } from '../../src/structures/slot-list.js';

interface Item {
  readonly slot: number;
  readonly priority: number;
  readonly tick: number;
}

function walk(list: SlotList): Item[] {
  const items: Item[] = [];
  let before = NONE;
  for (let slot = list.first; slot !== NONE; slot = list.after(slot)) {
    expect(list.before(slot)).toBe(before);
    items.push({ slot, priority: list.priorityOf(slot), tick: list.tickOf(slot) });
    before = slot;
  }
  expect(list.last).toBe(before);
  expect(items).toHaveLength(list.size);
  return items;
}

/** An array kept sorted by scanning from the back. */
function placeByRank(items: Item[], item: Item): void {
  let place = items.length;
  for (; place > 0; place--) {
    const other = items[place - 1] as Item;
    if (other.priority < item.priority || (other.priority === item.priority && other.tick <= item.tick)) break;
  }
  items.splice(place, 0, item);
}

const SLOTS = 24;

describe('SlotList', () => {
  test('agrees with a sorted array under any mix of adopt, unlink and append', () => {
    const step = fc.record({
      slot: fc.nat(SLOTS - 1),
      priority: fc.nat(4),
      tick: fc.nat(30),
      atEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, hasPriorities) => {
        const list = new SlotList({ hasPriorities });
        list.grow(SLOTS / 2);
        list.grow(SLOTS);
        const model: Item[] = [];
        for (const { slot, atEnd, ...rank } of steps) {
          const held = model.findIndex((item) => item.slot === slot);
          if (held >= 0) {
            list.unlink(slot);
            model.splice(held, 1);
          } else if (atEnd) {
            const priority = hasPriorities ? 5 : 0;
            const tick = 31 + model.length;
            const greatest = model.at(-1);
            if (greatest !== undefined && greatest.priority === priority && greatest.tick > tick) continue;
            list.append(slot, priority, tick);
            model.push({ slot, priority, tick });
          } else {
            const item = { slot, priority: hasPriorities ? rank.priority : 0, tick: rank.tick };
            list.adopt(slot, item.priority, item.tick);
            placeByRank(model, item);
          }
          expect(walk(list)).toEqual(model);
        }
      }),
    );
  });

  test('keeps links and ranks when it grows', () => {
    const list = new SlotList({ hasPriorities: true });
    list.grow(2);
    list.append(1, 1, 10);
    list.append(0, 2, 5);
    list.grow(64);
    list.append(63, 2, 6);
    expect(walk(list)).toEqual([
      { slot: 1, priority: 1, tick: 10 },
      { slot: 0, priority: 2, tick: 5 },
      { slot: 63, priority: 2, tick: 6 },
    ]);
  });

  test('adopts in the right place after the slot under the cursor has left', () => {
    const list = new SlotList({ hasPriorities: false });
    list.grow(4);
    list.append(0, 0, 10);
    list.adopt(1, 0, 20);
    list.unlink(1);
    list.unlink(0);
    list.adopt(2, 0, 5);
    list.adopt(3, 0, 1);
    expect(walk(list).map((item) => item.slot)).toEqual([3, 2]);
  });

  test('is empty after clear', () => {
    const list = new SlotList({ hasPriorities: false });
    list.grow(2);
    list.adopt(0, 0, 1);
    list.clear();
    expect(walk(list)).toEqual([]);
    list.adopt(1, 0, 1);
    expect(walk(list)).toHaveLength(1);
  });
});
