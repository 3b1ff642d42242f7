import { expect, test } from 'vitest';
import { ShareBudget } from '../../src/resilience/share-budget.js';
import { fc } from '../support/property.js';

test('the first extra call is free, each further one is paid for by 1 / share calls', () => {
  const budget = new ShareBudget({ share: 0.05 });
  budget.take();
  for (let i = 0; i < 19; i++) budget.earn();
  expect(budget.canTake).toBe(false);
  budget.earn();
  expect(budget.canTake).toBe(true);
});

test('extra calls never exceed 1 + share * calls, nor burst in a row', () => {
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.array(fc.boolean(), { maxLength: 500 }), (share, isCall) => {
      const budget = new ShareBudget({ share, burst: 3 });
      let earned = 0;
      let taken = 0;
      let row = 0;
      for (const earns of isCall) {
        if (earns) {
          budget.earn();
          earned++;
          row = 0;
        } else if (budget.canTake) {
          budget.take();
          taken++;
          row++;
        }
        expect(taken).toBeLessThanOrEqual(1 + share * earned + 1e-6);
        expect(row).toBeLessThanOrEqual(3);
      }
    }),
  );
});
