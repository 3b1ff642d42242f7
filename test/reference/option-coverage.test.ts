/** Every option that is offered has a field, and a test that fails when the field is forced to its default. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as cache from '../../src/cache/index.js';
import { cacheScope } from '../../src/cache/scope.js';
import * as llm from '../../src/llm/index.js';
import { llmScope } from '../../src/llm/scope.js';

/** The plain-object spelling belongs to no single field. */
const SPELLINGS = new Set(['withSettings']);

describe.each([
  ['cache', cache, cacheScope.fields],
  ['llm', llm, llmScope.fields],
] as const)('options of %s', (scope, entry, fields) => {
  const offered = Object.keys(entry).filter((name) => /^with[A-Z]/.test(name));
  const named = Object.values(fields).flatMap((field: { options: readonly string[] }) => field.options);
  const documented = [...new Set(named)];
  const tests = readFileSync(join(import.meta.dirname, `../${scope}/options.options.test.ts`), 'utf8');

  test('each is named by the fields it sets, and each field names options that exist', () => {
    expect(documented.toSorted()).toEqual(offered.filter((name) => !SPELLINGS.has(name)).toSorted());
  });

  test.each(offered)('%s has a test of its own', (name) => {
    expect(tests).toContain(`'${name}'`);
  });
});
