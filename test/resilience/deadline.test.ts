import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createDeadline } from '../../src/resilience/deadline.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

describe('createDeadline', () => {
  test('its signal aborts with a DeadlineError when time is up', () => {
    const clock = createFakeClock({ startMs: 100 });
    const deadline = createDeadline({ clock, timeoutMs: 50 });
    expect([deadline.atMs, deadline.remainingMs()]).toEqual([150, 50]);
    clock.advance(49);
    expect(deadline.signal.aborted).toBe(false);
    clock.advance(1);
    expect(deadline.signal.reason).toMatchObject({
      code: 'ERR_DEADLINE',
      kind: 'total',
      afterMs: 50,
      retryable: false,
    });
    expect([deadline.remainingMs(), clock.pendingTimers]).toEqual([0, 0]);
  });

  test("the caller's abort comes through with its reason, and ends the timer", () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const deadline = createDeadline({ clock, timeoutMs: 50, signal: caller.signal });
    caller.abort('gone');
    expect([deadline.signal.reason, clock.pendingTimers]).toEqual(['gone', 0]);
  });

  test('an aborted caller is an aborted deadline without a timer', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ clock, timeoutMs: 50, signal: AbortSignal.abort('gone') });
    expect([deadline.signal.reason, clock.pendingTimers]).toEqual(['gone', 0]);
  });

  test('without a timeout there is only the caller', () => {
    const clock = createFakeClock();
    const deadline = createDeadline({ clock, timeoutMs: undefined });
    expect([deadline.atMs, deadline.remainingMs(), clock.pendingTimers]).toEqual([Infinity, Infinity, 0]);
  });

  test('disposed, expired or aborted, neither timer nor listener is left', () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const disposed = createDeadline({ clock, timeoutMs: 50, signal: caller.signal });
    disposed.dispose();
    disposed.dispose();
    const expired = createDeadline({ clock, timeoutMs: 10, signal: caller.signal });
    clock.advance(100);
    expect([disposed.signal.aborted, expired.signal.aborted]).toEqual([false, true]);
    expect([clock.pendingTimers, getEventListeners(caller.signal, 'abort')]).toEqual([0, []]);
  });
});
