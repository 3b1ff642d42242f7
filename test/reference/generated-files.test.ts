/** Files made from the tables of fields. They are compared here, and rewritten by `npm run docs:update`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheScope } from '../../src/cache/scope.js';
import { llmScope } from '../../src/llm/scope.js';
import type { OptionScope } from '../../src/options/field.js';
import { profileSchema } from '../../src/options/json-schema.js';
import { fieldOf } from '../../src/options/layers.js';
import { optionReference } from '../../src/options/reference.js';

const ROOT = join(import.meta.dirname, '../..');
const scopes = [cacheScope, llmScope] as unknown as readonly OptionScope<string, object>[];

test('docs/reference/options.md is what the tables say', async () => {
  const sections = scopes.map(
    (scope) => `## ${scope.name === 'cache' ? 'Cache' : 'Client'}\n\n${optionReference(scope)}`,
  );
  const page = [
    '# Options',
    '',
    'Made from the tables of fields; `npm run docs:update` rewrites it.',
    '',
    ...sections,
  ].join('\n');
  await expect(page).toMatchFileSnapshot(join(ROOT, 'docs/reference/options.md'));
});

describe.each(scopes.map((scope) => [scope.name, scope] as const))('profiles of %s', (name, scope) => {
  test('the published JSON Schema is what the table says', async () => {
    const schema = `${JSON.stringify(profileSchema(scope), undefined, 2)}\n`;
    await expect(schema).toMatchFileSnapshot(join(ROOT, `profiles/schema/${name}.json`));
  });

  const folder = join(ROOT, 'profiles', name);
  test.each(readdirSync(folder))('%s loads, names itself and gives evidence', (file) => {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>;
    expect(profile).toMatchObject({ $schema: `../schema/${name}.json`, name: file.replace('.json', ''), scope: name });
    expect([profile['description'], profile['evidence']].every((text) => typeof text === 'string' && text !== '')).toBe(
      true,
    );
    for (const [key, value] of Object.entries(profile['settings'] as object)) {
      expect([key, fieldOf(scope, key)?.type.parse(value).ok]).toEqual([key, true]);
    }
  });
});
