import { expect, test } from 'vitest';
import { isConfigError } from '../../src/core/errors.js';
import { resolveCapacity } from '../../src/tuning/capacity.js';

test('a plain number is that many entries, a percentage that share of the keys', () => {
  expect(resolveCapacity(500, 1000, 'test')).toBe(500);
  expect(resolveCapacity('500', 1000, 'test')).toBe(500);
  expect(resolveCapacity('10%', 182_790, 'test')).toBe(18_279);
  expect(resolveCapacity('0.5%', 1000, 'test')).toBe(5);
});

test('a share too small for one entry is one entry', () => {
  expect(resolveCapacity('1%', 3, 'test')).toBe(1);
});

test.each([0, -1, 1.5, '0%', '101%', '10 percent', '', 'NaN', Number.NaN])('%s is refused', (value) => {
  expect(() => resolveCapacity(value, 100, '--capacity')).toThrow(expect.toSatisfy(isConfigError));
});
