import { expect, test } from 'vitest';
import { createSlots } from '../../src/transport/slots.js';
import { fc } from '../support/property.js';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('slots go to waiters in the order in which they came', async () => {
  const slots = createSlots(1);
  const { signal } = new AbortController();
  const order: number[] = [];
  expect(slots.tryAcquire()).toBe(true);
  expect(slots.tryAcquire()).toBe(false);
  for (const i of [1, 2, 3]) void slots.acquire(signal).then(() => order.push(i));
  for (let i = 0; i < 3; i++) {
    slots.release();
    expect(slots.tryAcquire()).toBe(false);
    await settle();
  }
  expect(order).toEqual([1, 2, 3]);
  slots.release();
  expect(slots.inUse).toBe(0);
});

test('for any order of asking, leaving and releasing, no slot is lost or doubled', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('acquire' as const) }),
    fc.record({ kind: fc.constant('release' as const) }),
    fc.record({ kind: fc.constant('abort' as const), which: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), async (limit, steps) => {
      const slots = createSlots(limit);
      const waiting = new Set<AbortController>();
      let held = 0;
      for (const action of steps) {
        if (action.kind === 'acquire') {
          const controller = new AbortController();
          waiting.add(controller);
          slots.acquire(controller.signal).then(
            () => {
              held++;
              waiting.delete(controller);
            },
            () => waiting.delete(controller),
          );
        } else if (action.kind === 'release' && held > 0) {
          held--;
          slots.release();
        } else if (action.kind === 'abort') [...waiting][action.which % Math.max(waiting.size, 1)]?.abort();
        await Promise.resolve();
        await Promise.resolve();
        expect(slots.inUse).toBeLessThanOrEqual(limit);
        expect(slots.inUse).toBe(held);
        if (waiting.size > 0) expect(held).toBe(limit);
      }
    }),
    { numRuns: 300 },
  );
});
