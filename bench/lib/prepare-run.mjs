/** Makes a run possible on a fresh checkout: installs the rivals, builds the package when its sources are newer. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {(text: string) => void} announce */
export function prepareRun(announce) {
  if (!existsSync(join(BENCH, 'node_modules'))) {
    announce('installing the rivals (npm ci in bench/)');
    run(BENCH, 'npm', 'ci', '--no-fund', '--no-audit');
  }
  if (process.env['SHERD_DIST'] === undefined && isBuildStale()) {
    announce('building the package (npm run build:js)');
    run(ROOT, 'npm', 'run', '--silent', 'build:js');
  }
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
