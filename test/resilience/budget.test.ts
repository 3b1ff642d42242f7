import { describe, expect, test } from 'vitest';
import { Budget, type Reservation } from '../../src/resilience/budget.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

const HOUR_MS = 3_600_000;

describe('a budget', () => {
  test('takes reservations up to its limit, a hundred of a hundredth included', () => {
    const budget = new Budget({ clock: createFakeClock(), limit: 1, windowMs: HOUR_MS });
    for (let i = 0; i < 100; i++) budget.reserve(0.01);
    expect(() => budget.reserve(0.01)).toThrow(expect.objectContaining({ code: 'ERR_BUDGET_EXCEEDED' }));
  });

  test('says how long until it is renewed, and is renewed then', async () => {
    const clock = createFakeClock({ startMs: 12_345 });
    const budget = new Budget({ clock, limit: 10, windowMs: HOUR_MS });
    budget.reserve(10).settle(10);
    clock.advance(HOUR_MS / 4);
    expect(() => budget.reserve(1)).toThrow(expect.objectContaining({ retryAfterMs: (HOUR_MS * 3) / 4 }));
    clock.advance((HOUR_MS * 3) / 4);
    expect(budget.used).toBe(0);
    budget.reserve(10);
  });

  test('refuses what fits into no window, with another code and no time', () => {
    const budget = new Budget({ clock: createFakeClock(), limit: 10, windowMs: HOUR_MS });
    const refused = { code: 'ERR_BUDGET_COST', retryAfterMs: undefined, retryable: false };
    expect(() => budget.reserve(11)).toThrow(expect.objectContaining(refused));
  });

  test('is not renewed by a jump of the calendar', () => {
    const clock = createFakeClock();
    const budget = new Budget({ clock, limit: 10, windowMs: HOUR_MS });
    budget.reserve(10);
    clock.setWallMs(clock.wallMs() + 365 * 24 * HOUR_MS);
    expect(() => budget.reserve(1)).toThrow(expect.objectContaining({ code: 'ERR_BUDGET_EXCEEDED' }));
  });

  test('work that outlives its window gives nothing back to the next', () => {
    const clock = createFakeClock();
    const budget = new Budget({ clock, limit: 10, windowMs: HOUR_MS });
    const long = budget.reserve(8);
    clock.advance(HOUR_MS);
    const fresh = budget.reserve(9);
    long.settle(3);
    expect(budget.used).toBe(9);
    fresh.release();
    expect([budget.used, budget.outstanding]).toEqual([0, 0]);
  });
});

test('reserved = settled + given back + outstanding, and never above the limit, whatever the order', () => {
  const anyStep = fc.oneof(
    fc.record({ kind: fc.constant('reserve' as const), amount: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ kind: fc.constantFrom('settle' as const, 'release' as const), which: fc.nat(40), share: fc.nat(100) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(1500) }),
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
      const clock = createFakeClock();
      const budget = new Budget({ clock, limit: 100, windowMs: 1000 });
      interface Entry {
        readonly reservation: Reservation;
        readonly amount: number;
        readonly window: number;
        spent: number | undefined;
      }
      const ledger: Entry[] = [];
      const windowNow = (): number => Math.floor(clock.nowMs() / 1000);
      const usedOf = (window: number): number =>
        ledger
          .filter((entry) => entry.window === window)
          .reduce((sum, entry) => sum + (entry.spent ?? entry.amount), 0);
      for (const step of steps) {
        if (step.kind === 'wait') clock.advance(step.ms);
        else if (step.kind === 'reserve') {
          const fits = usedOf(windowNow()) + step.amount <= 100;
          try {
            const reservation = budget.reserve(step.amount);
            expect(fits).toBe(true);
            ledger.push({ reservation, amount: step.amount, window: windowNow(), spent: undefined });
          } catch (error) {
            expect([fits, (error as { code?: string }).code]).toEqual([false, 'ERR_BUDGET_EXCEEDED']);
          }
        } else {
          const entry = ledger[step.which];
          if (entry === undefined) continue;
          const spent = step.kind === 'release' ? 0 : Math.floor((entry.amount * step.share) / 100);
          if (step.kind === 'release') entry.reservation.release();
          else entry.reservation.settle(spent);
          // A second word on the same reservation is not heard.
          entry.spent ??= spent;
        }
        expect(budget.used).toBe(usedOf(windowNow()));
        expect(budget.outstanding).toBe(ledger.filter((entry) => entry.spent === undefined).length);
        expect(budget.used).toBeLessThanOrEqual(100);
      }
    }),
  );
});
