import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Random } from '../../src/core/random.js';
import { createRandom } from '../../src/core/random.js';
import { backoffDelayMs } from '../../src/resilience/backoff.js';
import { type RetryEvent, type RetryOptions, retryAfter } from '../../src/resilience/retry.js';
import { RetryBudget } from '../../src/resilience/retry-budget.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

/** Answers `share` of every jitter: 1 makes each wait as long as it can be. */
function fixedRandom(share: number): Random {
  return { next: () => share, nextInt: (bound) => Math.floor(share * bound) };
}

class StatusError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, retryAfterMs?: number) {
    super(`answered ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

function classify(error: unknown): { retryable: boolean; retryAfterMs: number | undefined } {
  return error instanceof StatusError
    ? { retryable: error.status >= 429, retryAfterMs: error.retryAfterMs }
    : { retryable: true, retryAfterMs: undefined };
}

/** A service that answers with the given errors, then with 'ok'; keeps the time of each call. */
function createService(
  clock: FakeClock,
  errors: readonly unknown[],
): { call: () => Promise<string>; calledAtMs: number[] } {
  const calledAtMs: number[] = [];
  return {
    calledAtMs,
    call: async () => {
      calledAtMs.push(clock.nowMs());
      const index = calledAtMs.length - 1;
      if (index < errors.length) throw errors[index];
      return 'ok';
    },
  };
}

function createOptions(clock: FakeClock, options: Partial<RetryOptions> = {}): RetryOptions {
  return { retries: 3, delayMs: 1_000, clock, random: fixedRandom(1), classify, ...options };
}

/** The first attempt, and what follows when it fails: how the client asks. */
async function ask<T>(run: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  try {
    return await run(1);
  } catch (error) {
    return retryAfter(error, run, options);
  }
}

/** Runs to the end under the fake clock. */
async function finish<T>(clock: FakeClock, promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const outcome = Promise.allSettled([promise]);
  await clock.advanceAsync(10_000_000);
  return (await outcome)[0];
}

const unavailable = (): StatusError => new StatusError(503);

describe('attempts', () => {
  test('503, 503, 503, 200 with three retries is four calls and a success', async () => {
    const clock = createFakeClock();
    const service = createService(clock, [unavailable(), unavailable(), unavailable()]);
    const outcome = await finish(clock, ask(service.call, createOptions(clock)));
    expect(outcome).toEqual({ status: 'fulfilled', value: 'ok' });
    expect(service.calledAtMs).toEqual([0, 1_000, 3_000, 7_000]);
  });

  test('the attempt number is passed, from 1', async () => {
    const clock = createFakeClock();
    const attempts: number[] = [];
    const run = async (attempt: number): Promise<void> => {
      attempts.push(attempt);
      throw unavailable();
    };
    await finish(clock, ask(run, createOptions(clock, { retries: 2 })));
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('when retries are used up the last error comes through as it was thrown', async () => {
    const clock = createFakeClock();
    const errors = [unavailable(), unavailable()];
    const outcome = await finish(clock, ask(createService(clock, errors).call, createOptions(clock, { retries: 1 })));
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.toSatisfy((error) => error === errors[1]) });
  });

  test('zero retries is one call', async () => {
    const clock = createFakeClock();
    const service = createService(clock, [unavailable()]);
    await finish(clock, ask(service.call, createOptions(clock, { retries: 0 })));
    expect(service.calledAtMs).toEqual([0]);
  });

  test('an error that cannot heal is not tried again', async () => {
    const clock = createFakeClock();
    const service = createService(clock, [new StatusError(400)]);
    const outcome = await finish(clock, ask(service.call, createOptions(clock)));
    expect(outcome).toMatchObject({ status: 'rejected', reason: { status: 400 } });
    expect([service.calledAtMs.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  test.each([
    ['a TypeError', new TypeError('x is not a function')],
    ['a string', 'just a string'],
    ['undefined', undefined],
  ])('%s is retried and comes through unchanged', async (_name, thrown) => {
    const clock = createFakeClock();
    const service = createService(clock, [thrown, thrown]);
    const outcome = await finish(clock, ask(service.call, createOptions(clock, { retries: 1 })));
    expect(service.calledAtMs).toHaveLength(2);
    expect(outcome.status === 'rejected' && outcome.reason === thrown).toBe(true);
  });

  test('a function that throws instead of rejecting is retried too', async () => {
    const clock = createFakeClock();
    let calls = 0;
    const run = (): Promise<string> => {
      if (++calls === 1) throw unavailable();
      return Promise.resolve('ok');
    };
    expect(await finish(clock, ask(run, createOptions(clock)))).toMatchObject({ value: 'ok' });
  });
});

describe('backoff', () => {
  test('ceilings double up to the maximum', async () => {
    const clock = createFakeClock();
    const service = createService(clock, Array(5).fill(unavailable()));
    await finish(clock, ask(service.call, createOptions(clock, { retries: 5, delayMs: 5_000, maxDelayMs: 30_000 })));
    const waits = service.calledAtMs.slice(1).map((atMs, index) => atMs - (service.calledAtMs[index] ?? 0));
    expect(waits).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
  });

  test('jitter is full: any wait from nothing to the ceiling', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(60_000), fc.nat(60_000), fc.nat(2_000), (seed, delayMs, maxDelayMs, retryIndex) => {
        const waitMs = backoffDelayMs({ delayMs, maxDelayMs, random: createRandom(seed) }, retryIndex);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(maxDelayMs, delayMs * 2 ** Math.min(retryIndex, 52)));
      }),
    );
  });

  test.each([
    ['adds the jitter to what the upstream asks for', 2_000, 2_500],
    ['follows a wish of zero with the computed wait', 0, 500],
    ['cuts a long wish to a minute', 600_000, 60_000],
    ['ignores a negative wish', -5, 500],
    ['ignores a wish of years', 1e12, 500],
    ['ignores what is not a number', Number.NaN, 500],
  ])('retry-after: %s', (_name, retryAfterMs, expectedMs) => {
    const backoff = { delayMs: 1_000, maxDelayMs: 30_000, random: fixedRandom(0.5) };
    expect(backoffDelayMs(backoff, 0, retryAfterMs)).toBe(expectedMs);
  });

  test('a retry-after never makes a wait shorter than the computed one', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.nat(120_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (wish, maxDelayMs, share) => {
          const backoff = { delayMs: 100_000, maxDelayMs, random: fixedRandom(share) };
          const waitMs = backoffDelayMs(backoff, 0, wish);
          expect(waitMs).toBeGreaterThanOrEqual(backoffDelayMs(backoff, 0));
          expect(waitMs).toBeLessThanOrEqual(Math.max(60_000, maxDelayMs));
        },
      ),
    );
  });

  test('the retry-after of an error moves the next attempt', async () => {
    const clock = createFakeClock();
    const service = createService(clock, [new StatusError(429, 7_000)]);
    await finish(clock, ask(service.call, createOptions(clock, { random: fixedRandom(0) })));
    expect(service.calledAtMs).toEqual([0, 7_000]);
  });
});

describe('limits', () => {
  test('a wait that would reach the deadline is not begun: the last error comes at once', async () => {
    const clock = createFakeClock();
    const service = createService(clock, [unavailable(), unavailable()]);
    let failedAtMs = -1;
    const promise = ask(service.call, createOptions(clock, { timeLimit: { atMs: 3_000 } })).catch((error: unknown) => {
      failedAtMs = clock.nowMs();
      throw error;
    });
    expect(await finish(clock, promise)).toMatchObject({ reason: { status: 503 } });
    expect([service.calledAtMs, failedAtMs]).toEqual([[0, 1_000], 1_000]);
  });

  test('an empty budget ends the retries', async () => {
    const clock = createFakeClock();
    const budget = new RetryBudget({ clock, minPerSecond: 0 });
    for (let i = 0; i < 5; i++) budget.deposit();
    const service = createService(clock, Array(9).fill(unavailable()));
    await finish(clock, ask(service.call, createOptions(clock, { retries: 9, delayMs: 0, budget })));
    expect(service.calledAtMs).toHaveLength(2);
  });

  test('onRetry is told attempt, wait and error of each retry that is made', async () => {
    const clock = createFakeClock();
    const events: RetryEvent[] = [];
    const errors = [unavailable(), unavailable(), new StatusError(400)];
    const onRetry = (event: RetryEvent): void => void events.push(event);
    await finish(clock, ask(createService(clock, errors).call, createOptions(clock, { onRetry })));
    expect(events).toEqual([
      { attempt: 1, delayMs: 1_000, error: errors[0] },
      { attempt: 2, delayMs: 2_000, error: errors[1] },
    ]);
  });
});

describe('abort', () => {
  test('during the wait: rejects at once, no further attempt, no timer, no listener', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const service = createService(clock, [unavailable(), unavailable()]);
    const promise = ask(service.call, createOptions(clock, { signal: controller.signal }));
    await clock.advanceAsync(500);
    controller.abort('gone');
    await expect(promise).rejects.toBe('gone');
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(100_000);
    expect(service.calledAtMs).toEqual([0]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('during an attempt that then fails: the reason, and no further attempt', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    let calls = 0;
    const run = async (): Promise<never> => {
      calls++;
      controller.abort('gone');
      throw unavailable();
    };
    await expect(ask(run, createOptions(clock, { signal: controller.signal }))).rejects.toBe('gone');
    expect([calls, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('before the first attempt has failed: the reason, and no attempt more', async () => {
    const clock = createFakeClock();
    const service = createService(clock, []);
    const signal = AbortSignal.abort('gone');
    await expect(retryAfter(unavailable(), service.call, createOptions(clock, { signal }))).rejects.toBe('gone');
    expect([service.calledAtMs, clock.pendingTimers]).toEqual([[], 0]);
  });

  test('after the answer has come: the answer stands', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const run = async (): Promise<string> => {
      controller.abort('too late');
      return 'ok';
    };
    const answer = retryAfter(unavailable(), run, createOptions(clock, { signal: controller.signal }));
    expect(await finish(clock, answer)).toMatchObject({ value: 'ok' });
  });
});
