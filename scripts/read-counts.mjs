/** Prints `PASSED FAILED` of a Vitest JSON report, names what was skipped. Usage: node scripts/read-counts.mjs FILE */
import { readFile } from 'node:fs/promises';

const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
const tests = testResults.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ name, ...test })));
for (const { status, name, fullName } of tests) {
  if (status === 'skipped' || status === 'pending' || status === 'todo') console.error(`skipped: ${name}: ${fullName}`);
}
console.log(numPassedTests, numFailedTests);
