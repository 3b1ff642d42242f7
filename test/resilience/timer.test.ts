import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { setTimeoutTimer, sleep } from '../../src/resilience/timer.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

describe('sleep', () => {
  test('it ends after its delay and leaves no listener', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    let endedAtMs = -1;
    const sleeping = sleep(clock, 50, signal).then(() => (endedAtMs = clock.nowMs()));
    await clock.advanceAsync(100);
    await sleeping;
    expect([endedAtMs, getEventListeners(signal, 'abort')]).toEqual([50, []]);
  });

  test('an abort ends it at once with the reason and leaves no timer', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const sleeping = sleep(clock, 50, controller.signal);
    controller.abort('gone');
    await expect(sleeping).rejects.toBe('gone');
    expect(clock.pendingTimers).toBe(0);
  });

  test('an aborted signal rejects without a timer', async () => {
    const clock = createFakeClock();
    await expect(sleep(clock, 50, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('setTimeoutTimer', () => {
  test('it runs one turn after all timers that were due with it', () => {
    const clock = createFakeClock();
    const order: string[] = [];
    setTimeoutTimer(clock, 10, () => order.push(`timeout@${clock.nowMs()}`));
    clock.setTimer(10, () => order.push(`answer@${clock.nowMs()}`));
    clock.advance(10);
    expect(order).toEqual(['answer@10', 'timeout@10']);
  });

  test('it can be cancelled before its delay and in its extra turn', () => {
    const clock = createFakeClock();
    let runs = 0;
    setTimeoutTimer(clock, 10, () => runs++)();
    const cancel = setTimeoutTimer(clock, 10, () => runs++);
    clock.setTimer(10, () => cancel());
    clock.advance(100);
    expect([runs, clock.pendingTimers]).toEqual([0, 0]);
  });
});
