/** Runs each option's test with its field forced to the default; every one must then fail. Prints `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'sherd-options-'));
const report = join(folder, 'report.json');
const args = [
  'vitest',
  'run',
  '--config',
  'vitest.options.config.ts',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
const run = spawnSync('npx', args, { stdio: 'inherit' });
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
console.log(`options whose test notices a forced default: ${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(run.status === 0 && numPassedTests > 0 ? 0 : 1);
