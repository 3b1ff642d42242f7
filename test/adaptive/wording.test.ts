import { expect, test } from 'vitest';
import { durationLiteral, percent } from '../../src/adaptive/wording.js';
import { parseDuration } from '../../src/core/units.js';
import { fc } from '../support/property.js';

test.each([
  [600_000, "'10m'"],
  [90_000, "'90s'"],
  [86_400_000, "'1d'"],
  [7_200_000, "'2h'"],
  [1500, '1500'],
  [0, '0'],
])('%d ms is pasted as %s', (ms, expected) => {
  expect(durationLiteral(ms)).toBe(expected);
});

test('a pasted duration means the same milliseconds', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      const literal = durationLiteral(ms);
      const pasted = literal.startsWith("'") ? literal.slice(1, -1) : Number(literal);
      expect(parseDuration(pasted)).toBe(ms);
    }),
  );
});

test('a percentage has at most one decimal', () => {
  expect([0, 0.5, 0.4213, 1].map(percent)).toEqual(['0 %', '50 %', '42.1 %', '100 %']);
});
