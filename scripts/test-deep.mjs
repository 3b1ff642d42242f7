/**
 * Runs the property suites, which are the tests that ask test/support/deep.ts how long to go on, at full length, and
 * those over real traces, on all of them.
 * Prints `N passed, N failed`. Usage: npm run test:deep [-- OPERATIONS]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const operations = Number(process.argv[2] ?? 1_000_000);
const suites = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file))
  .filter((file) => /support\/(deep|traces)\.js/.test(readFileSync(file, 'utf8')))
  .sort();
const folder = mkdtempSync(join(tmpdir(), 'sherd-deep-'));
const report = join(folder, 'report.json');
const args = ['vitest', 'run', '--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`, ...suites];
// The longest of them take minutes at this length.
const run = spawnSync('npx', [...args, '--test-timeout=3600000'], {
  stdio: 'inherit',
  env: { ...process.env, SHERD_DEEP: String(operations) },
});
const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
console.log(
  `${suites.length} suites at ${operations.toLocaleString('en')} operations: ${numPassedTests} passed, ${numFailedTests} failed`,
);
process.exit(run.status === 0 && numPassedTests > 0 ? 0 : 1);
