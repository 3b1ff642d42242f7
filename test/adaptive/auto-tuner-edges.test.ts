import { describe, expect, test } from 'vitest';
import { actions, HIGH, MINUTE_MS, scene } from './tuner-scene.js';

describe('the size of the cache', () => {
  test('keeps a shard from holding too much, however quiet the traffic is', () => {
    const { target, pass } = scene();
    target.capacity = 1_000_000;
    target.entries = 1_000_000;
    pass(50);
    pass(50);
    expect(target.inForce.shardCount).toBe(32);
  });

  test('keeps a shard from holding too little, however busy the traffic is', () => {
    const { target, pass } = scene();
    target.capacity = 640;
    target.entries = 320;
    pass(50_000);
    pass(50_000);
    expect(target.inForce).toEqual({ shardCount: 8, cleanupIntervalMs: MINUTE_MS });
  });
});

describe('trouble', () => {
  test('a refused change is told once and not tried again at every look', () => {
    const { target, tuner, pass } = scene();
    target.refuse = 'cleanupIntervalMs is fixed';
    for (let i = 0; i < 10; i++) pass(5000);
    expect(actions(tuner.history())).toEqual(['waiting', 'waiting']);
    expect(tuner.history()[1]?.reason).toBe('refused by the cache: cleanupIntervalMs is fixed');
    expect(tuner.containedErrors).toBe(1);
  });

  test('a cache that rounds what it is told is not told again at every look', () => {
    const { target, pass } = scene();
    const obey = target.apply.bind(target);
    target.apply = (settings, reason) => obey({ ...settings, shardCount: 12 }, reason);
    for (let i = 0; i < 10; i++) pass(5000);
    expect(target.applied).toHaveLength(1);
  });

  test('errors of sample() and of a listener are contained, and the next look comes', () => {
    const { target, tuner, pass } = scene({
      onDecision: () => {
        throw new Error('listener');
      },
    });
    const sample = target.sample.bind(target);
    target.sample = () => {
      throw new Error('sample');
    };
    pass(5000);
    target.sample = sample;
    pass(5000);
    pass(5000);
    expect(target.inForce).toEqual(HIGH);
    expect(tuner.containedErrors).toBe(3);
  });

  test('counters that go back are a new start, not a verdict', () => {
    const { target, tuner, pass } = scene({ hysteresis: 1 });
    pass(500);
    target.requests = 0;
    target.hits = 0;
    target.misses = 0;
    pass(1);
    expect(tuner.history()).toEqual([]);
  });
});

describe('advice', () => {
  test('a low hit ratio under load asks for a longer TTL while there is room', () => {
    const { target, tuner, pass } = scene();
    target.inForce = HIGH;
    pass(5000, 0.6);
    expect(tuner.history()).toMatchObject([
      { action: 'advice', solution: "withTTL('10m')", before: HIGH, after: HIGH },
    ]);
  });

  test('a nearly full cache asks for more capacity', () => {
    const { target, tuner, pass } = scene();
    target.entries = 95_100;
    pass(500);
    expect(tuner.history()).toMatchObject([{ action: 'advice', solution: 'withCapacity(200000)' }]);
  });

  test('it is given once while it applies, and again when it comes back', () => {
    const { target, tuner, pass } = scene();
    for (const entries of [96_000, 97_000, 50_000, 96_000]) {
      target.entries = entries;
      pass(500);
    }
    expect(actions(tuner.history())).toEqual(['advice', 'advice']);
  });
});

describe('stop', () => {
  test('no timer is left, and nothing changes any more', () => {
    const { clock, target, tuner, pass } = scene();
    pass(5000);
    tuner.stop();
    tuner.stop();
    expect(clock.pendingTimers).toBe(0);
    pass(5000);
    expect(target.applied).toEqual([]);
    expect(tuner.history()).toHaveLength(1);
  });

  test('a listener may stop the tuner in the middle of a look', () => {
    let stop = (): void => {};
    const { clock, target, tuner, pass } = scene({ hysteresis: 1, onDecision: () => stop() });
    stop = () => tuner.stop();
    target.entries = 96_000; // advice comes first
    pass(5000);
    expect(target.applied).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
