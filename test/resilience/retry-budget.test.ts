import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { retryAfter } from '../../src/resilience/retry.js';
import { RetryBudget } from '../../src/resilience/retry-budget.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

describe('retry budget', () => {
  test('five requests pay for one retry', () => {
    const budget = new RetryBudget({ clock: createFakeClock(), minPerSecond: 0 });
    for (let i = 0; i < 4; i++) budget.deposit();
    expect(budget.tryWithdraw()).toBe(false);
    budget.deposit();
    expect([budget.tryWithdraw(), budget.tryWithdraw()]).toEqual([true, false]);
  });

  test('a credit starts to fade only when it is deposited', () => {
    const clock = createFakeClock();
    const budget = new RetryBudget({ clock, minPerSecond: 0 });
    clock.advance(60_000);
    for (let i = 0; i < 5; i++) budget.deposit();
    expect(budget.balance).toBe(1);
  });

  test('without requests the free allowance is three a second, saved up for at most ten', () => {
    const clock = createFakeClock();
    const budget = new RetryBudget({ clock });
    for (let i = 0; i < 30; i++) expect(budget.tryWithdraw()).toBe(true);
    expect(budget.tryWithdraw()).toBe(false);
    clock.advance(1_000);
    for (let i = 0; i < 3; i++) expect(budget.tryWithdraw()).toBe(true);
    expect(budget.tryWithdraw()).toBe(false);
    clock.advance(3_600_000);
    expect(budget.balance).toBe(30);
  });

  test('credit fades away with a mean life of windowMs', () => {
    const clock = createFakeClock();
    const budget = new RetryBudget({ clock, share: 1, minPerSecond: 0, windowMs: 10_000 });
    for (let i = 0; i < 100; i++) budget.deposit();
    clock.advance(10_000);
    expect(budget.balance).toBeCloseTo(100 / Math.E, 9);
    clock.advance(100_000);
    expect(budget.tryWithdraw()).toBe(false);
  });

  test('retries never exceed their share of the requests plus the free allowance', () => {
    const anyStep = fc.oneof(
      fc.constant('request' as const),
      fc.constant('retry' as const),
      fc.record({ waitMs: fc.nat(20_000) }),
    );
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
        const clock = createFakeClock();
        const budget = new RetryBudget({ clock });
        let requests = 0;
        let retries = 0;
        for (const step of steps) {
          if (step === 'request') {
            budget.deposit();
            requests++;
          } else if (step === 'retry') retries += budget.tryWithdraw() ? 1 : 0;
          else clock.advance(step.waitMs);
          expect(retries).toBeLessThanOrEqual(0.2 * requests + (3 * clock.nowMs()) / 1000 + 30 + 1e-6);
        }
      }),
    );
  });
});

test('five minutes of 100 failing requests a second make at most 1.2 attempts a request plus the allowance', async () => {
  const clock = createFakeClock();
  const budget = new RetryBudget({ clock });
  const random = createRandom(1);
  const seconds = 300;
  let requests = 0;
  let attempts = 0;
  const down = new Error('down');
  const run = async (): Promise<never> => {
    attempts++;
    throw down;
  };
  const classify = (): { retryable: true } => ({ retryable: true });
  const options = { retries: 5, delayMs: 100, clock, random, classify, budget };
  const outcomes: Promise<unknown>[] = [];
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    for (let i = 0; i < 10; i++) {
      requests++;
      budget.deposit();
      const first = run().catch((error: unknown) => retryAfter(error, run, options));
      outcomes.push(first.catch(() => undefined));
    }
    await clock.advanceAsync(100);
  }
  await clock.advanceAsync(60_000);
  await Promise.all(outcomes);
  expect(attempts).toBeGreaterThan(requests);
  expect(attempts).toBeLessThanOrEqual(1.2 * requests + 3 * (seconds + 60 + 10));
  expect(clock.pendingTimers).toBe(0);
});
