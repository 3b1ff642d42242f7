/** How long a run takes: said before, and corrected by what its suites took. */
import { expect, test } from 'vitest';
import { Forecast } from '../../bench/lib/forecast.mjs';
import { loadSuites, SUITES } from '../../bench/suites/suites.mjs';

const MINUTE_MS = 60_000;
const SUITES_OF_TEN = [
  { name: 'one', minutes: { full: 4, quick: 1 } },
  { name: 'other', minutes: { full: 6, quick: 0.5 } },
];

test('the whole is the sum of the suites', () => {
  const forecast = new Forecast(SUITES_OF_TEN, 'full');
  expect(forecast.leftMs(0)).toBe(10 * MINUTE_MS);
  expect(forecast.describe()).toBe('about 10 min on two idle cores: one 4, other 6');
});

test('what is left shrinks as time passes, and not below the suites to come', () => {
  const forecast = new Forecast(SUITES_OF_TEN, 'full');
  forecast.begin(500);
  expect(forecast.leftMs(500 + MINUTE_MS)).toBe(9 * MINUTE_MS);
  expect(forecast.leftMs(500 + 5 * MINUTE_MS)).toBe(6 * MINUTE_MS);
  expect(forecast.label(500 + MINUTE_MS)).toBe('[9 min left] ');
});

test('a suite that took twice as long makes those to come take twice as long', () => {
  const forecast = new Forecast(SUITES_OF_TEN, 'full');
  forecast.begin(0);
  forecast.begin(8 * MINUTE_MS);
  expect(forecast.leftMs(8 * MINUTE_MS)).toBe(12 * MINUTE_MS);
});

test('a smoke run promises nothing', () => {
  const forecast = new Forecast(SUITES_OF_TEN, 'smoke');
  forecast.begin(0);
  expect(forecast.label(MINUTE_MS)).toBe('');
});

test('a full run of every suite is short enough to be run: well below an hour', async () => {
  const suites = await loadSuites(Object.keys(SUITES));
  expect(new Forecast(suites, 'full').leftMs(0)).toBeLessThanOrEqual(50 * MINUTE_MS);
});
