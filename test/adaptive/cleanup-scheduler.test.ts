import { describe, expect, test } from 'vitest';
import {
  type CleanupScheduler,
  type CleanupSettings,
  createCleanupScheduler,
  type SweepTarget,
} from '../../src/adaptive/cleanup-scheduler.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

const PERIODIC: CleanupSettings = { strategy: 'periodic', intervalMs: 60_000, batchSize: 10, threshold: 0.9 };

/** A store of nothing but counts: a round examines `size` places, and the first `expired` examined are removed. */
class CountingTarget implements SweepTarget {
  /** Places examined by each sweep. */
  batches: number[] = [];
  size = 25;
  expired = 0;
  capacity = 100;
  onSweep: (() => void) | undefined;
  private remaining = 0;

  startRound(): void {
    this.remaining = this.size;
  }
  sweep(maxEntries: number): number {
    const examined = Math.min(maxEntries, this.remaining);
    this.remaining -= examined;
    this.batches.push(examined);
    this.onSweep?.();
    const removed = Math.min(this.expired, examined);
    this.expired -= removed;
    this.size -= removed;
    return removed;
  }
  roundRemaining(): number {
    return this.remaining;
  }
  loadFactor(): number {
    return this.size / this.capacity;
  }
}

interface Scene {
  readonly clock: FakeClock;
  readonly target: CountingTarget;
  readonly scheduler: CleanupScheduler;
}

function scene(settings: Partial<CleanupSettings> = {}, yieldTurn?: (step: () => void) => () => void): Scene {
  const clock = createFakeClock();
  const target = new CountingTarget();
  const options = yieldTurn === undefined ? { clock } : { clock, yieldTurn };
  return { clock, target, scheduler: createCleanupScheduler(target, { ...PERIODIC, ...settings }, options) };
}

describe('background rounds', () => {
  test('periodic runs a full round in batches every interval', () => {
    const { clock, target } = scene();
    clock.advance(59_999);
    expect(target.batches).toEqual([]);
    clock.advance(1);
    expect(target.batches).toEqual([10, 10, 5]);
    clock.advance(60_000);
    expect(target.batches).toEqual([10, 10, 5, 10, 10, 5]);
  });

  test('the event loop gets its turn between two batches', () => {
    const turns: (() => void)[] = [];
    const { clock, target } = scene({}, (step) => {
      turns.push(step);
      return () => {};
    });
    clock.advance(60_000);
    expect(target.batches).toHaveLength(1);
    turns.shift()?.();
    expect(target.batches).toHaveLength(2);
  });

  test.each(['lazy', 'adaptive', 'hybrid'] as const)(
    '%s, no load: rounds run only where the strategy has them',
    (strategy) => {
      const { clock, target, scheduler } = scene({ strategy });
      clock.advance(60_000);
      expect(target.batches.length > 0).toBe(strategy !== 'lazy');
      scheduler.close();
    },
  );

  test('lazy and an interval of 0 hold no timer', () => {
    expect(scene({ strategy: 'lazy' }).clock.pendingTimers).toBe(0);
    expect(scene({ intervalMs: 0 }).clock.pendingTimers).toBe(0);
  });

  test('adaptive halves its interval after a full round, doubles it after an idle one', () => {
    const { clock, target, scheduler } = scene({ strategy: 'adaptive' });
    target.size = 95;
    clock.advance(60_000);
    expect(scheduler.intervalMs).toBe(30_000);
    target.size = 10;
    clock.advance(30_000);
    expect(scheduler.intervalMs).toBe(60_000);
    clock.advance(60_000);
    expect(scheduler.intervalMs).toBe(120_000);
  });

  test('a round that removes above 10 % of capacity also halves it', () => {
    const { clock, target, scheduler } = scene({ strategy: 'adaptive' });
    target.size = 60;
    target.expired = 11;
    clock.advance(60_000);
    expect(scheduler.intervalMs).toBe(30_000);
  });

  test('an error of the target is contained, and the next round still comes', () => {
    const { clock, target, scheduler } = scene();
    target.onSweep = () => {
      throw new Error('broken');
    };
    clock.advance(60_000);
    target.onSweep = undefined;
    clock.advance(60_000);
    expect(scheduler.containedErrors).toBe(1);
    expect(target.batches).toEqual([10, 10, 10, 5]);
  });
});

describe('early rounds', () => {
  test.each([
    ['periodic', 0],
    ['lazy', 0],
    ['adaptive', 1],
    ['hybrid', 1],
  ] as const)('%s starts %d early rounds when the load reaches the threshold', (strategy, rounds) => {
    const { clock, target, scheduler } = scene({ strategy, batchSize: 1000 });
    target.size = 89;
    scheduler.noteGrowth();
    clock.advance(0);
    expect(target.batches).toHaveLength(0);
    target.size = 90;
    scheduler.noteGrowth();
    clock.advance(0);
    expect(target.batches).toHaveLength(rounds);
  });

  test('a cache that stays full starts one early round, not one an insert', () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid', batchSize: 1000 });
    target.size = 100;
    for (let i = 0; i < 50; i++) {
      scheduler.noteGrowth();
      clock.advance(1);
    }
    expect(target.batches).toHaveLength(1);
  });

  test('another early round comes once the load was below the threshold in between', () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid', batchSize: 1000 });
    for (const size of [95, 20, 95]) {
      target.size = size;
      scheduler.noteGrowth();
      clock.advance(1);
    }
    expect(target.batches).toHaveLength(2);
  });

  test('an early round restarts the interval', () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid', batchSize: 1000 });
    target.size = 95;
    clock.advance(50_000);
    scheduler.noteGrowth();
    clock.advance(59_999);
    expect(target.batches).toHaveLength(1);
    clock.advance(1);
    expect(target.batches).toHaveLength(2);
  });
});

describe('rounds on request', () => {
  test('a round that fits one batch is done at once and sets no timer', async () => {
    const { clock, target, scheduler } = scene({ strategy: 'lazy', batchSize: 100 });
    target.expired = 7;
    await expect(scheduler.runRound()).resolves.toBe(7);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a round of an empty cache removes nothing and sets no timer', async () => {
    const { clock, target, scheduler } = scene({ strategy: 'lazy' });
    target.size = 0;
    await expect(scheduler.runRound()).resolves.toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a round asked for during another examines everything again after it', async () => {
    const { clock, target, scheduler } = scene();
    target.expired = 5;
    const first = scheduler.runRound(); // examines 10 of 25 at once, and removes 5
    target.expired = 3; // expired meanwhile, at places that were examined already
    const [second, third] = [scheduler.runRound(), scheduler.runRound()];
    target.expired = 0;
    await clock.advanceAsync(0);
    expect(target.batches).toEqual([10, 10, 5, 10, 10]);
    expect(await Promise.all([first, second, third])).toEqual([5, 0, 0]);
  });

  test('those who wait for the same round all learn what it removed', async () => {
    const turns: (() => void)[] = [];
    const { target, scheduler } = scene({ batchSize: 20 }, (step) => {
      turns.push(step);
      return () => {};
    });
    const first = scheduler.runRound();
    const waiting = [scheduler.runRound(), scheduler.runRound()];
    turns.shift()?.();
    await expect(first).resolves.toBe(0);
    target.expired = 4;
    while (turns.length > 0) turns.shift()?.();
    expect(await Promise.all(waiting)).toEqual([4, 4]);
  });

  test('a round asked for by a listener in the middle of a batch comes after this one', async () => {
    const { clock, target, scheduler } = scene();
    let inner: Promise<number> | undefined;
    target.onSweep = () => {
      target.onSweep = undefined;
      inner = scheduler.runRound();
    };
    const outer = scheduler.runRound();
    await clock.advanceAsync(0);
    await Promise.all([outer, inner]);
    expect(target.batches).toEqual([10, 10, 5, 10, 10, 5]);
  });

  test('the error of the target reaches the caller and is not counted as contained', async () => {
    const { target, scheduler } = scene();
    target.onSweep = () => {
      throw new Error('broken');
    };
    await expect(scheduler.runRound()).rejects.toThrow('broken');
    expect(scheduler.containedErrors).toBe(0);
  });

  test.each(['startRound', 'sweep', 'roundRemaining'] as const)(
    'after an error of %s the next round is a whole one',
    async (verb) => {
      const { clock, target, scheduler } = scene();
      target[verb] = () => {
        throw new Error('broken');
      };
      const failed = scheduler.runRound();
      await expect(failed).rejects.toThrow('broken');
      delete (target as Partial<CountingTarget>)[verb];
      target.batches = [];
      const whole = scheduler.runRound();
      await clock.advanceAsync(0);
      await whole;
      expect(target.batches).toEqual([10, 10, 5]);
    },
  );

  test('an error fails the round under way and not the one that waits', async () => {
    const { clock, target, scheduler } = scene();
    const first = scheduler.runRound();
    const second = scheduler.runRound();
    target.onSweep = () => {
      target.onSweep = undefined;
      throw new Error('broken');
    };
    const failed = expect(first).rejects.toThrow('broken');
    await clock.advanceAsync(0);
    await failed;
    await expect(second).resolves.toBe(0);
  });

  test('every entry is examined once a round, in batches within the size, for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(500), fc.integer({ min: 1, max: 60 }), fc.nat(500), async (size, batchSize, dead) => {
        const { clock, target, scheduler } = scene({ batchSize, strategy: 'lazy' });
        target.size = size;
        target.expired = Math.min(size, dead);
        const round = scheduler.runRound();
        await clock.advanceAsync(0);
        expect(await round).toBe(Math.min(size, dead));
        expect(target.batches.reduce((sum, batch) => sum + batch, 0)).toBe(size);
        expect(Math.max(...target.batches)).toBeLessThanOrEqual(batchSize);
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });
});

describe('changes while running', () => {
  test('a new interval starts over at once', () => {
    const { clock, target, scheduler } = scene();
    clock.advance(50_000);
    scheduler.configure({ intervalMs: 20_000 });
    clock.advance(19_999);
    expect(target.batches).toEqual([]);
    clock.advance(1);
    expect(target.batches).toHaveLength(3);
  });

  test('a new batch size holds from the next batch on and leaves the interval alone', () => {
    const { clock, target, scheduler } = scene();
    clock.advance(59_999);
    scheduler.configure({ batchSize: 25 });
    clock.advance(1);
    expect(target.batches).toEqual([25]);
  });

  test('switching to lazy ends the timer, switching back sets it', () => {
    const { clock, scheduler } = scene();
    scheduler.configure({ strategy: 'lazy' });
    expect(clock.pendingTimers).toBe(0);
    scheduler.configure({ strategy: 'hybrid' });
    expect(clock.pendingTimers).toBe(1);
  });

  test('switching away from adaptive returns to the configured interval', () => {
    const { clock, target, scheduler } = scene({ strategy: 'adaptive' });
    target.size = 95;
    clock.advance(60_000);
    scheduler.configure({ strategy: 'periodic' });
    expect(scheduler.intervalMs).toBe(60_000);
  });

  test('a new interval during a background round holds from its end on', () => {
    const { clock, target, scheduler } = scene();
    target.onSweep = () => {
      target.onSweep = undefined;
      scheduler.configure({ intervalMs: 5000 });
    };
    clock.advance(60_000);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(5000);
    expect(target.batches).toHaveLength(6);
  });

  test('a strategy that has early rounds starts one in a cache that was full before', () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid', batchSize: 1000 });
    target.size = 95;
    scheduler.noteGrowth();
    clock.advance(0);
    scheduler.configure({ strategy: 'adaptive' });
    scheduler.noteGrowth();
    clock.advance(0);
    expect(target.batches).toHaveLength(2);
  });

  test('a new threshold holds for the next growth', () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid', batchSize: 1000 });
    target.size = 60;
    scheduler.configure({ threshold: 0.5 });
    scheduler.noteGrowth();
    clock.advance(0);
    expect(target.batches).toHaveLength(1);
  });
});

describe('close', () => {
  test('it settles open rounds with what they removed, and leaves no timer', async () => {
    const { clock, target, scheduler } = scene();
    target.expired = 25;
    const round = scheduler.runRound();
    const next = scheduler.runRound();
    scheduler.close();
    scheduler.close();
    await expect(round).resolves.toBe(10);
    await expect(next).resolves.toBe(0);
    expect(clock.pendingTimers).toBe(0);
    clock.advance(600_000);
    expect(target.batches).toHaveLength(1);
  });

  test('in the middle of a background round nothing goes on', () => {
    const { clock, target, scheduler } = scene();
    target.onSweep = () => scheduler.close();
    clock.advance(600_000);
    expect(target.batches).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('afterwards a round removes nothing and growth starts none', async () => {
    const { clock, target, scheduler } = scene({ strategy: 'hybrid' });
    scheduler.close();
    target.size = 100;
    scheduler.noteGrowth();
    scheduler.configure({ intervalMs: 1000 });
    expect(clock.pendingTimers).toBe(0);
    await expect(scheduler.runRound()).resolves.toBe(0);
  });
});
