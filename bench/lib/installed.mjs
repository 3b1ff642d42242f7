/** Whether a folder has installed what its lockfile names: npm keeps a lockfile of its own beside what it has installed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} folder of a package */
export function isInstalled(folder) {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((file) =>
    readPackages(join(folder, file)),
  );
  // The folder itself has the empty path; what only other platforms need is not installed.
  const needed = Object.entries(wanted ?? {}).filter(([path, { optional }]) => path !== '' && optional !== true);
  return needed.every(([path, { version }]) => installed?.[path]?.version === version);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}
