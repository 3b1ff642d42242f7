/** The command local-server as the demo uses it: the built program, in a process of its own. `npm test` builds it first. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startServerProcess } from '../../src/demo/server-process.js';
import { createClient } from '../../src/llm/create-client.js';
import { withBaseURL, withModel, withProvider } from '../../src/llm/request-options.js';
import { userMessage } from '../../src/protocol/chat.js';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

test('local-server answers over HTTP, fails while it is told to, and ends with the process that started it', async () => {
  const server = await startServerProcess([process.execPath, PROGRAM, 'local-server', '--port', '0']);
  const client = createClient(withProvider('custom'), withBaseURL(server.baseUrl), withModel('any'));
  const ask = (): Promise<{ readonly text: string }> =>
    client.chat([userMessage('A sherd is a piece of pottery. It is old.'), userMessage('What is a sherd?')]);
  expect((await ask()).text).toBe('A sherd is a piece of pottery.');
  await server.setOutage(true);
  await expect(ask()).rejects.toMatchObject({ status: 503 });
  await server.setOutage(false);
  expect((await ask()).text).toBe('A sherd is a piece of pottery.');
  await client.close();
  await server.close();
  await expect(fetch(server.baseUrl)).rejects.toThrow();
}, 30_000);
