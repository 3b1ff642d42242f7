import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  userMessage,
  withModel,
  withProvider,
} from '../../src/llm/index.js';
import type { Chunk } from '../../src/protocol/chat.js';
import {
  answerOf,
  collect,
  createPuppet,
  fail,
  hang,
  opening,
  type Play,
  type Puppet,
  rejection,
  settle,
  textOf,
} from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function setUp(play?: Play, ...options: readonly ClientOption[]): { client: Client; puppet: Puppet } {
  const puppet = createPuppet(play);
  const client = createClient(withProvider(puppet), withModel('m'), ...options);
  clients.push(client);
  return { client, puppet };
}

describe('a stream', () => {
  test('asks nobody before it is read', async () => {
    const { client, puppet } = setUp();
    const stream = client.stream(question);
    await settle();
    expect([puppet.calls.length, client.metrics().active]).toEqual([0, 0]);
    expect(textOf(await collect(stream))).toBe('hello there');
    expect(puppet.calls.length).toBe(1);
  });

  test('is of the question as it stood when it was asked', async () => {
    const { client, puppet } = setUp();
    const messages = [userMessage('before')];
    const stream = client.stream(messages);
    messages[0] = userMessage('after');
    await stream.final();
    expect(puppet.calls[0]?.request.messages).toEqual([{ role: 'user', content: 'before' }]);
  });

  test('can be read once', async () => {
    const { client } = setUp();
    const stream = client.stream(question);
    await collect(stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrow(expect.objectContaining({ code: 'ERR_STREAM_USED' }) as Error);
    expect((await stream.final()).text).toBe('hello there');
  });

  test('reads itself for final() when nobody else does', async () => {
    const { client } = setUp();
    expect(await client.stream(question).final()).toMatchObject({
      text: 'hello there',
      provider: 'puppet',
      cached: false,
    });
  });

  test('shows an answer that came whole as chunks', async () => {
    const { client } = setUp(async function* () {
      yield {
        kind: 'response',
        answer: { ...answerOf('all at once'), toolCalls: [{ id: 't1', name: 'look', arguments: '{}' }] },
      };
    });
    const kinds = (await collect(client.stream(question))).map(({ kind }) => kind);
    expect(kinds).toEqual([
      'start',
      'text-delta',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-end',
      'usage',
      'finish',
    ]);
  });

  test('cancels upstream when it is left, also while a chunk is awaited', async () => {
    const { client, puppet } = setUp(async function* (call) {
      yield* opening();
      yield { kind: 'text-delta', text: 'a' };
      yield* hang(call);
    });
    const early = client.stream(question);
    for await (const chunk of early) if (chunk.kind === 'text-delta') break;
    await expect(early.final()).rejects.toMatchObject({ code: 'ERR_STREAM_LEFT' });
    const waiting = client.stream(question)[Symbol.asyncIterator]();
    await waiting.next();
    await waiting.next();
    const pending = waiting.next();
    await waiting.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await settle();
    expect([puppet.aborted, client.metrics().active, client.metrics().aborts]).toEqual([2, 0, 2]);
  });

  test('rejects with the reason of its signal, before, during and after', async () => {
    const { client } = setUp(async function* (call) {
      yield* opening();
      yield { kind: 'text-delta', text: 'a' };
      yield* hang(call);
    });
    const before = AbortSignal.abort('too early');
    expect(await rejection(collect(client.stream(question, { signal: before })))).toBe('too early');
    const controller = new AbortController();
    const chunks: Chunk[] = [];
    const error = await rejection(
      (async () => {
        for await (const chunk of client.stream(question, { signal: controller.signal })) {
          chunks.push(chunk);
          if (chunk.kind === 'text-delta') controller.abort('mid-way');
        }
      })(),
    );
    expect([error, textOf(chunks)]).toEqual(['mid-way', 'a']);
  });

  test('leaves no listener on a signal that outlives it', async () => {
    const { client } = setUp();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...values: Parameters<typeof add>) => {
      listeners++;
      add(...values);
    };
    signal.removeEventListener = (...values: Parameters<typeof remove>) => {
      listeners--;
      remove(...values);
    };
    await client.chat(question, { signal });
    await client.stream(question, { signal }).final();
    for await (const chunk of client.stream(question, { signal })) if (chunk.kind === 'text-delta') break;
    expect(listeners).toBe(0);
  });

  test('fails as chat() does', async () => {
    const { client } = setUp(() => fail(500));
    const stream = client.stream(question);
    const error = await rejection(collect(stream));
    expect(error).toMatchObject({ status: 500 });
    expect(await rejection(stream.final())).toBe(error);
  });
});

describe('a call', () => {
  test('is checked before anything is sent, all problems at once and without the prompt', () => {
    const { client, puppet } = setUp();
    const wrong = [{ role: 'usr', content: 'secret prompt' }, { role: 'user' }] as never;
    const perCall = { temperatur: 1, ttl: 'soon', scope: '', cache: 'yes' } as never;
    let message = '';
    try {
      client.stream(wrong, perCall);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split('\n').length).toBe(7);
    expect(message).toContain('messages[0].role');
    expect(message).toContain('messages[1].content');
    expect(message).toContain('did you mean temperature?');
    expect(message).not.toContain('secret prompt');
    expect(puppet.calls.length).toBe(0);
  });

  test('without messages is refused', async () => {
    const { client } = setUp();
    await expect(client.chat([])).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' });
    await expect(client.chat('hi' as never)).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' });
  });

  test('checks its settings as options are checked', async () => {
    const { client } = setUp();
    await expect(
      client.chat(question, { temperature: 3, maxTokens: 0, timeout: '1 parsec' as never }),
    ).rejects.toMatchObject({
      issues: [{ path: 'temperature' }, { path: 'maxTokens' }, { path: 'timeoutMs' }].map(
        (issue) => expect.objectContaining(issue) as object,
      ),
    });
  });

  test('asks with its own settings over those of the client', async () => {
    const { client, puppet } = setUp();
    await client.chat(question, {
      model: 'other',
      temperature: 0,
      maxTokens: 3,
      topP: 0.5,
      systemPrompt: 'Be brief.',
      seed: 4,
    });
    expect(puppet.calls[0]?.request).toMatchObject({
      model: 'other',
      temperature: 0,
      maxTokens: 3,
      topP: 0.5,
      seed: 4,
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
    });
  });
});
