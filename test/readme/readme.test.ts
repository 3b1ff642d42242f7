/** Every TypeScript snippet of the README compiles against the built package and runs, against a local server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createLocalServer, type LocalServer } from '../../src/testing/local-server.js';
import { readPage, SnippetFolder, snippetsOf } from '../support/snippets.js';

const snippets = snippetsOf(readPage('README.md'));
const folder = new SnippetFolder('readme', snippets);

let server: LocalServer;

beforeAll(async () => {
  folder.write();
  server = await createLocalServer({ provider: createLocalProvider() });
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

test('the README has its snippets', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(11);
});

test('they compile', () => {
  expect(folder.problems()).toEqual([]);
});

test.each(snippets.map(({ title }, i) => [`${i}: ${title}`, i] as const))('snippet %s runs and exits', async (_, i) => {
  const { status, errors } = await folder.run(i, { OPENAI_API_KEY: 'local-key', OPENAI_BASE_URL: server.baseURL });
  expect([status, errors]).toEqual([0, '']);
});
