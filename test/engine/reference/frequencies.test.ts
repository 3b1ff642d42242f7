import { expect, test } from 'vitest';
import { createSyntheticTrace } from '../../support/synthetic-trace.js';
import { createExactFrequencies, createSketch } from './frequencies.js';

const CAPACITY = 2000;

test('the sketch says what exact counts say, and hardly ever more', () => {
  const [exact, sketch] = [createExactFrequencies(CAPACITY), createSketch(CAPACITY)];
  const accesses = createSyntheticTrace(9 * CAPACITY, 1);
  for (const key of accesses) for (const frequencies of [exact, sketch]) frequencies.count(key);
  let more = 0;
  const keys = new Set(accesses);
  for (const key of keys) {
    expect(sketch.of(key)).toBeGreaterThanOrEqual(exact.of(key));
    if (sketch.of(key) > exact.of(key)) more++;
  }
  expect(more / keys.size).toBeLessThan(0.1);
});

test.each([
  ['exact counts', createExactFrequencies],
  ['the sketch', createSketch],
])('%s stop at 15 and are halved when ten times the capacity has been counted', (_, create) => {
  const frequencies = create(CAPACITY);
  for (let i = 0; i < 20; i++) frequencies.count(1);
  expect(frequencies.of(1)).toBe(15);
  for (let key = 2; key < 2 + 10 * CAPACITY - 15; key++) frequencies.count(key);
  expect(frequencies.of(1)).toBe(7);
});
