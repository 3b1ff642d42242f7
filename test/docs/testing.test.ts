/** The page on testing: every snippet compiles, runs, and prints what it says it prints. Needs `npm run build`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as testingEntry from '../../src/testing/index.js';
import { simulationOracles } from '../../src/testing/simulation-oracles.js';
import { readPage, SnippetFolder, snippetsOf } from '../support/snippets.js';

const page = readPage('docs/guide/testing.md');
const snippets = snippetsOf(page);

describe('the snippets', () => {
  const folder = new SnippetFolder('testing', snippets);
  beforeAll(() => folder.write());
  afterAll(() => folder.remove());

  test('compile', () => {
    expect(folder.problems()).toEqual([]);
  });

  test.each(snippets.map(({ title }, i) => [title, i] as const))('%s prints what it says', async (_, i) => {
    const printed = Array.from((snippets[i]?.code ?? '').matchAll(/\/\/ prints: (.*)/g), ([, line]) => line);
    expect(printed.length).toBeGreaterThan(0);
    const { status, output, errors } = await folder.run(i);
    expect({ status, errors, lines: output.trimEnd().split('\n') }).toEqual({ status: 0, errors: '', lines: printed });
  });
});

test('the table of oracles is whole', () => {
  const [, table = ''] = page.split('| oracle | holds when |');
  const listed = Array.from(table.matchAll(/^\| `([a-z-]+)` \| /gm), ([, name]) => name);
  expect(listed).toEqual([...simulationOracles.map(({ name }) => name), 'no-unhandled-rejections']);
});

test('every function that it names is exported', () => {
  const named = new Set(
    Array.from(page.matchAll(/`((?:create|define|record|replay|simulate)\w*)\(/g), ([, name]) => name),
  );
  for (const name of named) expect(testingEntry).toHaveProperty(name as string);
  expect(named.size).toBeGreaterThan(8);
});
