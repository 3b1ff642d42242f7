import { describe, expect, test } from 'vitest';
import { isSherdError } from '../../src/core/errors.js';
import { Histogram } from '../../src/structures/histogram.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

function exactQuantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? 0;
}

describe('Histogram', () => {
  test('answers every quantile within its relative error', () => {
    const values = fc.array(fc.double({ min: 1e-5, max: 1e7, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(
        values,
        fc.constantFrom(0.001, 0.01, 0.1),
        fc.constantFrom(0, 0.01, 0.5, 0.9, 0.99, 1),
        (recorded, relativeError, fraction) => {
          const histogram = new Histogram({ relativeError });
          for (const value of recorded) histogram.record(value);
          const exact = exactQuantile(
            [...recorded].sort((a, b) => a - b),
            fraction,
          );
          // A hair wider: the logarithm rounds at the border of a bucket.
          expect(Math.abs(histogram.quantile(fraction) - exact)).toBeLessThanOrEqual(
            exact * relativeError * (1 + 1e-9),
          );
        },
      ),
      { numRuns: runs(100, 140) },
    );
  });

  test('keeps count, sum, mean and extremes exactly', () => {
    const histogram = new Histogram();
    for (const value of [4, 0, 16]) histogram.record(value);
    expect([histogram.count, histogram.sum, histogram.mean, histogram.min, histogram.max]).toEqual([
      3,
      20,
      20 / 3,
      0,
      16,
    ]);
  });

  test('answers with the extremes seen when values lie outside its range', () => {
    const histogram = new Histogram({ least: 1, most: 100 });
    histogram.record(0.25);
    expect(histogram.quantile(0.5)).toBe(0.25);
    histogram.clear();
    histogram.record(5000);
    histogram.record(6000);
    expect(histogram.quantile(0.99)).toBe(5000);
  });

  test('leaves out what is not a finite number at or above zero', () => {
    const histogram = new Histogram();
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) histogram.record(value);
    expect(histogram.count).toBe(0);
  });

  test('answers zero while empty and after clear', () => {
    const histogram = new Histogram();
    histogram.record(3);
    histogram.clear();
    expect([histogram.quantile(0.5), histogram.count, histogram.sum, histogram.min, histogram.max]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  test('refuses a range or an error that makes no sense', () => {
    for (const options of [{ relativeError: 0 }, { relativeError: 1 }, { least: 0 }, { least: 2, most: 1 }]) {
      expect(() => new Histogram(options)).toThrow(expect.toSatisfy(isSherdError));
    }
  });
});
