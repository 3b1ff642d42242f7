import { expect, test, vi } from 'vitest';
import { Deque } from '../../src/resilience/deque.js';
import { WaitQueue } from '../../src/resilience/wait-queue.js';

test('the head is admitted or refused, the others stay in order', async () => {
  const queue = new WaitQueue<string>(10);
  const waiting = ['a', 'b', 'c'].map((name) => queue.wait(name));
  expect([queue.head(), queue.size]).toEqual(['a', 3]);
  queue.admit();
  expect([queue.head(), queue.size]).toEqual(['b', 2]);
  queue.refuse(new Error('not today'));
  expect([queue.head(), queue.size]).toEqual(['c', 1]);
  await expect(waiting[0]).resolves.toBeUndefined();
  await expect(waiting[1]).rejects.toThrow('not today');
});

test('an empty queue has no head, and admitting or refusing it does nothing', () => {
  const queue = new WaitQueue<string>(10);
  queue.admit();
  queue.refuse(new Error('nobody there'));
  expect([queue.head(), queue.size]).toEqual([undefined, 0]);
});

test('onLeave is told of those who leave, not of those who are admitted or refused', async () => {
  const left: string[] = [];
  const queue = new WaitQueue<string>(10, (name) => left.push(`${name}, ${queue.size} stay`));
  const controller = new AbortController();
  void queue.wait('admitted', controller.signal);
  const refused = queue.wait('refused', controller.signal);
  const leaver = queue.wait('leaver', controller.signal);
  queue.admit();
  queue.refuse(new Error('not today'));
  controller.abort('gone');
  await expect(refused).rejects.toThrow('not today');
  await expect(leaver).rejects.toBe('gone');
  expect(left).toEqual(['leaver, 0 stay']);
});

test('leavers behind one who stays are swept out of memory, without looking at each again and again', async () => {
  let largest = 0;
  let swept = 0;
  const { push, keep } = Deque.prototype;
  vi.spyOn(Deque.prototype, 'push').mockImplementation(function (this: Deque<unknown>, item: unknown) {
    push.call(this, item);
    largest = Math.max(largest, this.size);
  });
  vi.spyOn(Deque.prototype, 'keep').mockImplementation(function (this: Deque<unknown>, isKept) {
    swept += this.size;
    keep.call(this, isKept);
  });
  const queue = new WaitQueue<number>(10);
  void queue.wait(0);
  const leavers: Promise<unknown>[] = [];
  for (let i = 1; i <= 2_000; i++) {
    const controller = new AbortController();
    leavers.push(queue.wait(i, controller.signal).catch(() => {}));
    controller.abort();
  }
  await Promise.all(leavers);
  expect([queue.size, queue.head()]).toEqual([1, 0]);
  expect(largest).toBeLessThan(50);
  expect(swept).toBeLessThan(3 * 2_000);
});
