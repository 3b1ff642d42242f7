import { expect, test } from 'vitest';
import { type DueTask, runOpenLoop, type Timing } from '../../src/demo/open-loop.js';

/** Time that passes only in waits. */
function createTiming(): Timing & { now: number } {
  return {
    now: 0,
    nowMs() {
      return this.now;
    },
    async wait(delayMs) {
      this.now += delayMs;
    },
  };
}

test('each task starts when it is due, though none before it has ended', async () => {
  const timing = createTiming();
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const tasks = [5, 10, 10, 40].map(
    (dueMs): DueTask => ({
      dueMs,
      run: () => {
        started.push(timing.now);
        if (dueMs === 40) for (const end of ends) end();
        return dueMs === 40 ? undefined : new Promise<void>((resolve) => ends.push(resolve));
      },
    }),
  );
  await runOpenLoop(tasks, timing, new AbortController().signal);
  expect(started).toEqual([5, 10, 10, 40]);
  expect(ends).toHaveLength(3);
});

test('a loop that runs late starts what is due at once, without a wait', async () => {
  const timing = createTiming();
  const started: number[] = [];
  const tasks = [1, 2, 3, 100].map((dueMs) => ({
    dueMs,
    run: () => {
      started.push(timing.now);
      if (dueMs === 1) timing.now = 50;
    },
  }));
  await runOpenLoop(tasks, timing, new AbortController().signal);
  expect(started).toEqual([1, 50, 50, 100]);
});

test('an abort starts no further task and waits for those that run', async () => {
  const stop = new AbortController();
  const done: string[] = [];
  const tasks = [
    { dueMs: 1, run: async () => void done.push('first') },
    { dueMs: 2, run: () => stop.abort() },
    { dueMs: 3, run: () => void done.push('third') },
  ];
  await runOpenLoop(tasks, createTiming(), stop.signal);
  expect(done).toEqual(['first']);
});
