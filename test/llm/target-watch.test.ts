import { expect, test } from 'vitest';
import { type Asked, TargetWatch } from '../../src/llm/target-watch.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

const asked: Asked = { target: { index: 0 }, request: { model: 'm' }, isWhole: false };

function setUp(): { watch: TargetWatch; clock: FakeClock } {
  const clock = createFakeClock();
  const watch = new TargetWatch(clock);
  for (let ms = 1; ms <= 100; ms++) watch.opened(asked, ms);
  return { watch, clock };
}

test('the p95 follows the newest times', () => {
  const { watch } = setUp();
  expect(watch.openings(asked)).toMatchObject({ count: 100, p95Ms: 95, p50Ms: 50 });
  for (let i = 0; i < 256; i++) watch.opened(asked, 1000);
  expect(watch.openings(asked)).toMatchObject({ p50Ms: 1000, p95Ms: 1000 });
});

test('a call that lost counts among the slowest or not at all, so that cancelling does not make a target look fast', () => {
  const { watch } = setUp();
  for (let i = 0; i < 100; i++) watch.lost(asked, 10);
  expect(watch.openings(asked)).toMatchObject({ count: 100, p95Ms: 95 });
  for (let i = 0; i < 40; i++) watch.lost(asked, 200);
  expect(watch.openings(asked)).toMatchObject({ maxMs: 200, p95Ms: 200 });
});

test('targets, models and kinds of calls are timed apart', () => {
  const { watch } = setUp();
  const others: Asked[] = [
    { ...asked, isWhole: true },
    { ...asked, request: { model: 'n' } },
    { ...asked, target: { index: 1 } },
  ];
  expect(others.map((other) => watch.openings(other))).toEqual([undefined, undefined, undefined]);
});

test('what nobody refreshed for five minutes is forgotten, failures after one', () => {
  const { watch, clock } = setUp();
  for (let i = 0; i < 100; i++) watch.failed(asked);
  expect(watch.failureShare(asked)).toBe(0.5);
  clock.advance(60_000);
  expect(watch.failureShare(asked)).toBe(0);
  clock.advance(240_000);
  expect(watch.openings(asked)?.count).toBe(100);
  clock.advance(1);
  expect(watch.openings(asked)).toBeUndefined();
  watch.opened(asked, 7);
  expect(watch.openings(asked)).toMatchObject({ count: 1, p95Ms: 7 });
});
