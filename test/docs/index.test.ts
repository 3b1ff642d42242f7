/** The index of the guide has every page of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage } from '../support/snippets.js';

test('the index names every page once, and no other', () => {
  const pages = readdirSync(join(import.meta.dirname, '../../docs/guide')).filter((name) => name !== 'README.md');
  const named = [...readPage('docs/guide/README.md').matchAll(/\]\(([^)]+)\)/g)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(pages.toSorted());
});
