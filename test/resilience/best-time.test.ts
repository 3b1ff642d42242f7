import { expect, test } from 'vitest';
import { BestTime } from '../../src/resilience/best-time.js';

test('what was never faster has slowness 1, however long or short it took', () => {
  const best = new BestTime();
  expect(best.slowness(500, 0)).toBe(1);
  expect(best.slowness(100, 1)).toBe(1);
  expect(best.slowness(0, 2)).toBe(1);
  expect(best.slowness(0, 3)).toBe(1);
});

test('what is slower is so many times slower than the best', () => {
  const best = new BestTime();
  best.slowness(100, 0);
  expect(best.slowness(250, 1)).toBe(2.5);
});

test('the best lives for one to two minutes', () => {
  const best = new BestTime();
  best.slowness(100, 0);
  best.slowness(400, 60_000);
  expect(best.slowness(400, 119_999)).toBe(4);
  expect(best.slowness(400, 120_000)).toBe(1);
});

test('after a quiet time nothing is remembered', () => {
  const best = new BestTime();
  best.slowness(100, 0);
  expect(best.slowness(400, 130_000)).toBe(1);
});
