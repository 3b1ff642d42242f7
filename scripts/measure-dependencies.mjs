/**
 * Prints what each runtime dependency costs: its installed size with what it brings along, and the time a fresh process
 * takes to load it, median of eleven. Usage: node scripts/measure-dependencies.mjs
 */
import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from './lib/files.mjs';

const ROUNDS = 11;
/** How src loads what it does not import whole; then the whole, for comparison. */
const LOADS = { mnemonist: [`require('mnemonist/fixed-deque')`, `await import('mnemonist')`] };

const root = fileURLToPath(new URL('..', import.meta.url));
const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));

console.log(`node ${process.version}, ${process.platform} ${process.arch}`);
console.log('package | licence | own kB | with what it needs kB | packages | ms to load');
for (const name of Object.keys(dependencies)) {
  const family = (await Promise.all([...closureOf(name)].map(sizeOf))).filter((size) => size > 0);
  const { version, license } = packages[`node_modules/${name}`];
  const total = family.reduce((sum, size) => sum + size, 0);
  const loads = (LOADS[name] ?? [`await import('${name}')`]).map((load) => `${medianLoadMs(load).toFixed(1)} ${load}`);
  const row = [`${name} ${version}`, license, kB(family[0]), kB(total), family.length, loads.join(', ')];
  console.log(row.join(' | '));
}

/** The package and all it may need; binaries of other platforms are not installed, so they weigh nothing. */
function closureOf(name) {
  const reached = new Set([name]);
  for (const each of reached) {
    const { dependencies = {}, optionalDependencies = {} } = packages[`node_modules/${each}`] ?? {};
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) reached.add(needed);
  }
  return reached;
}

async function sizeOf(name) {
  const files = await listFiles(join(root, 'node_modules', name), ['.'], '');
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(root, 'node_modules', name, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function medianLoadMs(load) {
  const code = `import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/');
    const startMs = performance.now();
    ${load};
    console.log(performance.now() - startMs);`;
  const times = Array.from({ length: ROUNDS }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8' })),
  );
  return times.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? 0;
}

function kB(bytes) {
  return Math.round((bytes ?? 0) / 1000);
}
