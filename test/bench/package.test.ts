/** The bench is a package of its own: what it installs is pinned, found by its commands, and no part of the library. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RIVALS } from '../../bench/lib/subjects/rivals.mjs';
import { LLM_SUBJECTS } from '../../bench/llm/subjects/subjects.mjs';
import { LOAD_SUITES, SUITES } from '../../bench/suites/suites.mjs';

interface PackageJson {
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly packages?: Record<string, { readonly resolved?: string; readonly integrity?: string }>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const library = await readJson('package.json');
const bench = await readJson('bench/package.json');
const locked = await readJson('bench/package-lock.json');
const installed = bench.dependencies ?? {};

/** Of the rivals, those that the library uses itself, or tests against: see docs/decisions. */
const ALSO_USED = ['lru-cache', 'mnemonist', 'openai', 'undici'];

test('the bench is private', () => {
  expect(bench.private).toBe(true);
});

test('what the bench installs is pinned to a version and to a hash, without a download address', () => {
  for (const version of Object.values(installed)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const packages = Object.entries(locked.packages ?? {}).filter(([path]) => path !== '');
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter(([, each]) => each.resolved !== undefined || each.integrity === undefined)).toEqual([]);
});

test('every rival is installed by the bench', () => {
  const named = [...Object.values(RIVALS), ...Object.values(LLM_SUBJECTS)].map((rival) => rival.package);
  expect(Object.keys(installed)).toEqual(expect.arrayContaining(named.filter((name) => name !== '')));
});

test('no rival becomes a dependency of the library by being measured', () => {
  const taken = Object.keys({ ...library.dependencies, ...library.devDependencies });
  expect(Object.keys(installed).filter((name) => taken.includes(name))).toEqual(ALSO_USED);
});

test('what both use is the same version, since a build that is measured finds the packages of the bench', () => {
  const own = { ...library.dependencies, ...library.devDependencies };
  expect(ALSO_USED.map((name) => own[name])).toEqual(ALSO_USED.map((name) => installed[name]));
});

test('the published package holds nothing of the bench', () => {
  expect((library.files ?? []).filter((path) => path.startsWith('bench'))).toEqual([]);
});

test('every suite has its command', () => {
  const commands = Object.keys(SUITES).map((suite) => `bench:${suite}`);
  expect(Object.keys(library.scripts ?? {})).toEqual(
    expect.arrayContaining([...commands, 'bench', 'benchmark', 'benchmark:cache']),
  );
});

test('every load suite has its command, and is named by itself and nothing else', () => {
  const commands = Object.keys(LOAD_SUITES).map((suite) => `load:${suite}`);
  expect(Object.keys(library.scripts ?? {})).toEqual(expect.arrayContaining([...commands, 'load:signal']));
  expect(Object.keys(LOAD_SUITES).filter((suite) => Object.hasOwn(SUITES, suite))).toEqual([]);
});

async function readJson(path: string): Promise<PackageJson> {
  return JSON.parse(await readFile(`${ROOT}/${path}`, 'utf8')) as PackageJson;
}
