import { expect, test } from 'vitest';
import { RateLimiter } from '../../src/resilience/rate-limiter.js';
import type { RateLimitAlgorithm } from '../../src/resilience/rate-meter.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

const WINDOW_MS = 1_000;
const LIMIT = 10;
const BURST = 4;

interface Request {
  readonly gapMs: number;
  readonly cost: number;
}
interface Grant {
  readonly atMs: number;
  readonly cost: number;
}

/** May `cost` be granted at `atMs`, given all grants before? Straight from the definition of each algorithm. */
const allows: Record<RateLimitAlgorithm, (grants: readonly Grant[], cost: number, atMs: number) => boolean> = {
  'sliding-window': (grants, cost, atMs) =>
    sum(grants.filter((grant) => grant.atMs > atMs - WINDOW_MS)) + cost <= LIMIT,
  'fixed-window': (grants, cost, atMs) =>
    sum(grants.filter((grant) => windowOf(grant.atMs) === windowOf(atMs))) + cost <= LIMIT,
  'token-bucket': (grants, cost, atMs) => tokensAt(grants, atMs) >= Math.min(cost, BURST) - 1e-6,
};

function sum(grants: readonly Grant[]): number {
  return grants.reduce((total, grant) => total + grant.cost, 0);
}
function windowOf(atMs: number): number {
  return Math.floor(atMs / WINDOW_MS);
}
function tokensAt(grants: readonly Grant[], atMs: number): number {
  let tokens = BURST;
  let sinceMs = 0;
  for (const grant of grants) {
    tokens = Math.min(BURST, tokens + ((grant.atMs - sinceMs) * LIMIT) / WINDOW_MS) - grant.cost;
    sinceMs = grant.atMs;
  }
  return Math.min(BURST, tokens + ((atMs - sinceMs) * LIMIT) / WINDOW_MS);
}

/** First come first served, each at the first whole millisecond that is allowed. */
function simulate(algorithm: RateLimitAlgorithm, requests: readonly Request[]): Grant[] {
  const grants: Grant[] = [];
  let arrivalMs = 0;
  for (const { gapMs, cost } of requests) {
    arrivalMs += gapMs;
    let atMs = Math.max(arrivalMs, grants.at(-1)?.atMs ?? 0);
    while (!allows[algorithm](grants, cost, atMs)) atMs++;
    grants.push({ atMs, cost });
  }
  return grants;
}

async function measure(algorithm: RateLimitAlgorithm, requests: readonly Request[]): Promise<Grant[]> {
  const clock = createFakeClock();
  const limiter = new RateLimiter({ clock, algorithm, limit: LIMIT, windowMs: WINDOW_MS, burst: BURST });
  const grants: Grant[] = [];
  const asked: Promise<void>[] = [];
  for (const { gapMs, cost } of requests) {
    await clock.advanceAsync(gapMs);
    asked.push(limiter.acquire(cost).then(() => void grants.push({ atMs: clock.nowMs(), cost })));
  }
  await clock.advanceAsync(100 * WINDOW_MS);
  await Promise.all(asked);
  expect([limiter.waiting, clock.pendingTimers]).toEqual([0, 0]);
  return grants;
}

const anyRequests = fc.array(
  fc.record({ gapMs: fc.oneof(fc.constant(0), fc.nat(400)), cost: fc.integer({ min: 1, max: LIMIT }) }),
  { maxLength: 25 },
);

test.each(['token-bucket', 'sliding-window', 'fixed-window'] as const)(
  '%s grants in order and at the same times as a naive model',
  async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(anyRequests, async (requests) => {
        const expected = simulate(algorithm, requests);
        const actual = await measure(algorithm, requests);
        expect(actual.map((grant) => grant.cost)).toEqual(expected.map((grant) => grant.cost));
        actual.forEach((grant, index) => {
          // The bucket's real times lie between whole milliseconds.
          const delta = (expected[index] as Grant).atMs - grant.atMs;
          expect(delta).toBeGreaterThan(-0.01);
          expect(delta).toBeLessThan(1);
        });
      }),
      { numRuns: 60 },
    );
  },
);

test('any mix of aborts leaves neither waiter nor timer, and who stays is served in order', async () => {
  const anyAsk = fc.record({ cost: fc.integer({ min: 1, max: LIMIT }), leavesAtMs: fc.option(fc.nat(5_000)) });
  await fc.assert(
    fc.asyncProperty(fc.array(anyAsk, { maxLength: 60 }), async (asks) => {
      const clock = createFakeClock();
      const limiter = new RateLimiter({ clock, limit: LIMIT, windowMs: WINDOW_MS });
      const served: number[] = [];
      const outcomes = asks.map(({ cost, leavesAtMs }, index) => {
        const controller = new AbortController();
        if (leavesAtMs !== null) clock.setTimer(leavesAtMs, () => controller.abort('left'));
        return limiter.acquire(cost, controller.signal).then(
          () => void served.push(index),
          (reason) => expect([reason, leavesAtMs !== null]).toEqual(['left', true]),
        );
      });
      await clock.advanceAsync(100 * WINDOW_MS);
      await Promise.all(outcomes);
      expect(served).toEqual([...served].sort((a, b) => a - b));
      expect([limiter.waiting, clock.pendingTimers]).toEqual([0, 0]);
    }),
    { numRuns: 60 },
  );
});

interface Work extends Request {
  /** What it turned out to cost, and how long that took to know. */
  readonly used: number;
  readonly tookMs: number;
}

const anyWork = fc.array(
  fc
    .record({ gapMs: fc.nat(400), cost: fc.integer({ min: 1, max: LIMIT }), share: fc.nat(100), tookMs: fc.nat(3000) })
    .map(({ share, ...work }): Work => ({ ...work, used: (work.cost * share) / 100 })),
  { maxLength: 40 },
);

/** When each piece of work was let in, and what it used; all of it corrected afterwards. */
async function work(algorithm: RateLimitAlgorithm, list: readonly Work[]): Promise<Grant[]> {
  const clock = createFakeClock();
  const limiter = new RateLimiter({ clock, algorithm, limit: LIMIT, windowMs: WINDOW_MS, burst: BURST });
  const grants: Grant[] = [];
  const asked: Promise<void>[] = [];
  for (const { gapMs, cost, used, tookMs } of list) {
    await clock.advanceAsync(gapMs);
    const admitted = limiter.acquire(cost).then((takenAtMs) => {
      expect(takenAtMs).toBe(clock.nowMs());
      grants.push({ atMs: takenAtMs, cost: used });
      clock.setTimer(tookMs, () => limiter.giveBack(cost - used, takenAtMs));
    });
    asked.push(admitted);
  }
  await clock.advanceAsync(100 * WINDOW_MS);
  await Promise.all(asked);
  expect([limiter.waiting, clock.pendingTimers]).toEqual([0, 0]);
  return grants;
}

test.each(['sliding-window', 'fixed-window'] as const)(
  '%s: with what was not used given back, no window holds more than the limit',
  async (algorithm) => {
    const sameWindow = (one: Grant, other: Grant): boolean =>
      algorithm === 'fixed-window'
        ? windowOf(one.atMs) === windowOf(other.atMs)
        : other.atMs <= one.atMs && other.atMs > one.atMs - WINDOW_MS;
    await fc.assert(
      fc.asyncProperty(anyWork, async (list) => {
        const grants = await work(algorithm, list);
        for (const last of grants) {
          expect(sum(grants.filter((grant) => sameWindow(last, grant)))).toBeLessThanOrEqual(LIMIT + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  },
);

test('token-bucket: with what was not used given back, the rate since the start holds', async () => {
  await fc.assert(
    fc.asyncProperty(anyWork, async (list) => {
      const grants = await work('token-bucket', list);
      for (const { atMs } of grants) {
        const used = sum(grants.filter((grant) => grant.atMs <= atMs));
        // An amount above the burst leaves a debt that later ones wait for.
        expect(used).toBeLessThanOrEqual(Math.max(BURST, LIMIT) + (atMs * LIMIT) / WINDOW_MS + 1e-6);
      }
    }),
    { numRuns: 60 },
  );
});

test.each(['token-bucket', 'sliding-window', 'fixed-window'] as const)(
  '%s: what is given back lets in at once whom it is enough for',
  async (algorithm) => {
    const clock = createFakeClock();
    const limiter = new RateLimiter({ clock, algorithm, limit: LIMIT, windowMs: WINDOW_MS, burst: LIMIT });
    const takenAtMs = await limiter.acquire(LIMIT);
    let isIn = false;
    const next = limiter.acquire(6).then(() => {
      isIn = true;
    });
    await clock.advanceAsync(1);
    limiter.giveBack(5, takenAtMs);
    await clock.advanceAsync(0);
    expect(isIn).toBe(false);
    limiter.giveBack(1, takenAtMs);
    await clock.advanceAsync(0);
    expect(isIn).toBe(true);
    await next;
    expect(clock.pendingTimers).toBe(0);
  },
);

test.each(['token-bucket', 'sliding-window', 'fixed-window'] as const)(
  '%s: what turned out to cost more is waited for, within a window',
  async (algorithm) => {
    const clock = createFakeClock();
    const limiter = new RateLimiter({ clock, algorithm, limit: LIMIT, windowMs: WINDOW_MS, burst: LIMIT });
    limiter.giveBack(-LIMIT, await limiter.acquire(1));
    expect(limiter.tryAcquire(1)).toBe(false);
    await clock.advanceAsync(2 * WINDOW_MS);
    expect(limiter.tryAcquire(1)).toBe(true);
  },
);
