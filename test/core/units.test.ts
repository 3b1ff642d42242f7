import { expect, test } from 'vitest';
import { formatBytes, formatDuration, parseByteSize, parseDuration } from '../../src/core/units.js';
import { fc } from '../support/property.js';

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  [42, 42],
  [Infinity, Infinity],
])('the duration %s is %d ms', (value, expected) => {
  expect(parseDuration(value)).toBe(expected);
});

test.each(['5', 's', '5 weeks', '1h30m', '', null, undefined, Number.NaN, {}])('%s is no duration', (value) => {
  expect(parseDuration(value)).toBeUndefined();
});

test.each([
  ['512B', 512],
  ['64KiB', 65_536],
  ['100MiB', 104_857_600],
  ['1 GiB', 1_073_741_824],
  ['10MB', 10_000_000],
  [7, 7],
])('the size %s is %d bytes', (value, expected) => {
  expect(parseByteSize(value)).toBe(expected);
});

test('any whole number of milliseconds reads back with its unit', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(`${ms}ms`) === ms));
});

test.each([
  [0, '0ms'],
  [0.9996, '1ms'],
  [999.94, '999.9ms'],
  [999.96, '1s'],
  [59_949, '59.9s'],
  [59_960, '1m'],
  [60_000.4, '1m'],
  [119_999, '2m'],
  [3_599_999, '1h'],
  [7_199_999, '2h'],
  [5_430_000, '1h 30.5m'],
  [86_399_999, '1d'],
  [129_600_000, '1d 12h'],
])('%d ms print as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [1023, '1023 B'],
  [2 ** 20 - 1, '1 MiB'],
  [2 ** 50, '1024 TiB'],
])('%d bytes print as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('figures print for people', () => {
  expect([formatDuration(0.25), formatDuration(90_000), formatDuration(7_200_000)]).toEqual(['250us', '1m 30s', '2h']);
  expect([formatBytes(67_108_864), formatBytes(1500)]).toEqual(['64 MiB', '1.5 KiB']);
});
