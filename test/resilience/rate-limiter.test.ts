import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { RateLimiter, type RateLimiterOptions } from '../../src/resilience/rate-limiter.js';
import type { RateLimitAlgorithm } from '../../src/resilience/rate-meter.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

interface Subject {
  readonly clock: FakeClock;
  readonly limiter: RateLimiter;
  /** Asks and notes when the answer came. */
  ask(name: string, cost?: number, signal?: AbortSignal): Promise<void>;
  readonly granted: string[];
}

function createSubject(options: Omit<RateLimiterOptions, 'clock'>): Subject {
  const clock = createFakeClock();
  const limiter = new RateLimiter({ clock, ...options });
  const granted: string[] = [];
  const ask = (name: string, cost = 1, signal?: AbortSignal): Promise<void> =>
    limiter.acquire(cost, signal).then(() => void granted.push(`${name}@${clock.nowMs()}`));
  return { clock, limiter, granted, ask };
}

const ALGORITHMS: readonly RateLimitAlgorithm[] = ['token-bucket', 'sliding-window', 'fixed-window'];

describe('the algorithms over 3 requests a minute, asked 7 times at 10 s', () => {
  const expected: Record<RateLimitAlgorithm, readonly string[]> = {
    // Three at once, then one every 20 s.
    'token-bucket': ['0@10000', '1@10000', '2@10000', '3@30000', '4@50000', '5@70000', '6@90000'],
    // Three at once, three when those are a minute old.
    'sliding-window': ['0@10000', '1@10000', '2@10000', '3@70000', '4@70000', '5@70000', '6@130000'],
    // Three at once, three when the next minute starts.
    'fixed-window': ['0@10000', '1@10000', '2@10000', '3@60000', '4@60000', '5@60000', '6@120000'],
  };
  test.each(ALGORITHMS)('%s', async (algorithm) => {
    const { clock, ask, granted, limiter } = createSubject({ limit: 3, algorithm });
    clock.advance(10_000);
    for (let i = 0; i < 7; i++) void ask(String(i));
    await clock.advanceAsync(200_000);
    expect(granted).toEqual(expected[algorithm]);
    expect([limiter.waiting, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('token bucket', () => {
  test('gives its burst at once, and then what the rate brings', async () => {
    const { clock, ask, granted } = createSubject({ limit: 600, burst: 10 });
    for (let i = 0; i < 12; i++) void ask(String(i));
    await clock.advanceAsync(0);
    expect(granted).toHaveLength(10);
    await clock.advanceAsync(100);
    expect(granted).toHaveLength(11);
  });

  test('holds by default a whole limit, so that no window has more than two of it', async () => {
    const { clock, ask, granted, limiter } = createSubject({ limit: 5, windowMs: 1000 });
    for (let i = 0; i < 30; i++) void ask(String(i));
    await clock.advanceAsync(999);
    expect(granted).toHaveLength(9);
    await clock.advanceAsync(10_000);
    expect([granted.length, limiter.waiting]).toEqual([30, 0]);
  });

  test('a cost above the burst waits for a full bucket and leaves it in debt', async () => {
    const { clock, ask, granted } = createSubject({ limit: 60, burst: 2 });
    void ask('large', 5);
    void ask('small', 1);
    await clock.advanceAsync(60_000);
    expect(granted).toEqual(['large@0', 'small@4000']);
  });
});

describe.each(ALGORITHMS)('%s: the line', (algorithm) => {
  test('nobody overtakes, also when a smaller cost would fit', async () => {
    const { clock, ask, granted, limiter } = createSubject({ limit: 10, algorithm, burst: 10 });
    await ask('first', 6);
    void ask('large', 8);
    void ask('small', 1);
    expect(limiter.tryAcquire(1)).toBe(false);
    await clock.advanceAsync(300_000);
    expect(granted.map((entry) => entry.split('@')[0])).toEqual(['first', 'large', 'small']);
  });

  test('who leaves frees the place, and those behind move up', async () => {
    const { clock, limiter, ask, granted } = createSubject({ limit: 10, algorithm, burst: 10, maxQueue: 2 });
    await ask('first', 10);
    const controller = new AbortController();
    const leaver = ask('leaver', 10, controller.signal);
    void ask('next', 1);
    await expect(limiter.acquire(1)).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    controller.abort('gone');
    await expect(leaver).rejects.toBe('gone');
    expect(limiter.waiting).toBe(1);
    void ask('last', 1);
    await clock.advanceAsync(60_000);
    expect(granted.map((entry) => entry.split('@')[0])).toEqual(['first', 'next', 'last']);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('when the only waiter leaves, no timer is left', async () => {
    const { clock, ask } = createSubject({ limit: 1, algorithm });
    await ask('first');
    const controller = new AbortController();
    const leaver = ask('leaver', 1, controller.signal);
    controller.abort('gone');
    await expect(leaver).rejects.toBe('gone');
    expect(clock.pendingTimers).toBe(0);
  });

  test('an aborted signal rejects at once and spends nothing', async () => {
    const { limiter } = createSubject({ limit: 1, algorithm });
    await expect(limiter.acquire(1, AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(limiter.tryAcquire(1)).toBe(true);
  });

  test('a full line refuses, one refused leaves no trace', async () => {
    const { clock, limiter, ask, granted } = createSubject({ limit: 1, algorithm, maxQueue: 1 });
    await ask('first');
    void ask('second');
    await expect(limiter.acquire(1)).rejects.toMatchObject({ name: 'QueueFullError' });
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(60_000);
    expect(granted).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  test('the cost of one refused is not waited for', async () => {
    const { clock, limiter, ask } = createSubject({ limit: 10, algorithm, burst: 10, maxQueue: 1 });
    await ask('first', 10);
    const controller = new AbortController();
    const leaver = ask('leaver', 10, controller.signal);
    await expect(limiter.acquire(10)).rejects.toMatchObject({ name: 'QueueFullError' });
    controller.abort('gone');
    await expect(leaver).rejects.toBe('gone');
    const inTime = limiter.acquire(10, undefined, { atMs: 60_000 });
    await clock.advanceAsync(60_000);
    await expect(inTime).resolves.toBe(60_000);
  });

  test('a wait that cannot end by the deadline is refused at once with the time to wait', async () => {
    const { clock, limiter, ask } = createSubject({ limit: 1, algorithm });
    await ask('first');
    void ask('second');
    const refused = limiter.acquire(1, undefined, { atMs: 119_999 });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: 120_000, retryable: true });
    let isGranted = false;
    void limiter.acquire(1, undefined, { atMs: 120_000 }).then(() => (isGranted = true));
    await clock.advanceAsync(120_000);
    expect(isGranted).toBe(true);
  });

  test('a cost above the limit is refused, and not as something that heals', async () => {
    const { limiter } = createSubject({ limit: 5, algorithm });
    await expect(limiter.acquire(6)).rejects.toMatchObject({ code: 'ERR_RATE_LIMIT_COST', retryable: false });
    expect(limiter.tryAcquire(6)).toBe(false);
  });

  test('a pause holds everybody back and is never shortened', async () => {
    const { clock, limiter, ask, granted } = createSubject({ limit: 60, algorithm });
    limiter.pauseUntil(120_000);
    limiter.pauseUntil(30_000);
    void ask('one');
    expect(limiter.tryAcquire(1)).toBe(false);
    await clock.advanceAsync(119_999);
    expect(granted).toEqual([]);
    await clock.advanceAsync(1);
    expect(granted).toEqual(['one@120000']);
  });

  test('a pause sends away at once who can no longer be served in time', async () => {
    const { limiter, ask } = createSubject({ limit: 1, algorithm });
    await ask('first');
    const waiter = limiter.acquire(1, undefined, { atMs: 70_000 });
    limiter.pauseUntil(90_000);
    await expect(waiter).rejects.toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: 90_000 });
  });

  test('who waits may be given more time meanwhile', async () => {
    const { clock, limiter, ask } = createSubject({ limit: 1, algorithm });
    await ask('first');
    const timeLimit = { atMs: 70_000 };
    const waiter = limiter.acquire(1, undefined, timeLimit);
    timeLimit.atMs = 200_000;
    limiter.pauseUntil(90_000);
    await clock.advanceAsync(120_000);
    expect(await waiter).toBeGreaterThanOrEqual(90_000);
  });

  test('close rejects those who wait and all who come, and leaves no timer', async () => {
    const { clock, limiter, ask } = createSubject({ limit: 1, algorithm });
    await ask('first');
    const waiter = limiter.acquire(1);
    limiter.close();
    limiter.close();
    await expect(waiter).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(limiter.acquire(1)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect([limiter.tryAcquire(1), clock.pendingTimers]).toEqual([false, 0]);
  });
});
