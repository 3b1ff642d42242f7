/**
 * Makes a run possible on a fresh checkout: installs the rivals, builds the package when its sources are newer. Then it
 * puts the build aside, so that a run measures from first to last what it began with, whatever is built meanwhile.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './installed.mjs';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** In a folder that no tool of the repository looks into; one a run, named after its process. */
const BUILDS = join(BENCH, 'node_modules', '.builds');
const ASIDE = join(BUILDS, String(process.pid));

/** @param {(text: string) => void} announce */
export function prepareRun(announce) {
  if (!isInstalled(BENCH)) {
    announce('installing the rivals (npm ci in bench/)');
    run(BENCH, 'npm', 'ci', '--no-fund', '--no-audit');
  }
  if (process.env['SHERD_DIST'] === undefined && isBuildStale()) {
    announce('building the package (npm run build:js)');
    run(ROOT, 'npm', 'run', '--silent', 'build:js');
  }
  removeLeftovers();
  process.once('exit', () => rmSync(ASIDE, { recursive: true, force: true }));
  process.env['SHERD_DIST'] = putAside(process.env['SHERD_DIST'] ?? join(ROOT, 'dist'), 'dist');
  if (process.env['SHERD_BASE'] !== undefined) process.env['SHERD_BASE'] = putAside(process.env['SHERD_BASE'], 'base');
}

/** What runs left behind that were killed. */
function removeLeftovers() {
  if (!existsSync(BUILDS)) return;
  for (const name of readdirSync(BUILDS).filter((pid) => !isRunning(Number(pid)))) {
    rmSync(join(BUILDS, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * @param {string} dist
 * @param {string} name
 */
function putAside(dist, name) {
  const copy = join(ASIDE, name);
  cpSync(dist, copy, { recursive: true, filter: (source) => !source.endsWith('.d.ts') });
  return copy;
}

function isBuildStale() {
  const entry = join(ROOT, 'dist/cache/index.js');
  return !existsSync(entry) || newestMs(join(ROOT, 'src')) > statSync(entry).mtimeMs;
}

/** @param {string} folder */
function newestMs(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/**
 * @param {string} folder
 * @param {string} program
 * @param {...string} args
 */
function run(folder, program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? `exit code ${status}`}`);
}
