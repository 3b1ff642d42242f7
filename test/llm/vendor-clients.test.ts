import { afterEach, expect, test } from 'vitest';
import { withCache } from '../../src/llm/answer-options.js';
import { createAnthropicClient, createCohereClient } from '../../src/llm/factories.js';
import { withBaseURL, withModelTier } from '../../src/llm/request-options.js';
import type { Client } from '../../src/llm/types.js';
import { answerMessage, toolMessage, userMessage } from '../../src/protocol/chat.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function start(create: (url: string) => Client, script: Script): Promise<[Client, ScriptedServer]> {
  const server = await createScriptedServer(script);
  const client = create(server.url);
  closers.push(
    () => server.close(),
    () => client.close(),
  );
  return [client, server];
}
const bodiesOf = (server: ScriptedServer): Record<string, unknown>[] =>
  server.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

test('the signed thoughts of an answer go back with the results of its calls, out of the cache as well', async () => {
  const blocks = [
    { type: 'thinking', thinking: 'Weather.', signature: 'c2ln' },
    { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } },
  ];
  const usage = { input_tokens: 9, output_tokens: 5 };
  const head = { id: 'msg_1', type: 'message', model: 'claude-haiku-4-5', usage };
  const replies = [
    { ...head, content: blocks, stop_reason: 'tool_use' },
    { ...head, content: [{ type: 'text', text: 'It rains.' }], stop_reason: 'end_turn' },
  ].map((answer) => ({ body: JSON.stringify(answer) }));
  const [client, server] = await start(
    (url) => createAnthropicClient('k', withBaseURL(url), withModelTier('fast'), withCache(true)),
    replies,
  );
  const tools = [{ name: 'get_weather', parameters: { type: 'object' } }];
  const question = userMessage('What is the weather in Oslo?');
  const perCall = { tools, temperature: 0, reasoning: { effort: 'low' } } as const;
  await client.chat([question], perCall);
  const asked = await client.chat([question], perCall);
  expect(asked).toMatchObject({ finishReason: 'tool-calls', reasoning: 'Weather.' });
  const messages = [question, answerMessage(asked), toolMessage('toolu_1', 'rain')];
  expect((await client.chat(messages, perCall)).text).toBe('It rains.');
  const sent = bodiesOf(server);
  expect(sent).toHaveLength(2);
  expect(sent[0]).toMatchObject({ model: 'claude-haiku-4-5', thinking: { type: 'enabled', budget_tokens: 4096 } });
  expect(sent[1]?.['messages']).toMatchObject([{}, { role: 'assistant', content: blocks }, { role: 'user' }]);
});

test('a model that thinks unasked and takes no temperature is asked without both', async () => {
  const answer = { id: 'msg_1', content: [{ type: 'text', text: 'Yes.' }], stop_reason: 'end_turn' };
  const [client, server] = await start(
    (url) => createAnthropicClient('k', withBaseURL(url)),
    [{ body: JSON.stringify(answer) }],
  );
  expect(await client.chat([userMessage('Well?')])).toMatchObject({ text: 'Yes.', model: 'claude-sonnet-5' });
  expect(bodiesOf(server)).toEqual([
    {
      model: 'claude-sonnet-5',
      max_tokens: 2000,
      messages: [{ role: 'user', content: 'Well?' }],
      thinking: { type: 'disabled' },
    },
  ]);
});

test('an answer of Cohere names the model that was asked', async () => {
  const message = { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] };
  const body = JSON.stringify({ id: 'a', message, finish_reason: 'COMPLETE' });
  const [client, server] = await start((url) => createCohereClient('k', withBaseURL(url)), [{ body }]);
  expect(await client.chat([userMessage('Well?')])).toMatchObject({ text: 'Yes.', model: 'command-a-03-2025' });
  expect(server.requests[0]?.path).toBe('/v2/chat');
});
