import { describe, expect, test } from 'vitest';
import { NONE } from '../../src/core/bits.js';
import { mix32 } from '../../src/core/hash.js';
import { HashSlots } from '../../src/structures/hash-slots.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

/** Many of them share a place, or have neighbours: the first 30 of those whose places in a table of 64 are 0..4 or 60..63. */
const CROWDED = Array.from({ length: 2000 }, (_, i) => i - 1000)
  .filter((hash) => (mix32(hash) + 4) % 64 < 9)
  .slice(0, 30);

describe('HashSlots', () => {
  test('agrees with a Map, also where hashes crowd', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(CROWDED.length - 1), { maxLength: 300 }), (picks) => {
        const slots = new HashSlots();
        slots.grow(8);
        const model = new Map<number, number>();
        for (const pick of picks) {
          const hash = CROWDED[pick] as number;
          const known = model.get(hash);
          if (known !== undefined) {
            slots.remove(known);
            model.delete(hash);
          } else {
            if (slots.size === slots.slotCount) slots.grow(2 * slots.slotCount);
            const slot = slots.add(hash);
            model.set(hash, slot);
          }
          const used = new Set(model.values());
          const lost = CROWDED.filter((other) => slots.find(other) !== (model.get(other) ?? NONE));
          const mistaken = [...model].filter(([held, slot]) => slots.hashOf(slot) !== held || slot >= slots.slotCount);
          expect([slots.size, used.size, lost, mistaken]).toEqual([model.size, model.size, [], []]);
        }
      }),
      { numRuns: runs(100, 140) },
    );
  });

  test('finds a hash given as unsigned and as signed', () => {
    const slots = new HashSlots();
    slots.grow(4);
    const slot = slots.add(0xfffffff0);
    expect(slots.find(0xfffffff0)).toBe(slot);
    expect(slots.find(0xfffffff0 | 0)).toBe(slot);
  });
});
