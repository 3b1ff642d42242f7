import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { RateLimitError } from '../../src/core/errors.js';
import { transportSettings } from '../../src/profiles/transport.js';
import { type Chunk, userMessage } from '../../src/protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../../src/protocol/embedding.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import type { Cassette } from '../../src/testing/cassette.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { recordCassette } from '../../src/testing/record-cassette.js';
import { type CassettePlayer, type ReplayOptions, replayCassette } from '../../src/testing/replay-cassette.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedServer,
} from '../../src/testing/scripted-server.js';
import { createTransport } from '../../src/transport/undici-transport.js';
import { collect, rejection } from '../llm/puppet.js';
import { STREAM, TEXT } from '../providers/openai-chat/scripted-provider.js';

const CANARY = 'canary"key-7f3a91';
const folder = mkdtempSync(join(tmpdir(), 'sherd-cassette-'));
const file = join(folder, 'tape.json');
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
  rmSync(file, { force: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(): Cassette {
  return JSON.parse(readFileSync(file, 'utf8')) as Cassette;
}
async function start(script: Script): Promise<ScriptedServer> {
  const server = await createScriptedServer(script);
  open.push(server);
  return server;
}
/** Records what `ask` does to a server of this script, and gives what it gave. */
async function recorded<T>(script: Script, ask: (url: string) => Promise<T>, options = {}): Promise<T> {
  const server = await start(script);
  const recorder = await recordCassette(`${server.url}/v1`, file, options);
  try {
    return await ask(recorder.url);
  } finally {
    await recorder.close();
    await server.close();
  }
}
async function served(options: ReplayOptions = {}): Promise<{ url: string; player: CassettePlayer }> {
  const player = await replayCassette(file, options);
  const server = await player.serve();
  open.push(server);
  return { url: `${server.url}/v1`, player };
}
function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}
const streamed: ScriptedReply = {
  body: STREAM,
  framing: 'chunked',
  sliceBytes: 7,
  headers: { 'content-type': 'text/event-stream', 'x-request-id': 'r1' },
};
const slow: Script = [streamed];

describe('recording an API over HTTP', () => {
  test('passes everything on, and writes request, answer and the pieces of the body', async () => {
    const text = await recorded(slow, async (url) =>
      (await post(`${url}/chat/completions?x=1`, { b: 1, a: [2] })).text(),
    );
    expect(text).toBe(STREAM);
    const [{ request, response }] = read().exchanges as [Cassette['exchanges'][0]];
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions?x=1', body: { b: 1, a: [2] } });
    expect(response).toMatchObject({
      status: 200,
      end: 'clean',
      headers: { 'content-type': 'text/event-stream', 'x-request-id': 'r1' },
    });
    const bytes = response.pieces.map(({ text: piece, base64 }) =>
      base64 === undefined ? Buffer.from(piece ?? '') : Buffer.from(base64, 'base64'),
    );
    expect(Buffer.concat(bytes).toString()).toBe(STREAM);
    expect(bytes.length).toBeGreaterThan(1);
    expect(JSON.stringify(response)).not.toContain('afterMs');
  });

  test('writes the times of the pieces when it is asked to', async () => {
    await recorded(slow, async (url) => (await post(url, {})).text(), { timing: 'recorded', clock: createFakeClock() });
    expect(read().exchanges[0]?.response.pieces.every(({ afterMs }) => afterMs === 0)).toBe(true);
  });

  test('a connection that broke is recorded as one, and breaks again', async () => {
    const script: Script = [{ body: 'abcdef', framing: 'chunked', cutAfterBytes: 3, cutBy: 'fin' }];
    expect(
      await recorded(script, (url) => rejection(post(url, {}).then((response) => response.text()))),
    ).toBeInstanceOf(TypeError);
    expect(read().exchanges[0]?.response).toMatchObject({ pieces: [{ text: 'abc' }], end: 'cut' });
    const { url } = await served();
    expect(await rejection(post(url, {}).then((response) => response.text()))).toBeInstanceOf(TypeError);
  });

  test('an exchange that its client left is not recorded, and is cancelled upstream', async () => {
    const server = await start([{ body: 'abc', framing: 'chunked', hang: 'before-end' }]);
    const recorder = await recordCassette(server.url, file);
    const controller = new AbortController();
    await fetch(recorder.url, { signal: controller.signal });
    controller.abort();
    await server.until(({ closedConnections }) => closedConnections === 1);
    await recorder.close();
    await recorder.close();
    expect([recorder.exchanges, read().exchanges]).toEqual([0, []]);
  });

  test('an upstream that cannot be reached is a 502', async () => {
    const server = await start([]);
    await server.close();
    const recorder = await recordCassette(server.url, file);
    open.push(recorder);
    expect((await fetch(recorder.url)).status).toBe(502);
  });
});

describe('no secret is written', () => {
  const spellings = [
    CANARY,
    JSON.stringify(CANARY).slice(1, -1),
    encodeURIComponent(CANARY),
    Buffer.from(CANARY).toString('base64'),
    Buffer.from(CANARY).toString('base64url'),
  ];
  const token = CANARY.replace('"', '-');

  test.each<[string, (url: string) => Promise<Response>]>([
    ['a bearer token', (url) => post(url, {}, { authorization: `Bearer ${token}` })],
    ['x-api-key', (url) => post(url, {}, { 'x-api-key': token })],
    ['x-goog-api-key', (url) => post(url, {}, { 'X-Goog-Api-Key': token })],
    ['a header of one’s own', (url) => post(url, {}, { 'x-internal': token })],
    ['a cookie', (url) => post(url, {}, { cookie: `session=${token}` })],
    ['a query', (url) => post(`${url}?alt=sse&key=${encodeURIComponent(CANARY)}`, {})],
    ['a field of the body', (url) => post(url, { options: [{ api_key: CANARY }] })],
    ['what the caller named', (url) => post(url, { prompt: `my key is ${CANARY}` })],
  ])('%s, where it stands, or where the answer repeats it', async (_, ask) => {
    const said = `{"error":"bad key ${[...spellings, token].join(' ')} ${Buffer.from(token).toString('base64')}"}`;
    // Pieces of a few bytes, so that every spelling lies across two.
    const script: Script = [
      {
        status: 401,
        body: said,
        framing: 'chunked',
        sliceBytes: 5,
        headers: { 'set-cookie': token, 'openai-organization': 'org-1', 'x-echo': token },
      },
    ];
    const text = await recorded(script, async (url) => (await ask(url)).text(), { secrets: [CANARY, token] });
    expect(text).toBe(said);
    const written = readFileSync(file, 'utf8');
    const answered = read()
      .exchanges.flatMap(({ response }) => response.pieces.map(({ text: piece }) => piece))
      .join('');
    for (const spelling of [...spellings, token]) {
      expect(written).not.toContain(spelling);
      expect(answered).not.toContain(spelling);
    }
    expect(written).not.toMatch(/org-1|set-cookie/);
    expect(answered).toHaveLength(said.length);
    const { url } = await served({ secrets: [CANARY, token] });
    expect((await ask(url)).status).toBe(401);
  });

  test('a key that is not named is found in the headers, and another key finds the same answer', async () => {
    const script: Script = [{ body: `you said ${token}` }];
    await recorded(script, async (url) =>
      (await post(url, { note: token }, { authorization: `Bearer ${token}` })).text(),
    );
    expect(readFileSync(file, 'utf8')).not.toContain(token);
    const { url } = await served();
    expect(await (await post(url, { note: 'another-key' }, { authorization: 'Bearer another-key' })).text()).toMatch(
      /^you said \*+$/,
    );
  });
});

describe('replaying over HTTP', () => {
  const ask = async (url: string, body: unknown = { q: 1 }): Promise<string> => (await post(url, body)).text();

  test('equal requests get their answers in order, then the last again', async () => {
    await recorded(
      (_, index) => ({ body: `answer ${index}` }),
      async (url) => [await ask(url), await ask(url), await ask(url, { q: 2 })],
    );
    const { url, player } = await served();
    expect(player.unused).toBe(3);
    expect([await ask(url), await ask(url, { q: 2 }), await ask(url), await ask(url)]).toEqual([
      'answer 0',
      'answer 2',
      'answer 1',
      'answer 1',
    ]);
    expect([player.exchanges, player.unused, player.refused]).toEqual([3, 0, []]);
  });

  test('or nothing, where no answer is to be given twice', async () => {
    await recorded([{ body: 'once' }], ask);
    const { url, player } = await served({ repeat: 'never' });
    expect(await ask(url)).toBe('once');
    expect(await ask(url)).toContain('ERR_CASSETTE_NO_MATCH');
    expect(player.refused).toHaveLength(1);
  });

  test('the order of members in a body is no difference', async () => {
    await recorded([{ body: 'yes' }], (url) => ask(url, { a: 1, b: { c: 2, d: 3 } }));
    const { url } = await served();
    expect(await ask(url, { b: { d: 3, c: 2 }, a: 1 })).toBe('yes');
  });

  test('an unknown request is refused with the places where it differs, and none of its words', async () => {
    await recorded([{ body: 'yes' }], (url) =>
      ask(url, { model: 'm', messages: [{ content: 'a secret plan' }], seed: 1 }),
    );
    const { url, player } = await served();
    const response = await post(url, { model: 'm', messages: [{ content: 'another plan' }], stop: ['x'] });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string; code: string } };
    expect(error.message).toBe(
      'the cassette has no answer to POST /v1: it differs from the closest recording in body.messages[0].content, body.stop (only asked), body.seed (only recorded)',
    );
    expect(error.code).toBe('ERR_CASSETTE_NO_MATCH');
    expect((await fetch(`${url}/models`)).status).toBe(400);
    expect(player.refused.map(({ message }) => message).at(-1)).toContain('only at POST /v1');
  });

  test('pieces stay pieces, and come when they came where that is asked for', async () => {
    const clock = createFakeClock();
    const piece = (text: string) => ({ text, afterMs: 100 });
    const request = { method: 'POST', path: '/v1', headers: {}, body: {} };
    await recorded([{ body: 'x' }], (url) => ask(url, {}));
    const [exchange] = read().exchanges as [Cassette['exchanges'][0]];
    const response = {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      pieces: [piece('a'), piece('b')],
      end: 'clean',
    };
    writeFileSync(
      file,
      JSON.stringify({
        format: 'sherd-cassette',
        version: 1,
        exchanges: [{ request: { ...request, digest: exchange.request.digest }, response }],
      }),
    );
    const { url } = await served({ timing: 'recorded', clock });
    const reader = ((await post(url, {})).body as ReadableStream<Uint8Array>).getReader();
    for (const expected of ['a', 'b']) {
      while (clock.pendingTimers === 0) await new Promise(setImmediate);
      clock.advance(100);
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe(expected);
    }
    expect((await reader.read()).done).toBe(true);
  });

  test('the official SDK of OpenAI records and replays, whole and streamed', async () => {
    const whole = {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
    };
    const script: Script = ({ body }) => (body.includes('"stream":true') ? streamed : { body: JSON.stringify(whole) });
    const talk = async (baseURL: string, apiKey: string): Promise<string> => {
      const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
      const asked = { model: 'm', messages: [{ role: 'user' as const, content: 'why?' }] };
      let text = String((await openai.chat.completions.create(asked)).choices[0]?.message.content);
      for await (const { choices } of await openai.chat.completions.create({ ...asked, stream: true }))
        text += choices[0]?.delta.content ?? '';
      return text;
    };
    expect(await recorded(script, (url) => talk(url, CANARY.replace('"', '')))).toBe(`hi${TEXT}`);
    const { url, player } = await served();
    expect(await talk(url, 'sk-none')).toBe(`hi${TEXT}`);
    expect([player.unused, player.refused]).toEqual([0, []]);
  });
});

describe('replaying as a transport', () => {
  const request = { model: 'm', messages: [userMessage('why?')] };
  const call = (stream: boolean, signal = new AbortController().signal) => ({
    request,
    stream,
    signal,
    apiKey: 'sk-any',
  });

  test('gives a provider the bytes of the cassette, in their pieces', async () => {
    await recorded(slow, async (url) => {
      const transport = createTransport({ origin: new URL(url).origin, settings: transportSettings() });
      const provider = createOpenAIChatProvider({ name: 'acme', baseURL: url, transport });
      await collect(provider.chat(call(true)) as AsyncIterable<Chunk>);
      await provider.close?.();
    });
    const player = await replayCassette(file);
    const provider = createOpenAIChatProvider({
      name: 'acme',
      baseURL: 'http://nowhere.test/v1',
      transport: player.transport('http://nowhere.test'),
    });
    const chunks = (await collect(provider.chat(call(true)) as AsyncIterable<Chunk>)).flat() as Chunk[];
    expect(chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join('')).toBe(TEXT);
    expect(await rejection(collect(provider.chat(call(false)) as AsyncIterable<Chunk>))).toMatchObject({
      code: 'ERR_CASSETTE_NO_MATCH',
      message: expect.stringContaining('body.stream'),
    });
    expect(await rejection(collect(provider.chat(call(true, AbortSignal.abort('left'))) as AsyncIterable<Chunk>))).toBe(
      'left',
    );
  });
});

describe('recording a provider', () => {
  const ask = (provider: Provider, prompt: string, stream = true): Promise<Chunk[]> =>
    collect(
      provider.chat({
        request: { model: 'm', messages: [userMessage(prompt)] },
        stream,
        signal: new AbortController().signal,
        apiKey: CANARY,
      }) as AsyncIterable<Chunk>,
    );

  test('gives the same chunks again, without asking it', async () => {
    const provider = createScriptedProvider({ answers: ['one two', 'three', `key ${CANARY}`] });
    const recorder = await recordCassette(provider, file);
    const first = [await ask(recorder, 'a'), await ask(recorder, 'b', false), await ask(recorder, 'c')];
    expect(recorder.exchanges).toBe(3);
    await recorder.close();
    expect(readFileSync(file, 'utf8')).not.toContain(JSON.stringify(CANARY).slice(1, -1));
    const player = (await replayCassette(file)).provider(provider);
    expect([await ask(player, 'a'), await ask(player, 'b', false)]).toEqual(first.slice(0, 2));
    expect(provider.stats().calls).toBe(3);
    expect(player).toMatchObject({ name: provider.name, endpoint: provider.endpoint });
  });

  test('gives its errors again, with what came before them', async () => {
    const provider = createScriptedProvider({
      rules: [
        { when: 'limited', answers: { fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' } } } },
        { when: 'cut', answers: { text: 'a b', fault: { kind: 'cut', afterChunks: 2 } } },
        { when: 'broken', answers: { fault: { kind: 'throw', error: new RangeError('own'), afterChunks: 0 } } },
      ],
    });
    const recorder = await recordCassette(provider, file);
    const prompts = ['limited', 'cut', 'broken'];
    for (const prompt of prompts) await rejection(ask(recorder, prompt));
    await recorder.close();
    const player = (await replayCassette(file)).provider(provider);
    const errors = [];
    for (const prompt of prompts) errors.push(await rejection(ask(player, prompt)));
    expect(errors).toMatchObject([
      { name: 'RateLimitError', status: 429, retryAfterMs: 2000, retryable: true },
      { name: 'StreamTruncatedError', code: 'ERR_STREAM_TRUNCATED' },
      { name: 'ProviderError', code: 'ERR_PROVIDER' },
    ]);
    expect(provider.stats().calls).toBe(3);
  });

  test('a call that was left is not recorded', async () => {
    const recorder = await recordCassette(createScriptedProvider({ answers: 'a b c' }), file);
    for await (const _ of recorder.chat({
      request: { model: 'm', messages: [userMessage('x')] },
      stream: true,
      signal: new AbortController().signal,
      apiKey: undefined,
    }))
      break;
    await recorder.close();
    expect(read().exchanges).toEqual([]);
  });
});

describe('recording embeddings', () => {
  const texts = ['a bridge', 'a cat', `a key: ${CANARY}`];
  const embed = (provider: Provider, changes: Partial<EmbedRequest> = {}): Promise<EmbedAnswer> | undefined =>
    provider.embed?.({
      request: { model: 'e', texts, ...changes },
      signal: new AbortController().signal,
      apiKey: CANARY,
    });

  test('gives the same vectors again, without asking for them, and writes no key', async () => {
    const local = createLocalProvider();
    const upstream = { ...local, maxEmbedTexts: 9, embed: vi.fn(local.embed) };
    const recorder = await recordCassette(upstream, file);
    const first = await embed(recorder);
    await embed(recorder, { dimensions: 8 });
    expect(recorder).toMatchObject({ exchanges: 2, maxEmbedTexts: 9 });
    await recorder.close();
    expect(readFileSync(file, 'utf8')).not.toContain(JSON.stringify(CANARY).slice(1, -1));
    expect(read().exchanges.map(({ request }) => request.method)).toEqual(['EMBED', 'EMBED']);
    const player = await replayCassette(file);
    const provider = player.provider(upstream);
    expect(await embed(provider)).toEqual(first);
    expect((await embed(provider, { dimensions: 8 }))?.vectors[0]).toHaveLength(8);
    expect(provider.maxEmbedTexts).toBe(9);
    await expect(embed(provider, { dimensions: 7 })).rejects.toMatchObject({ code: 'ERR_CASSETTE_NO_MATCH' });
    expect(upstream.embed).toHaveBeenCalledTimes(2);
    expect(player.unused).toBe(0);
  });

  test('gives errors again, and records no call that was left', async () => {
    const limited = new RateLimitError('no', { provider: 'local', status: 429, retryAfterMs: 5, retryable: true });
    const reason = new Error('left');
    const answers = vi.fn<NonNullable<Provider['embed']>>();
    answers.mockRejectedValueOnce(limited).mockRejectedValueOnce(reason);
    const upstream: Provider = { ...createLocalProvider(), embed: answers };
    const recorder = await recordCassette(upstream, file);
    expect(await rejection(embed(recorder) ?? Promise.resolve())).toBe(limited);
    const call = { request: { model: 'e', texts }, signal: AbortSignal.abort(reason), apiKey: undefined };
    expect(await rejection(recorder.embed?.(call) ?? Promise.resolve())).toBe(reason);
    await recorder.close();
    expect(read().exchanges).toHaveLength(1);
    const provider = (await replayCassette(file)).provider(upstream);
    await expect(embed(provider)).rejects.toMatchObject({ name: 'RateLimitError', status: 429, retryAfterMs: 5 });
    expect(await rejection(provider.embed?.(call) ?? Promise.resolve())).toBe(reason);
  });

  test('is for providers that have them', async () => {
    const without = createScriptedProvider({ answers: 'a' });
    const recorder = await recordCassette(without, file);
    expect('embed' in recorder).toBe(false);
    await recorder.close();
    expect('embed' in (await replayCassette(file)).provider(without)).toBe(false);
  });

  test('works over HTTP as well, through a provider of a vendor', async () => {
    const json = { 'content-type': 'application/json' };
    const vectors = { data: [{ index: 0, embedding: [0.5, -2] }], usage: { prompt_tokens: 3 } };
    const ask = async (url: string): Promise<EmbedAnswer | undefined> => {
      const transport = createTransport({ origin: new URL(url).origin, settings: transportSettings() });
      const provider = createOpenAIChatProvider({ name: 'acme', baseURL: url, transport });
      const answer = await embed(provider, { texts: ['a'] });
      await provider.close?.();
      return answer;
    };
    const first = await recorded([{ headers: json, body: JSON.stringify(vectors) }], ask);
    expect(first?.vectors).toEqual([[0.5, -2]]);
    expect(readFileSync(file, 'utf8')).not.toContain(JSON.stringify(CANARY).slice(1, -1));
    const { url, player } = await served();
    expect(await ask(url)).toEqual(first);
    expect([player.unused, player.refused]).toEqual([0, []]);
  });
});

describe('a file that is no cassette', () => {
  test('is refused with a typed error', async () => {
    await expect(replayCassette(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'ERR_CASSETTE_UNREADABLE' });
    for (const text of ['{', 'null', '{"format":"sherd-cassette","version":2,"exchanges":[]}']) {
      writeFileSync(file, text);
      await expect(replayCassette(file)).rejects.toMatchObject({ code: 'ERR_CASSETTE_MALFORMED' });
    }
  });
});
