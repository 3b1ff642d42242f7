/** Whether the rivals are installed: asked before a run, since a checkout may have newer ones than its folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isInstalled } from '../../bench/lib/installed.mjs';

type Packages = Record<string, { readonly version?: string; readonly optional?: boolean }>;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-installed-'));
  await mkdir(join(folder, 'node_modules'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (file: string, packages: Packages) => writeFile(join(folder, file), JSON.stringify({ packages }));
const lock = (packages: Packages) => write('package-lock.json', { '': { version: '1.0.0' }, ...packages });
const install = (packages: Packages) => write('node_modules/.package-lock.json', packages);

const RIVAL = { 'node_modules/rival': { version: '2.0.0' } };
const OTHER = { 'node_modules/other': { version: '1.0.0' } };

test('what the lockfile names is there', async () => {
  await lock(RIVAL);
  await install({ ...RIVAL, ...OTHER });
  expect(isInstalled(folder)).toBe(true);
});

test('a package that was added since is missing', async () => {
  await lock({ ...RIVAL, ...OTHER });
  await install(RIVAL);
  expect(isInstalled(folder)).toBe(false);
});

test('another version is not what is wanted', async () => {
  await lock(RIVAL);
  await install({ 'node_modules/rival': { version: '1.9.0' } });
  expect(isInstalled(folder)).toBe(false);
});

test('a folder in which nothing was installed has nothing', async () => {
  await lock(RIVAL);
  expect(isInstalled(folder)).toBe(false);
});

test('what only other platforms need is not missed', async () => {
  await lock({ ...RIVAL, 'node_modules/binary': { version: '1.0.0', optional: true } });
  await install(RIVAL);
  expect(isInstalled(folder)).toBe(true);
});
