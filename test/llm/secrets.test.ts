import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createClient, isConfigError, withModel, withProfile, withProvider } from '../../src/llm/index.js';

const KEY = 'sk-canary-0123456789';

test('a profile given as JSON text never shows what it holds', async () => {
  const profile = JSON.stringify({ name: 'mine', scope: 'llm', settings: { systemPrompt: KEY } });
  const option = withProfile(profile);
  const client = createClient(option, withProvider('local'));
  const shown = [
    option.label,
    inspect(client, { depth: 9 }),
    JSON.stringify(client.explain()),
    inspect(client.explain()),
  ];
  await client.close();
  expect(shown.join('\n')).not.toContain(KEY);
  expect(option.label).toBe("withProfile('mine')");
});

test.each([null, 5, '{not json', { settings: { apiKey: KEY } }])(
  'a profile that is none, %j, is a ConfigError without its contents',
  (profile) => {
    try {
      createClient(withProfile(profile as string), withProvider('local'), withModel('m'));
      expect.unreachable();
    } catch (error) {
      if (!isConfigError(error)) throw error;
      expect(inspect(error, { depth: 9 })).not.toContain(KEY);
    }
  },
);
