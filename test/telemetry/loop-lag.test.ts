import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { LoopLag } from '../../src/telemetry/loop-lag.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

/** A clock whose timers run when the loop comes round: `stopLoop` lets time pass in which it does not. */
function createStoppableClock(): { readonly clock: Clock; readonly time: FakeClock; stopLoop(ms: number): void } {
  const time = createFakeClock();
  let stoppedMs = 0;
  return {
    time,
    clock: { ...time, nowMs: () => time.nowMs() + stoppedMs },
    stopLoop(ms) {
      stoppedMs += ms;
    },
  };
}

test('tells by how much the loop was late, and nothing while it is in time', () => {
  const { clock, time, stopLoop } = createStoppableClock();
  const lag = new LoopLag(clock, () => true);
  lag.start();
  time.advance(1000);
  expect(lag.summary()).toMatchObject({ count: 20, maxMs: 0 });
  time.advance(20);
  stopLoop(500);
  time.advance(30);
  expect(lag.summary()).toMatchObject({ count: 21, p50Ms: 0, maxMs: 500 });
  time.advance(50);
  expect(lag.summary()).toMatchObject({ count: 22, p50Ms: 0, maxMs: 500 });
});

test('looks while somebody is at work, with one timer for all work, and then no more', () => {
  const time = createFakeClock();
  let isBusy = true;
  const lag = new LoopLag(time, () => isBusy);
  for (let i = 0; i < 10; i++) {
    lag.start();
    expect(time.pendingTimers).toBe(1);
    time.advance(9);
  }
  expect(lag.summary()).toMatchObject({ count: 1, maxMs: 0 });
  isBusy = false;
  time.advance(1000);
  expect(time.pendingTimers).toBe(0);
  expect(lag.summary().count).toBe(2);
  lag.start();
  expect(time.pendingTimers).toBe(1);
  lag.stop();
  lag.stop();
  expect(time.pendingTimers).toBe(0);
  time.advance(1000);
  expect(lag.summary().count).toBe(2);
});
