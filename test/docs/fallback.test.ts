/** The page on fallback and routing: every snippet compiles, runs, and prints what the page says. Needs `npm run build`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPage, SnippetFolder, snippetsOf } from '../support/snippets.js';

const page = readPage('docs/guide/fallback.md');
const snippets = snippetsOf(page);

describe('the snippets', () => {
  const folder = new SnippetFolder('fallback', snippets);
  const printed = Array.from(page.matchAll(/```ts\n[\s\S]*?```\n\n```text\n([\s\S]*?)```/g), ([, lines]) => lines);
  beforeAll(() => folder.write());
  afterAll(() => folder.remove());

  test('compile, and each is followed by what it prints', () => {
    expect(folder.problems()).toEqual([]);
    expect(snippets.length).toBeGreaterThan(0);
    expect(printed).toHaveLength(snippets.length);
  });

  test.each(snippets.map(({ title }, i) => [title, i] as const))('%s prints what it says', async (_, i) => {
    expect(await folder.run(i)).toEqual({ status: 0, errors: '', output: printed[i] });
  });
});
