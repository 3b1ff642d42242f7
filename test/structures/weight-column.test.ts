import { describe, expect, test } from 'vitest';
import { WeightColumn } from '../../src/structures/weight-column.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const SLOTS = 24;
const EDGES = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];

describe('WeightColumn', () => {
  test('agrees with an array of numbers, the narrow and the wide, also when it grows', () => {
    const weight = fc.oneof(fc.constantFrom(...EDGES), fc.maxSafeNat());
    const step = fc.record({ slot: fc.nat(SLOTS - 1), weight, grows: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const column = new WeightColumn();
        const truth: number[] = [];
        for (const { slot, weight: given, grows } of steps) {
          if (slot >= truth.length || (grows && truth.length < 2 * SLOTS)) {
            while (truth.length <= slot) truth.push(0);
            column.grow(truth.length);
          }
          column.set(slot, given);
          truth[slot] = given;
          expect(truth.filter((held, other) => column.get(other) !== held)).toEqual([]);
        }
      }),
      { numRuns: runs(100, 57) },
    );
  });
});
