/** The lockfile pins versions and hashes; where they come from is each machine's own setting. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ROOT } from './run-script.js';

const { packages } = JSON.parse(await readFile(`${ROOT}/package-lock.json`, 'utf8'));
const installed: [string, { resolved?: string; integrity?: string }][] = Object.entries(packages).filter(
  ([path]) => path !== '',
) as never;

test('the lockfile names no download address', () => {
  expect(installed.length).toBeGreaterThan(0);
  expect(installed.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test('the lockfile pins every package by its hash', () => {
  expect(installed.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
});
