/** The lockfile pins versions and hashes; where they come from is each machine's own setting. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ROOT } from './run-script.js';

interface LockedPackage {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(await readFile(`${ROOT}/package-lock.json`, 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const installed = Object.entries(packages).filter(([path]) => path !== '');

test('the lockfile names no download address', () => {
  expect(installed.length).toBeGreaterThan(0);
  expect(namesOf((locked) => locked.resolved !== undefined)).toEqual([]);
});

test('the lockfile holds the binaries of every platform, without which npm ci refuses it', () => {
  const optional = installed.flatMap(([, locked]) => Object.keys(locked.optionalDependencies ?? {}));
  expect(optional.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
});

test('the lockfile pins by its hash whatever users install', () => {
  expect(namesOf((locked) => locked.dev !== true && locked.integrity === undefined)).toEqual([]);
});

test('the lockfile pins tools by their hash, but for binaries of a platform the registry did not offer', () => {
  const isForeignBinary = (locked: LockedPackage) => locked.optional === true && locked.os !== undefined;
  expect(namesOf((locked) => locked.integrity === undefined && !isForeignBinary(locked))).toEqual([]);
});

function namesOf(isWanted: (locked: LockedPackage) => boolean): string[] {
  return installed.filter(([, locked]) => isWanted(locked)).map(([path]) => path);
}
