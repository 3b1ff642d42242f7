/**
 * Prints `PASSED FAILED` of a Vitest JSON report. CI lets no test skip: a skipped one is named and counts as failed.
 * Usage: node scripts/read-counts.mjs FILE
 */
import { readFile } from 'node:fs/promises';

const SKIPPED = new Set(['skipped', 'pending', 'todo']);
const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
const tests = testResults.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ name, ...test })));
const skipped = tests.filter(({ status }) => SKIPPED.has(status));
for (const { name, fullName } of skipped) console.error(`skipped: ${name}: ${fullName}`);
console.log(numPassedTests, numFailedTests + skipped.length);
