import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createLocalServer, type LocalServer, type LocalServerOptions } from '../../src/testing/local-server.js';

const GIVEN = 'Shards split the cache. Each shard has its own lock and its own policy. Lunch is at noon.';
const messages = [
  { role: 'system' as const, content: GIVEN },
  { role: 'user' as const, content: 'What does each shard have of its own?' },
];
const EXPECTED = 'Each shard has its own lock and its own policy.';

let server: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
async function start(options: Partial<LocalServerOptions> = {}): Promise<LocalServer> {
  server = await createLocalServer({ provider: createLocalProvider(), ...options });
  return server;
}
function sdk({ baseURL }: LocalServer, apiKey = 'any'): OpenAI {
  return new OpenAI({ baseURL, apiKey, maxRetries: 0 });
}
/** A provider that gives one piece, then waits for ever. */
function stallingProvider(): Provider {
  return {
    name: 'stalling',
    endpoint: 'stalling',
    body: () => ({}),
    async *chat({ signal }) {
      yield { kind: 'start', id: '1', model: 'm' };
      yield { kind: 'text-delta', text: 'first' };
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    },
  };
}

describe('the official openai SDK', () => {
  test('gets a whole answer', async () => {
    const { data, request_id } = await sdk(await start())
      .chat.completions.create({ model: 'local-1', messages })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(EXPECTED);
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(data.model).toBe('local-1');
    expect(data.usage?.total_tokens).toBe((data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0));
    expect(request_id).toMatch(/^req-\d+$/);
  });

  test('gets a stream with the usage last', async () => {
    const stream = sdk(await start()).chat.completions.stream({
      model: 'local-1',
      messages,
      stream_options: { include_usage: true },
    });
    let pieces = 0;
    stream.on('content', () => pieces++);
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(EXPECTED);
    expect(pieces).toBeGreaterThan(5);
    expect(final.usage?.completion_tokens).toBe(Math.ceil(EXPECTED.length / 4));
  });

  test('gets no usage event unless it asks', async () => {
    const stream = await sdk(await start()).chat.completions.create({ model: 'local-1', messages, stream: true });
    for await (const event of stream) {
      expect(event.choices).toHaveLength(1);
      expect('usage' in event).toBe(false);
    }
  });

  test('gets errors of its own classes', async () => {
    const { baseURL } = await start({ requireKey: 'right', models: ['local-1'] });
    const client = new OpenAI({ baseURL, apiKey: 'right', maxRetries: 0 });
    const wrong = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
    await expect(wrong.chat.completions.create({ model: 'local-1', messages })).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    await expect(client.chat.completions.create({ model: 'other', messages })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    await expect(client.chat.completions.create({ model: 'local-1', messages: [] })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
    await expect(
      client.chat.completions.create({ model: 'local-1', messages, response_format: { type: 'json_object' } }),
    ).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['local-1']);
  });

  test('that goes away amid a stream is noticed', async () => {
    const running = await start({ provider: stallingProvider() });
    const stream = await sdk(running).chat.completions.create({ model: 'm', messages, stream: true });
    for await (const event of stream) if (event.choices[0]?.delta.content === 'first') break;
    await running.until(({ aborted, openStreams }) => aborted === 1 && openStreams === 0);
    expect(running.stats()).toMatchObject({ requests: 1, answered: 0, refused: 0 });
  });
});

describe('an outage', () => {
  test('of mode error answers with its status until it ends', async () => {
    const running = await start({ outage: { mode: 'error', status: 429, retryAfterSeconds: 7 } });
    const client = sdk(running);
    const error = await client.chat.completions.create({ model: 'm', messages }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect((error as InstanceType<typeof OpenAI.RateLimitError>).headers.get('retry-after')).toBe('7');
    running.setOutage({ mode: 'error' });
    await expect(client.chat.completions.create({ model: 'm', messages })).rejects.toMatchObject({ status: 503 });
    running.setOutage(undefined);
    await expect(client.chat.completions.create({ model: 'm', messages })).resolves.toBeTruthy();
    expect(running.stats()).toMatchObject({ requests: 3, answered: 1, refused: 2 });
  });

  test('of mode reset breaks the connection, of mode hang never answers', async () => {
    const running = await start({ outage: { mode: 'reset' } });
    const client = sdk(running);
    await expect(client.chat.completions.create({ model: 'm', messages })).rejects.toBeInstanceOf(
      OpenAI.APIConnectionError,
    );
    expect(running.stats()).toMatchObject({ refused: 1, aborted: 0 });
    running.setOutage({ mode: 'hang' });
    const controller = new AbortController();
    const hanging = client.chat.completions.create({ model: 'm', messages }, { signal: controller.signal });
    await running.until(({ requests }) => requests === 2);
    controller.abort();
    await expect(hanging).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await running.until(({ aborted }) => aborted === 1);
  });
});

describe('the server', () => {
  test('says that it is healthy, and refuses what it does not know', async () => {
    const { url, baseURL } = await start();
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${baseURL}/chat/completions`)).status).toBe(405);
    for (const body of ['', 'nonsense', '[]', '{"model":1}', '{"model":"m","messages":[{"role":"king"}]}']) {
      const response = await fetch(`${baseURL}/chat/completions`, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await response.json()).toHaveProperty('error.message');
    }
  });

  test('refuses a body of more than 10 MiB', async () => {
    const { baseURL } = await start();
    const body = 'x'.repeat(10 * 1024 * 1024 + 1);
    expect((await fetch(`${baseURL}/chat/completions`, { method: 'POST', body })).status).toBe(413);
  });

  test('closes with streams open, and twice', async () => {
    const running = await start({ provider: stallingProvider() });
    const response = await fetch(`${running.baseURL}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages, stream: true }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await running.close();
    await running.close();
    await response.text().catch(() => undefined);
    await running.until(({ openStreams }) => openStreams === 0);
  });
});
