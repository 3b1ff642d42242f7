/** Runs every gate of the house and says which held. All of them run, also after one failed. Usage: npm run check */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** @type {[name: string, program: string, ...args: string[]][]} */
const GATES = [
  ['types', 'npm', 'run', '--silent', 'typecheck'],
  ['lint', 'npm', 'run', '--silent', 'lint'],
  ['floors', 'npm', 'run', '--silent', 'floors'],
  ['purity', 'node', 'scripts/check-purity.mjs'],
  ['errors', 'node', 'scripts/check-errors.mjs'],
  ['lengths', 'node', 'scripts/check-lengths.mjs'],
  ['dependencies', 'node', 'scripts/check-dependencies.mjs'],
  ['dead code', 'knip'],
  ['public api', 'node', 'scripts/check-api.mjs'],
  ['build', 'npm', 'run', '--silent', 'build'],
  ['package', 'node', 'scripts/check-package.mjs'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const failed = GATES.filter((gate) => !holds(...gate)).map(([name]) => name);
console.log(failed.length === 0 ? `all ${GATES.length} gates hold` : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/**
 * @param {string} name
 * @param {string} program
 * @param {...string} args
 */
function holds(name, program, ...args) {
  console.log(`--- ${name}`);
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}
