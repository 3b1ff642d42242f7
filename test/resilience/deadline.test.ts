import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createDeadline, withTimeout } from '../../src/resilience/deadline.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

const never = (): Promise<never> => new Promise(() => {});

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

describe('withTimeout', () => {
  test('work that ends in time passes its value on and leaves nothing', async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const value = await withTimeout({ clock, timeoutMs: 50, signal }, async () => 'value');
    expect(value).toBe('value');
    expect([clock.pendingTimers, getEventListeners(signal, 'abort')]).toEqual([0, []]);
  });

  test('work that fails passes its error on and leaves nothing', async () => {
    const clock = createFakeClock();
    const failing = (): Promise<never> => Promise.reject(new Error('down'));
    await expect(withTimeout({ clock, timeoutMs: 50 }, failing)).rejects.toThrow('down');
    expect(clock.pendingTimers).toBe(0);
  });

  test('when time is up it rejects at once, also if the work does not listen', async () => {
    const clock = createFakeClock();
    let given: AbortSignal | undefined;
    const result = withTimeout({ clock, timeoutMs: 50, kind: 'connect' }, (signal) => {
      given = signal;
      return never();
    });
    const rejected = expect(result).rejects.toMatchObject({ name: 'DeadlineError', kind: 'connect', retryable: true });
    await clock.advanceAsync(50);
    await rejected;
    expect(given?.aborted).toBe(true);
  });

  test('on abort it rejects with the reason and leaves nothing', async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const result = withTimeout({ clock, timeoutMs: 50, signal: caller.signal }, never);
    caller.abort('gone');
    await expect(result).rejects.toBe('gone');
    expect([clock.pendingTimers, getEventListeners(caller.signal, 'abort')]).toEqual([0, []]);
  });

  test('with an aborted signal the work is not begun', async () => {
    const clock = createFakeClock();
    let isBegun = false;
    const work = async (): Promise<void> => {
      isBegun = true;
    };
    await expect(withTimeout({ clock, timeoutMs: 50, signal: AbortSignal.abort('gone') }, work)).rejects.toBe('gone');
    expect(isBegun).toBe(false);
  });

  test('an answer that a late timer finds already there wins over the timeout', async () => {
    const clock = createFakeClock();
    // Both are due while the loop is blocked: the timeout's timer runs first, the answer in the turn after it.
    const result = withTimeout(
      { clock, timeoutMs: 50 },
      () => new Promise((resolve) => clock.setTimer(50, () => resolve('in time'))),
    );
    await clock.advanceAsync(50);
    await expect(result).resolves.toBe('in time');
  });
});
