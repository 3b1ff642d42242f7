import { describe, expect, test } from 'vitest';
import {
  type Plugin,
  type ProviderAnswer,
  systemMessage,
  userMessage,
  withCache,
  withFallback,
  withMaxTokens,
  withPlugins,
  withRetryCount,
  withRetryDelay,
  withSystemPrompt,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { answerOf, collect, createPuppet, fail, type Play, rejection, settle, speak, textOf } from './puppet.js';
import { question, setUp } from './puppet-client.js';

const hello: Play = (call) => speak(call, 'hello there');
const ask = (client: ReturnType<typeof setUp>['client'], how: 'chat' | 'stream') =>
  how === 'chat' ? client.chat(question) : client.stream(question).final();

/** Notes what it is told. */
function witness(name: string, notes: string[], more: Partial<Plugin> = {}): Plugin {
  return {
    name,
    beforeRequest: () => void notes.push(`${name} before`) as undefined,
    afterResponse: ({ text }) => void notes.push(`${name} after ${text}`) as undefined,
    ...more,
  };
}

describe.each(['chat', 'stream'] as const)('in %s', (how) => {
  test('plugins are told in order, and of the answer in reverse', async () => {
    const notes: string[] = [];
    const { client } = setUp(hello, withPlugins([witness('a', notes), witness('b', notes)]));
    await ask(client, how);
    expect(notes).toEqual(['a before', 'b before', 'b after hello there', 'a after hello there']);
  });

  test('a request is changed before its key is made', async () => {
    const short: Plugin = { name: 'short', beforeRequest: (request) => ({ request: { ...request, maxTokens: 7 } }) };
    const { client, puppet } = setUp(hello, withCache(true), withPlugins([short]));
    await ask(client, how);
    expect(puppet.calls[0]?.request.maxTokens).toBe(7);
    expect((await client.chat(question, { maxTokens: 99 })).cached).toBe(true);
  });

  test('one that answers ends the way there, and all who were asked see the answer', async () => {
    const notes: string[] = [];
    const own = answerOf('from the plugin');
    const plugins = [
      witness('a', notes),
      witness('b', notes, { beforeRequest: () => ({ answer: own }) }),
      witness('c', notes),
    ];
    const { client, puppet } = setUp(hello, withCache(true), withPlugins(plugins));
    const response = await ask(client, how);
    expect(response).toMatchObject({ text: 'from the plugin', plugin: 'b', cached: false, stored: false, cost: 0 });
    expect([puppet.calls.length, client.metrics().cost]).toEqual([0, 0]);
    expect(notes).toEqual(['a before', 'b after from the plugin', 'a after from the plugin']);
  });

  test.each<[string, Partial<Plugin>]>([
    ['throws before', { beforeRequest: () => Promise.reject(new Error('broken')) }],
    [
      'throws at once',
      {
        beforeRequest: () => {
          throw new Error('broken');
        },
      },
    ],
    ['gives what is no verdict', { beforeRequest: () => 'yes' as never }],
    [
      'makes a request that nobody could have made',
      { beforeRequest: (request) => ({ request: { ...request, messages: [] } }) },
    ],
    ['sets what no setting may be', { beforeRequest: (request) => ({ request: { ...request, maxTokens: -1 } }) }],
    ['answers with what is no answer', { beforeRequest: () => ({ answer: { text: 5 } as never }) }],
    [
      'throws after',
      {
        beforeRequest: () => undefined,
        afterResponse: () => {
          throw new Error('broken');
        },
      },
    ],
    ['makes of the answer what is none', { beforeRequest: () => undefined, afterResponse: () => 'hm' as never }],
  ])('one that %s is counted and passed over', async (_what, more) => {
    const notes: string[] = [];
    const { client } = setUp(
      hello,
      withPlugins([witness('a', notes), witness('broken', [], more), witness('c', notes)]),
    );
    expect((await ask(client, how)).text).toBe('hello there');
    expect(notes).toEqual(['a before', 'c before', 'c after hello there', 'a after hello there']);
    expect(client.metrics()).toMatchObject({ containedErrors: 1, failures: 0 });
  });

  test('cached answers go back through plugins, which change nothing that is stored', async () => {
    let count = 0;
    const sign: Plugin = {
      name: 'sign',
      afterResponse: (answer) => ({ ...answer, text: `${answer.text} ${++count}` }),
    };
    const { client, puppet } = setUp(hello, withCache(true), withPlugins([sign]));
    const texts = [(await ask(client, how)).text, (await ask(client, how)).text];
    // Of a stream the text has left by then.
    expect(texts).toEqual(how === 'chat' ? ['hello there 1', 'hello there 2'] : ['hello there', 'hello there']);
    expect([count, puppet.calls.length]).toEqual([2, 1]);
  });

  test('perAttempt stands inside the cache: around every attempt, and what it makes is stored', async () => {
    const notes: string[] = [];
    const shout: Plugin = {
      name: 'shout',
      perAttempt: true,
      beforeRequest: (request) => {
        notes.push('attempt');
        return { request: { ...request, user: 'me' } };
      },
      afterResponse: (answer) => ({ ...answer, text: answer.text.toUpperCase() }),
    };
    const { client, puppet, clock } = setUp(
      (call, index) => (index === 0 ? fail(503) : hello(call, index)),
      withCache(true),
      withRetryCount(1),
      withRetryDelay(0),
      withPlugins([shout]),
    );
    const answer = client.chat(question);
    await settle();
    await clock.advanceAsync(0);
    expect((await answer).text).toBe('HELLO THERE');
    expect([notes.length, puppet.calls[1]?.request.user]).toEqual([2, 'me']);
    expect(await ask(client, how)).toMatchObject({ text: 'HELLO THERE', cached: true });
    expect(notes.length).toBe(2);
  });
});

describe('a changed request', () => {
  test('may lose the system prompt, gain tools, and keeps what each target has of its own', async () => {
    const other = createPuppet(hello, 'other');
    const plugin: Plugin = {
      name: 'p',
      beforeRequest: ({ messages, ...request }) => ({
        request: { ...request, messages: messages.filter(({ role }) => role !== 'system'), tools: [{ name: 't' }] },
      }),
    };
    const { client, puppet } = setUp(
      () => fail(500),
      withSystemPrompt('Be brief.'),
      withMaxTokens(5),
      withPlugins([plugin]),
      withFallback([{ provider: other, model: 'o' }]),
    );
    await client.chat(question);
    for (const [asked, model] of [
      [puppet, 'm'],
      [other, 'o'],
    ] as const) {
      expect(asked.calls[0]?.request).toMatchObject({
        model,
        messages: question,
        tools: [{ name: 't' }],
        maxTokens: 5,
      });
    }
  });

  test('may be without what the call said', async () => {
    const plugin: Plugin = {
      name: 'p',
      beforeRequest: ({ stop: _stop, ...request }) => ({ request: { ...request, model: 'n', temperature: 0 } }),
    };
    const { client, puppet } = setUp(hello, withPlugins([plugin]));
    const { stop: _stop, ...response } = { stop: 1, ...(await client.chat(question, { stop: ['.'] })) };
    expect(puppet.calls[0]?.request).toMatchObject({ model: 'n', temperature: 0 });
    expect(puppet.calls[0]?.request.stop).toBeUndefined();
    expect(response.plugin).toBeUndefined();
  });

  test('is one more plugin’s request', async () => {
    const add = (name: string): Plugin => ({
      name,
      beforeRequest: (request) => ({ request: { ...request, messages: [...request.messages, systemMessage(name)] } }),
    });
    const { client, puppet } = setUp(hello, withPlugins([add('a'), add('b')]));
    await client.chat([userMessage('q')]);
    expect(puppet.calls[0]?.request.messages.map(({ content }) => content)).toEqual(['q', 'a', 'b']);
  });

  test('starts as a frozen one, and a plugin that tries is counted', async () => {
    const rude: Plugin = {
      name: 'rude',
      beforeRequest(request) {
        (request as { model: string }).model = 'x';
        return undefined;
      },
    };
    const { client, puppet } = setUp(hello, withPlugins([rude]));
    await client.chat(question);
    expect([puppet.calls[0]?.request.model, client.metrics().containedErrors]).toEqual(['m', 1]);
  });
});

describe('chunks', () => {
  test('pass the last plugin first, and may be replaced by those of their kind', async () => {
    const mark = (sign: string): Plugin => ({
      name: sign,
      onChunk: (chunk) => (chunk.kind === 'text-delta' ? { ...chunk, text: chunk.text + sign } : undefined),
    });
    const seen: ProviderAnswer[] = [];
    const watch: Plugin = { name: 'watch', afterResponse: (answer) => void seen.push(answer) as undefined };
    const { client } = setUp(hello, withCache(true), withPlugins([watch, mark('1'), mark('2')]));
    for (let i = 0; i < 2; i++) {
      expect(textOf(await collect(client.stream(question)))).toBe(i === 0 ? 'hello21 there21' : 'hello there21');
    }
    expect(seen.map(({ text }) => text)).toEqual(['hello21 there21', 'hello there21']);
  });

  test('that a plugin has changed make the answer, whatever the provider says of the whole', async () => {
    const play: Play = async function* () {
      yield { kind: 'start', id: 'a', model: 'm' };
      yield { kind: 'text-delta', text: 'my pin is 4711' };
      yield { kind: 'finish', reason: 'stop', text: 'My PIN is 4711.' };
    };
    const hide: Plugin = {
      name: 'hide',
      onChunk: (chunk) =>
        chunk.kind === 'text-delta' ? { ...chunk, text: chunk.text.replace('4711', '****') } : undefined,
    };
    expect(
      (
        await setUp(play, withPlugins([hide]))
          .client.stream(question)
          .final()
      ).text,
    ).toBe('my pin is ****');
    const { client } = setUp(play, withCache(true));
    for (let i = 0; i < 2; i++) expect((await client.stream(question).final()).text).toBe('My PIN is 4711.');
  });

  test('of a plugin that throws, or changes their kind, go on as they were, and it is asked no more', async () => {
    let asked = 0;
    const broken: Plugin = {
      name: 'broken',
      onChunk() {
        asked++;
        throw new Error('broken');
      },
    };
    const odd: Plugin = { name: 'odd', onChunk: () => ({ kind: 'text-delta', text: '!' }) };
    const { client } = setUp(hello, withPlugins([broken, odd]));
    expect(textOf(await collect(client.stream(question)))).toBe('hello there');
    expect([asked, client.metrics().containedErrors]).toEqual([1, 2]);
  });

  test('are no affair of chat(), whose answer comes whole', async () => {
    let asked = 0;
    const { client } = setUp(hello, withPlugins([{ name: 'n', onChunk: () => void asked++ as undefined }]));
    await client.chat(question);
    expect(asked).toBe(0);
  });
});

describe('a plugin that never answers', () => {
  const stuck: Plugin = { name: 'stuck', beforeRequest: () => new Promise(() => undefined) };

  test('holds a call no longer than its caller or the total timeout does', async () => {
    const { client, clock } = setUp(hello, withPlugins([stuck]), withTotalTimeout('1s'));
    const timed = rejection(client.chat(question));
    const controller = new AbortController();
    const left = rejection(client.stream(question, { signal: controller.signal }).final());
    await settle();
    controller.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    await clock.advanceAsync(1_000);
    expect(await timed).toMatchObject({ kind: 'total' });
    expect(client.metrics()).toMatchObject({ containedErrors: 0, active: 0 });
  });

  test('is told of the abort, and leaves nothing open at the end of a stream', async () => {
    const signals: AbortSignal[] = [];
    const late: Plugin = {
      name: 'late',
      afterResponse: (_answer, { signal, isStream }) => {
        expect(isStream).toBe(true);
        signals.push(signal);
        return new Promise(() => undefined);
      },
    };
    const { client } = setUp(hello, withPlugins([late]));
    const controller = new AbortController();
    const stream = rejection(client.stream(question, { signal: controller.signal }).final());
    await settle();
    controller.abort(new Error('gone'));
    expect(await stream).toMatchObject({ message: 'gone' });
    expect([signals[0]?.aborted, client.metrics().active]).toEqual([true, 0]);
  });
});

const nothing = (): undefined => undefined;
test.each([
  [{}],
  [[{ name: '', onChunk: nothing }]],
  [[{ name: 'a' }]],
  [[{ name: 'a', onChunk: 5 }]],
  [[{ name: 'a', onChunk: nothing, perAttempt: 'yes' }]],
  [
    [
      { name: 'a', onChunk: nothing },
      { name: 'a', onChunk: nothing },
    ],
  ],
])('what is no list of plugins with names of their own is refused: %j', (plugins) => {
  expect(() => setUp(hello, withPlugins(plugins as never))).toThrow(/plugins/);
});
