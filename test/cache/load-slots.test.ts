import { expect, test } from 'vitest';
import { LoadSlots } from '../../src/cache/load-slots.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('never more loads run in a shard than its limit, and all run in the end, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(1), { maxLength: 12 }), async (limit, shards) => {
      const slots = new LoadSlots(limit);
      const running = [0, 0];
      const started: number[] = [];
      const loads = shards.map(async (shard, index) => {
        const release = await slots.acquire(shard, never);
        started.push(index);
        running[shard] = (running[shard] ?? 0) + 1;
        expect(running[shard]).toBeLessThanOrEqual(limit);
        await settle();
        running[shard] = (running[shard] ?? 0) - 1;
        release();
      });
      await Promise.all(loads);
      for (const shard of [0, 1]) {
        const inOrder = started.filter((index) => shards[index] === shard);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
      }
      expect(started).toHaveLength(shards.length);
    }),
    { numRuns: runs(100, 6) },
  );
});

test('who leaves the queue takes no slot, and a higher limit admits those who wait', async () => {
  const slots = new LoadSlots(1);
  const release = await slots.acquire(0, never);
  const controller = new AbortController();
  const left = expect(slots.acquire(0, controller.signal)).rejects.toThrow('left');
  let admitted = 0;
  const waiting = [1, 2].map(() => slots.acquire(0, never).then(() => admitted++));
  controller.abort(new Error('left'));
  await left;
  slots.setLimit(2);
  await settle();
  expect([admitted, slots.waits]).toEqual([1, 3]);
  release();
  await Promise.all(waiting);
});
