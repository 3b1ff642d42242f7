/**
 * Checks the package as it would be published: its size against scripts/size-budget.json, its manifest (publint) and its
 * types as an ESM-only importer sees them (attw). Needs a build. Usage: node scripts/check-package.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './lib/pack.mjs';
import { report } from './lib/report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const budget = JSON.parse(await readFile(new URL('size-budget.json', import.meta.url), 'utf8'));
const directory = await mkdtemp(join(tmpdir(), 'sherd-pack-'));
try {
  const packed = await pack(root, directory);
  report(
    `size packed ${packed.packedBytes} B, installed ${packed.installedBytes} B in ${packed.files.length} files`,
    Object.entries(budget)
      .filter(([measure, most]) => packed[measure] > most)
      .map(([measure, most]) => `${measure}: at most ${most}`),
  );
  runTool('publint', ['--strict', packed.tarball]);
  runTool('attw', [packed.tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']);
} finally {
  await rm(directory, { recursive: true });
}

function runTool(name, args) {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', name), args, { encoding: 'utf8' });
  report(name, status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n'));
}
