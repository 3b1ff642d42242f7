import { describe, expect, test } from 'vitest';
import { MAX_DECISIONS, MAX_UNSTEADY_LOOKS } from '../../src/adaptive/auto-tuner.js';
import { BACK_OFF_INTERVALS } from '../../src/adaptive/change-memory.js';
import { createRandom } from '../../src/core/random.js';
import { fc } from '../support/property.js';
import { actions, HIGH, MEDIUM, MINUTE_MS, scene } from './tuner-scene.js';

describe('following the traffic', () => {
  test('50, 500, 5,000 and 50,000 requests a second give CPU x 1, 2, 4 and 8', () => {
    const { target, pass } = scene();
    const shards = [50, 500, 5000, 50_000].map((qps) => {
      pass(qps);
      pass(qps);
      return target.inForce;
    });
    expect(shards).toEqual([
      { shardCount: 4, cleanupIntervalMs: 10 * MINUTE_MS },
      MEDIUM,
      HIGH,
      { shardCount: 32, cleanupIntervalMs: MINUTE_MS },
    ]);
  });

  test.each([
    [99, 4],
    [100, 8],
    [999, 8],
    [1000, 16],
    [9999, 16],
    [10_000, 32],
  ])('at the border, %d requests a second give %d shards', (qps, shardCount) => {
    const { target, pass } = scene();
    pass(qps);
    pass(qps);
    expect(target.inForce.shardCount).toBe(shardCount);
  });

  test('the rate counts the time that really passed', () => {
    const { clock, target } = scene({ hysteresis: 1, intervalMs: 2000 });
    target.requests += 4000;
    clock.advance(2000);
    expect(target.inForce).toEqual(HIGH);
  });

  test('traffic that flaps around a border changes nothing', () => {
    const { target, tuner, pass } = scene();
    for (let i = 0; i < 20; i++) pass(i % 2 === 0 ? 1000 : 999);
    expect(target.applied).toEqual([]);
    expect(new Set(actions(tuner.history()))).toEqual(new Set(['waiting']));
  });

  test('verdicts that differ from each other do not add up', () => {
    const { target, pass } = scene();
    for (const qps of [5000, 50_000, 5000, 50, 5000]) pass(qps);
    expect(target.applied).toEqual([]);
  });

  test('hysteresis 1 acts on the first verdict, as the loop of the guide does', () => {
    const { target, pass } = scene({ hysteresis: 1 });
    for (const qps of [5000, 500, 50_000]) pass(qps);
    expect(target.applied.map(({ settings }) => settings.shardCount)).toEqual([16, 8, 32]);
  });

  test('traffic that crosses a border by little waits until the last change has been judged', () => {
    const { target, tuner, pass } = scene({ hysteresis: 1 });
    for (const qps of [1000, 999, 999]) pass(qps);
    expect(target.applied).toHaveLength(1);
    pass(999);
    expect(actions(tuner.history())).toEqual(['applied', 'kept', 'applied']);
    expect(target.inForce).toEqual(MEDIUM);
  });

  test('keepCleanupInterval leaves the cleanup interval as it was set', () => {
    const { target, pass } = scene({ keepCleanupInterval: true });
    pass(5000);
    pass(5000);
    expect(target.inForce).toEqual({ shardCount: 16, cleanupIntervalMs: 5 * MINUTE_MS });
  });

  test('never a change without as many equal verdicts before it as hysteresis asks for', () => {
    const rates = fc.array(fc.constantFrom(50, 500, 5000, 50_000), { maxLength: 40 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 4 }), (qps, hysteresis) => {
        const { target, pass } = scene({ hysteresis });
        qps.forEach((rate, i) => {
          const before = target.applied.length;
          pass(rate);
          const alike = qps.slice(Math.max(0, i + 1 - hysteresis), i + 1);
          if (target.applied.length > before) {
            expect(alike).toHaveLength(hysteresis);
            expect(new Set(alike).size).toBe(1);
          }
        });
      }),
    );
  });
});

describe('decisions', () => {
  test('each tells the rate, the tier, the settings before and after, and the figures', () => {
    const { clock, seen, tuner, pass } = scene();
    pass(5000);
    pass(5000);
    expect(seen).toEqual(tuner.history());
    expect(actions(seen)).toEqual(['waiting', 'applied']);
    expect(seen[1]).toEqual({
      atMs: clock.wallMs(),
      action: 'applied',
      reason: 'high traffic (5000 requests/s)',
      requestRate: 5000,
      tier: 'high',
      before: MEDIUM,
      after: HIGH,
      figures: { hitRate: 0.9, p99GetLatency: 0.1, requestRate: 5000 },
    });
  });

  test('the history keeps the last 1,000', () => {
    const { tuner, pass } = scene();
    for (let i = 0; i < MAX_DECISIONS + 10; i++) {
      pass(5000);
      pass(500);
    }
    const history = tuner.history();
    expect(history).toHaveLength(MAX_DECISIONS);
    expect(history.at(-1)?.atMs).toBeGreaterThan(history[0]?.atMs ?? 0);
  });

  test('quiet intervals leave no entry', () => {
    const { tuner, pass } = scene();
    for (let i = 0; i < 5; i++) pass(500);
    expect(tuner.history()).toEqual([]);
  });
});

describe('watching a change', () => {
  test('a change that makes nothing worse is kept', () => {
    const { target, tuner, pass } = scene();
    for (let i = 0; i < 5; i++) pass(5000);
    expect(target.inForce).toEqual(HIGH);
    expect(actions(tuner.history())).toEqual(['waiting', 'applied', 'kept']);
    expect(tuner.history().at(-1)?.figuresBefore).toEqual({ hitRate: 0.9, p99GetLatency: 0.1, requestRate: 5000 });
  });

  test('a p99 that stays worse undoes it', () => {
    const { target, tuner, pass } = scene();
    pass(5000);
    pass(5000);
    target.p99GetLatencyMs = 0.2;
    pass(5000);
    expect(target.inForce).toEqual(HIGH);
    pass(5000);
    expect(target.inForce).toEqual(MEDIUM);
    const last = tuner.history().at(-1);
    expect(last).toMatchObject({ action: 'undone', before: HIGH, after: MEDIUM });
    expect(last?.reason).toContain('p99 of reads rose from 100us to 200us');
    expect([last?.figuresBefore?.p99GetLatency, last?.figures.p99GetLatency]).toEqual([0.1, 0.2]);
  });

  test('a hit ratio that stays lower undoes it', () => {
    const { target, tuner, pass } = scene();
    pass(5000, 0.9);
    pass(5000, 0.9);
    pass(5000, 0.84);
    pass(5000, 0.84);
    expect(target.inForce).toEqual(MEDIUM);
    expect(tuner.history().at(-1)?.reason).toContain('hit ratio fell from 90 % to 84 %');
  });

  test('what was undone is tried again only after the back-off', () => {
    const { target, pass } = scene();
    pass(5000);
    pass(5000);
    target.p99GetLatencyMs = 0.2;
    pass(5000);
    pass(5000); // undone
    for (let i = 1; i < BACK_OFF_INTERVALS; i++) pass(5000);
    expect(target.inForce).toEqual(MEDIUM);
    pass(5000);
    pass(5000);
    expect(target.inForce).toEqual(HIGH);
  });

  test('what was undone again rests twice as long', () => {
    const { target, tuner, pass } = scene();
    target.p99GetLatencyMs = 0.2;
    const bad = target.apply.bind(target);
    target.apply = (settings, reason) => {
      bad(settings, reason);
      target.p99GetLatencyMs = settings.shardCount === HIGH.shardCount ? 0.4 : 0.2;
    };
    for (let i = 0; i < 3 + 3 * BACK_OFF_INTERVALS + 4; i++) pass(5000);
    const undone = tuner.history().filter(({ action }) => action === 'undone');
    expect(undone.map(({ reason }) => reason.replace(/.*; /, ''))).toEqual([
      'not tried again for 30 intervals',
      'not tried again for 60 intervals',
    ]);
    expect(target.inForce).toEqual(MEDIUM);
  });

  test('settings that proved themselves in between rest for the first length again', () => {
    const { target, tuner, pass } = scene();
    const obey = target.apply.bind(target);
    let p99OfHigh = 0.4;
    target.apply = (settings, reason) => {
      obey(settings, reason);
      target.p99GetLatencyMs = settings.shardCount === HIGH.shardCount ? p99OfHigh : 0.2;
    };
    target.p99GetLatencyMs = 0.2;
    const passes = (qps: number, times: number): void => {
      for (let i = 0; i < times; i++) pass(qps);
    };
    passes(5000, 4); // tried and undone
    p99OfHigh = 0.2;
    passes(5000, 3 * BACK_OFF_INTERVALS); // tried again and kept
    p99OfHigh = 0.4;
    passes(500, 3 * BACK_OFF_INTERVALS);
    passes(5000, 4); // undone again
    expect(actions(tuner.history()).filter((action) => action === 'undone' || action === 'kept')).toEqual([
      'undone',
      'kept',
      'kept',
      'undone',
    ]);
    expect(tuner.history().at(-1)?.reason).toContain('not tried again for 30 intervals');
  });

  test('the look that undoes a change makes no other, even where the cache has outgrown it', () => {
    const { target, tuner, pass } = scene({ hysteresis: 1 });
    target.capacity = 4_000_000;
    pass(5000); // applied
    target.p99GetLatencyMs = 0.2;
    target.entries = 1_000_000; // 32 shards are wanted from here on
    pass(5000);
    pass(5000);
    expect(actions(tuner.history())).toEqual(['applied', 'undone']);
    expect(target.inForce).toEqual(MEDIUM);
    pass(5000);
    expect(actions(tuner.history())).toEqual(['applied', 'undone', 'applied']);
    expect(target.inForce.shardCount).toBe(32);
  });

  test('no other change is made while one is watched', () => {
    const { target, tuner, pass } = scene({ hysteresis: 1 });
    target.capacity = 4_000_000;
    pass(5000);
    target.entries = 1_000_000;
    pass(5000);
    pass(5000);
    expect(target.applied).toHaveLength(1);
    pass(5000);
    expect(actions(tuner.history())).toEqual(['applied', 'kept', 'applied']);
  });

  test('the figures before a change are those of its verdicts together', () => {
    const { tuner, pass } = scene();
    for (const hitRate of [0.9, 0.91, 0.9, 0.9, 0.9]) pass(5000, hitRate);
    expect(tuner.history().at(-1)?.figuresBefore?.hitRate).toBeCloseTo(0.905);
  });

  test('another change is free to happen during the back-off', () => {
    const { target, pass } = scene();
    pass(5000);
    pass(5000);
    target.p99GetLatencyMs = 0.2;
    pass(5000);
    pass(5000);
    pass(50_000);
    pass(50_000);
    expect(target.inForce.shardCount).toBe(32);
  });

  test('a refused undo is told and leaves the change in force', () => {
    const { target, tuner, pass } = scene();
    pass(5000);
    pass(5000);
    target.p99GetLatencyMs = 0.2;
    target.refuse = 'closed';
    pass(5000);
    pass(5000);
    expect(target.inForce).toEqual(HIGH);
    expect(tuner.history().at(-1)).toMatchObject({
      action: 'kept',
      reason: 'refused by the cache: closed',
      after: HIGH,
    });
  });
});

describe('a hit ratio that moves by itself', () => {
  test('holds a change up until it is steady', () => {
    const { target, tuner, pass } = scene();
    for (const hitRate of [0.1, 0.3, 0.5, 0.7]) pass(5000, hitRate);
    expect(target.applied).toEqual([]);
    expect(tuner.history().at(-1)?.reason).toContain('the hit ratio still moves');
    pass(5000, 0.71);
    expect(target.inForce).toEqual(HIGH);
  });

  test('that never becomes steady holds it up for some looks only, and is then its own baseline', () => {
    const { target, tuner, pass } = scene();
    const rates = (i: number): number => (i % 2 === 0 ? 0.5 : 0.7);
    for (let i = 0; i < 2 + MAX_UNSTEADY_LOOKS - 1; i++) pass(5000, rates(i));
    expect(target.applied).toEqual([]);
    pass(5000, rates(1));
    expect(target.inForce).toEqual(HIGH);
    for (let i = 0; i < 3; i++) pass(5000, 0.6);
    const { action, figuresBefore } = tuner.history().at(-1) ?? {};
    expect(action).toBe('kept');
    expect(figuresBefore?.hitRate).toBeCloseTo(0.6);
  });
});

describe('swinging to and fro', () => {
  /** How often the shard count changes in so many intervals of traffic. */
  function changes(hysteresis: number, intervals: number, qpsAt: (interval: number) => number): number {
    const { target, pass } = scene({ hysteresis });
    for (let i = 0; i < intervals; i++) pass(qpsAt(i));
    return target.applied.length;
  }

  test('traffic that wanders around a border is followed a few times, not hundreds', () => {
    const random = createRandom(3);
    const followed = changes(2, 2000, () => 999 + random.nextInt(2));
    expect(followed).toBeGreaterThan(0);
    expect(followed).toBeLessThan(60);
  });

  test('each way back takes more equal verdicts than the last', () => {
    const { target, pass } = scene();
    const needed = [5000, 500, 5000, 500].map((qps) => {
      const before = target.applied.length;
      let passed = 0;
      while (target.applied.length === before) {
        pass(qps);
        passed++;
      }
      return passed;
    });
    expect(needed).toEqual([2, 2, 4, 8]);
  });

  test('traffic that comes back after a long time is followed as fast as at first', () => {
    const { target, pass } = scene();
    for (const qps of [5000, 500, 5000, 500]) for (let i = 0; i < BACK_OFF_INTERVALS + 5; i++) pass(qps);
    expect(target.applied).toHaveLength(4);
  });
});
