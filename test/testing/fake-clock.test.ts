import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';

describe('fake clock', () => {
  test('time stands still until it is advanced', () => {
    const clock = createFakeClock({ startMs: 5 });
    expect(clock.nowMs()).toBe(5);
    clock.advance(10);
    expect(clock.nowMs()).toBe(15);
  });

  test('timers run at their due time, by due time and then by creation', () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    clock.setTimer(20, () => seen.push(`late@${clock.nowMs()}`));
    clock.setTimer(10, () => seen.push(`first@${clock.nowMs()}`));
    clock.setTimer(10, () => seen.push(`second@${clock.nowMs()}`));
    clock.advance(19);
    expect(seen).toEqual(['first@10', 'second@10']);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(seen).toEqual(['first@10', 'second@10', 'late@20']);
  });

  test('a timer set by a timer runs in the same advance when it falls due', () => {
    const clock = createFakeClock();
    const seen: number[] = [];
    clock.setTimer(5, () => clock.setTimer(5, () => seen.push(clock.nowMs())));
    clock.advance(10);
    expect(seen).toEqual([10]);
  });

  test('a cancelled timer never runs and no longer counts', () => {
    const clock = createFakeClock();
    let ran = false;
    const cancel = clock.setTimer(1, () => (ran = true));
    cancel();
    cancel();
    clock.advance(10);
    expect(ran).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('advanceAsync settles promises between timers', async () => {
    const clock = createFakeClock();
    const seen: string[] = [];
    async function sleepTwice(): Promise<void> {
      for (const name of ['first', 'second']) {
        await new Promise<void>((resolve) => clock.setTimer(10, resolve));
        seen.push(`${name}@${clock.nowMs()}`);
      }
    }
    const done = sleepTwice();
    await clock.advanceAsync(20);
    expect(seen).toEqual(['first@10', 'second@20']);
    await done;
  });

  test('advanceAsync settles what the last timer started', async () => {
    const clock = createFakeClock();
    let settled = false;
    clock.setTimer(10, () => void Promise.resolve().then(() => (settled = true)));
    await clock.advanceAsync(10);
    expect(settled).toBe(true);
  });

  test('the calendar follows monotonic time and may jump alone', () => {
    const clock = createFakeClock({ wallStartMs: 1000 });
    clock.advance(5);
    expect(clock.wallMs()).toBe(1005);
    clock.setWallMs(50);
    expect([clock.wallMs(), clock.nowMs()]).toEqual([50, 5]);
  });

  test('a timer that re-arms itself without delay is reported instead of hanging', () => {
    const clock = createFakeClock();
    const rearm = (): void => void clock.setTimer(0, rearm);
    rearm();
    expect(() => clock.advance(1)).toThrow(/re-arms itself/);
  });
});
