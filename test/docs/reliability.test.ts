/** The page on reliability: every row once and in order, and every test that it names is there under its name. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPage } from '../support/snippets.js';

const ROOT = join(import.meta.dirname, '../..');
const page = readPage('docs/guide/reliability.md');
const rows = [...page.matchAll(/^\| (issue \d+|F\d+) \| (.+) \| (.+) \| (.+) \|$/gm)].map(([, row, , , tests]) => ({
  row: row ?? '',
  tests: (tests ?? '').split('<br>').map((entry) => {
    const [, file = '', name = ''] = /^`(test\/[\w/.-]+\.test\.ts)`: (.+)$/.exec(entry) ?? [];
    return { file, name };
  }),
}));
const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);

describe('the page on reliability', () => {
  test('has every row, once and in order', () => {
    expect(rows.map(({ row }) => row)).toEqual([
      ...numbered('issue ', 1, 20),
      ...numbered('F', 1, 28),
      ...numbered('F', 47, 56),
      ...numbered('F', 60, 61),
    ]);
  });

  test.each(rows)('names tests of $row that exist', ({ tests }) => {
    for (const { file, name } of tests) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      const source = readFileSync(join(ROOT, file), 'utf8');
      const starts = ["'", '`'].some((quote) => source.includes(`${quote}${name}`));
      expect(starts, `a test of ${file} that begins with "${name}"`).toBe(true);
    }
  });

  test.each(rows.filter(({ row }) => row.startsWith('issue')))(
    'names the test of $row that the naive client fails',
    ({ row, tests }) => {
      const [first] = tests;
      const source = readFileSync(join(ROOT, first?.file ?? ''), 'utf8');
      expect(source).toMatch(new RegExp(`immune\\(\\s*['\`]${row}: `));
    },
  );
});
