import { describe, expect, test } from 'vitest';
import { parseRetryAfterMs, parseShouldRetry } from '../../src/protocol/retry-after.js';
import { fc } from '../support/property.js';

const WALL_MS = Date.UTC(1994, 10, 6, 8, 49, 30);

describe('the wait that a server asks for', () => {
  test.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['fractions of a second', { 'retry-after': '0.5' }, 500],
    ['zero', { 'retry-after': '0' }, 0],
    ['milliseconds', { 'retry-after-ms': '250' }, 250],
    ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    ['seconds when the milliseconds are garbage', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9000],
    ['a date', { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }, 7000],
    ['a date in the RFC 850 form', { 'retry-after': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 7000],
    ['a date in the asctime form', { 'retry-after': 'Sun Nov  6 08:49:37 1994' }, 7000],
    ['more than anybody would wait, unclamped', { 'retry-after': '1000000000' }, 1e12],
  ])('is read from %s', (_name, headers, expected) => {
    expect(parseRetryAfterMs(headers, WALL_MS)).toBe(expected);
  });

  test.each([
    ['nothing', {}],
    ['an empty header', { 'retry-after': '' }],
    ['a negative number', { 'retry-after': '-1' }],
    ['a past date', { 'retry-after': 'Sun, 06 Nov 1994 08:49:29 GMT' }],
    ['a date that does not exist', { 'retry-after': 'Sun, 99 Nov 1994 08:49:37 GMT' }],
    ['words', { 'retry-after': 'later' }],
    ['an exponent', { 'retry-after': '1e9' }],
    ['hexadecimal', { 'retry-after': '0x10' }],
    ['Infinity', { 'retry-after': 'Infinity' }],
    ['two values', { 'retry-after': '1, 2' }],
  ])('is unknown from %s', (_name, headers) => {
    expect(parseRetryAfterMs(headers, WALL_MS)).toBeUndefined();
  });

  test('is never negative, infinite or not a number, whatever came', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (ms, seconds) => {
        const wait = parseRetryAfterMs({ 'retry-after-ms': ms, 'retry-after': seconds }, WALL_MS);
        expect(wait === undefined || (wait >= 0 && Number.isFinite(wait))).toBe(true);
      }),
    );
  });
});

test('x-should-retry is true, false or unknown', () => {
  expect(parseShouldRetry({ 'x-should-retry': 'true' })).toBe(true);
  expect(parseShouldRetry({ 'x-should-retry': ' False ' })).toBe(false);
  expect(parseShouldRetry({ 'x-should-retry': 'maybe' })).toBeUndefined();
  expect(parseShouldRetry({})).toBeUndefined();
});
