import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createSystemClock } from '../../src/core/clock.js';

test('readings never go back and are fresh again after 256 of them', () => {
  const clock = createSystemClock();
  const first = clock.nowMs();
  let last = first;
  for (let i = 0; i < 100_000; i++) {
    const now = clock.nowMs();
    expect(now >= last).toBe(true);
    last = now;
  }
  expect(last).toBeGreaterThan(first);
});

test('a reading is dropped by the timer phase, however few reads there were', async () => {
  const clock = createSystemClock();
  const first = clock.nowMs();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(clock.nowMs()).toBeGreaterThan(first);
});

test('another thread reads the same time', async () => {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.postMessage(Number(process.hrtime.bigint()) / 1e6);
  `;
  const clock = createSystemClock();
  const before = clock.nowMs();
  const worker = new Worker(source, { eval: true });
  const theirs = await new Promise<number>((resolve) => worker.once('message', resolve));
  await worker.terminate();
  expect(theirs).toBeGreaterThan(before);
  expect(theirs).toBeLessThan(createSystemClock().nowMs() + 1);
});

test('a timer fires once, and not after it was cancelled', async () => {
  const clock = createSystemClock();
  const fired: string[] = [];
  const cancel = clock.setTimer(1, () => fired.push('cancelled'));
  cancel();
  const keepAlive = setInterval(() => undefined, 5);
  await new Promise<void>((resolve) => {
    clock.setTimer(2, () => {
      fired.push('kept');
      resolve();
    });
  });
  clearInterval(keepAlive);
  expect(fired).toEqual(['kept']);
});
