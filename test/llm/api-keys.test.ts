/** Several keys: turns by weight, models, rest after trouble; over real HTTP where the wire matters. */
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createShardedCache } from '../../src/cache/index.js';
import { createRandom } from '../../src/core/random.js';
import { apiKeysType, hideKeys } from '../../src/llm/api-keys.js';
import { baseScope } from '../../src/llm/cache-scopes.js';
import {
  type ApiKeyInput,
  type Chunk,
  type Client,
  type ClientOption,
  createClient,
  isConfigError,
  isProviderError,
  isRateLimitError,
  RateLimitError,
  type StoredAnswer,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withClock,
  withFallback,
  withModel,
  withOrganizationID,
  withProvider,
  withRateLimiting,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withSeed,
  withSettings,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type ScriptedReply, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { createPuppet, fail, type Play, type Puppet, rejection, speak } from './puppet.js';
import { question } from './puppet-client.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const ANSWER = { id: 'c', choices: [{ index: 0, message: { content: 'ok' }, finish_reason: 'stop' }] };
const OK: ScriptedReply = { body: JSON.stringify(ANSWER) };

interface Served {
  readonly client: Client;
  readonly server: ScriptedServer;
  readonly clock: FakeClock;
  /** Keys asked, in order, each with the time. */
  readonly asked: readonly { readonly key: string; readonly atMs: number }[];
}

/** A client of OpenAI over loopback whose server answers by key, and its own clock. */
async function serve(
  keys: ApiKeyInput,
  replyTo: (key: string, asked: number) => ScriptedReply,
  ...options: readonly ClientOption[]
): Promise<Served> {
  const clock = createFakeClock();
  const asked: { key: string; atMs: number }[] = [];
  const server = await createScriptedServer(({ headers }) => {
    const key = (headers['authorization'] ?? '').slice('Bearer '.length);
    asked.push({ key, atMs: clock.nowMs() });
    return replyTo(key, asked.filter((one) => one.key === key).length);
  });
  const client = createClient(
    withAPIKey(keys),
    withBaseURL(`${server.url}/v1`),
    withModel('gpt-4o'),
    withClock(clock),
    withSeed(1),
    ...options,
  );
  cleanups.push(() => server.close());
  cleanups.push(() => client.close());
  return { client, server, clock, asked };
}

/** A client of a played provider with these keys. */
function played(
  keys: ApiKeyInput,
  play: Play,
  ...options: readonly ClientOption[]
): { client: Client; puppet: Puppet; clock: FakeClock; keysAsked: () => readonly (string | undefined)[] } {
  const clock = createFakeClock();
  const puppet = createPuppet(play);
  const client = createClient(
    withProvider(puppet),
    withModel('m'),
    withClock(clock),
    withSeed(1),
    withAPIKey(keys),
    ...options,
  );
  cleanups.push(() => client.close());
  return { client, puppet, clock, keysAsked: () => puppet.calls.map(({ apiKey }) => apiKey) };
}

const throttled = (headers: Record<string, string> = {}): ScriptedReply => ({
  status: 429,
  headers,
  body: JSON.stringify({ error: { message: 'slow down', type: 'rate_limit_error' } }),
});

/** A 429 as the providers throw it. */
async function* failLimited(retryAfterMs?: number): AsyncGenerator<Chunk> {
  yield* [];
  throw new RateLimitError('slow down', { provider: 'puppet', status: 429, retryAfterMs });
}

describe('issue 11: a key that is told when to come back', () => {
  const WALL = Date.UTC(2026, 0, 1);
  const httpDate = new Date(WALL + 20_000).toUTCString();

  test.each([
    ['retry-after in seconds', { 'retry-after': '20' }, 20_000],
    ['retry-after as a date', { 'retry-after': httpDate }, 20_000],
    ['retry-after-ms', { 'retry-after-ms': '1500' }, 1500],
  ])('is not asked before (%s); the other answers meanwhile', async (_form, headers, restMs) => {
    const { client, clock, asked } = await serve(['sk-a', 'sk-b'], (key, times) =>
      key === 'sk-a' && times === 1 ? throttled(headers) : OK,
    );
    for (let atMs = 0; atMs < restMs; atMs += restMs / 5) {
      expect((await client.chat(question)).text).toBe('ok');
      clock.advance(restMs / 5);
    }
    await client.chat(question);
    await client.chat(question);
    const ofA = asked.filter(({ key }) => key === 'sk-a').map(({ atMs }) => atMs);
    expect(ofA[0]).toBe(0);
    expect(ofA[1]).toBeGreaterThanOrEqual(restMs);
    expect(asked.filter(({ key, atMs }) => key === 'sk-b' && atMs < restMs).length).toBe(5);
    expect(client.metrics()).toMatchObject({ keyCooldowns: 1, retries: 1, successRate: 1 });
  });

  test('a lone key is not asked before either: the call is refused with the time that is left', async () => {
    const { client, clock, asked } = await serve('sk-a', (_key, times) =>
      times === 1 ? throttled({ 'retry-after': '20' }) : OK,
    );
    await rejection(client.chat(question));
    clock.advance(5_000);
    const error = await rejection(client.chat(question));
    expect(isRateLimitError(error) && error.retryAfterMs).toBe(15_000);
    expect(asked.length).toBe(1);
    clock.advance(15_000);
    expect((await client.chat(question)).text).toBe('ok');
  });

  test('when all rest, a retry comes when the first is back', async () => {
    const { client, clock, asked } = await serve(
      ['sk-a', 'sk-b'],
      (key, times) => (times > 1 ? OK : throttled({ 'retry-after': key === 'sk-a' ? '30' : '10' })),
      withRetryCount(1),
      withRetryDelay(0),
    );
    const answer = client.chat(question);
    while (asked.length < 2) await clock.advanceAsync(0);
    while (client.metrics().retries < 2) await clock.advanceAsync(0);
    await clock.advanceAsync(9_999);
    expect(asked.length).toBe(2);
    await clock.advanceAsync(1);
    expect((await answer).text).toBe('ok');
    expect(asked.map(({ key }) => key)).toEqual(['sk-a', 'sk-b', 'sk-b']);
  });

  test('calls that come while it rests wait for it by their retries, which cost nothing of the retry budget', async () => {
    const { client, clock, asked } = await serve(
      'sk-a',
      (_key, times) => (times === 1 ? throttled({ 'retry-after': '10' }) : OK),
      withRetryCount(1),
      withRetryDelay(0),
      withRetryBudget({ share: 0, minPerSecond: 0 }),
    );
    await rejection(client.chat(question));
    const answers = Array.from({ length: 5 }, () => client.chat(question));
    while (client.metrics().retries < 5) await clock.advanceAsync(0);
    expect(asked.length).toBe(1);
    await clock.advanceAsync(10_000);
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(Array(5).fill('ok'));
    expect(asked.length).toBe(6);
  });

  test('a time that is longer than anybody waits passes the call on at once', async () => {
    const { client } = await serve(
      ['sk-a'],
      () => throttled({ 'retry-after': '3000' }),
      withRetryCount(5),
      withFallback(['local']),
    );
    expect((await client.chat([userMessage('Snow is white. What colour is snow?')])).provider).toBe('local');
    expect(client.metrics()).toMatchObject({ retries: 0, fallbacks: 1, upstreamCalls: 2 });
  });

  test('no random script makes it ask a key before its time', async () => {
    let asked = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const random = createRandom(seed);
      const backAtMs = new Map<string, number>();
      const { client, puppet, clock } = played(
        ['a', 'b', 'c'],
        (call) => {
          const key = call.apiKey ?? '';
          expect(clock.nowMs(), `seed ${seed}`).toBeGreaterThanOrEqual(backAtMs.get(key) ?? 0);
          if (random.next() < 0.6) return speak(call, 'ok');
          const retryAfterMs = random.nextInt(40_000);
          backAtMs.set(key, clock.nowMs() + retryAfterMs);
          return failLimited(retryAfterMs);
        },
        withRetryCount(2),
        withRetryDelay(100),
      );
      const calls = [];
      for (let i = 0; i < 40; i++) {
        calls.push(client.chat(question).catch(() => undefined));
        await clock.advanceAsync(random.nextInt(3000));
      }
      await clock.advanceAsync(300_000);
      await Promise.all(calls);
      expect(clock.pendingTimers).toBe(0);
      asked += puppet.calls.length;
    }
    expect(asked).toBeGreaterThan(600);
  });
});

describe('keys take turns', () => {
  test('by weight', async () => {
    const { client, keysAsked } = played([{ value: 'a', weight: 3 }, { value: 'b' }], (call) => speak(call, 'ok'));
    for (let i = 0; i < 8; i++) await client.chat(question);
    expect(keysAsked().join('')).toBe('aabaaaba');
  });

  test('among those that are for the model, by name or glob', async () => {
    const keys = [
      { value: 'a', models: ['m'] },
      { value: 'b', models: ['big-*'] },
      { value: 'c', models: ['big-1', 'm'] },
    ];
    const { client, keysAsked } = played(keys, (call) => speak(call, 'ok'));
    for (const model of ['big-1', 'big-1', 'big-2', 'big-2', 'm', 'm']) await client.chat(question, { model });
    expect(keysAsked().slice(0, 2).toSorted()).toEqual(['b', 'c']);
    expect(keysAsked().slice(2, 4)).toEqual(['b', 'b']);
    expect(keysAsked().slice(4).toSorted()).toEqual(['a', 'c']);
  });

  test('a model that no key is for is a ConfigError, of the client or of the call, and nothing is sent', async () => {
    const keys = [{ value: 'sk-a', models: ['gpt-*'] }];
    expect(() => createClient(withAPIKey(keys), withModel('o9'))).toThrow('a key that is for o9 of openai');
    const { client, puppet } = played([{ value: 'a', models: ['m'] }], (call) => speak(call, 'ok'));
    expect(isConfigError(await rejection(client.chat(question, { model: 'other' })))).toBe(true);
    expect(puppet.calls.length).toBe(0);
  });
});

describe('a key that is refused', () => {
  test.each([401, 402, 403])('%i: rests five minutes, and the call goes on with another', async (status) => {
    const { client, clock, keysAsked } = played(['a', 'b'], (call) =>
      call.apiKey === 'a' ? fail(status) : speak(call, 'ok'),
    );
    for (let i = 0; i < 5; i++) await client.chat(question);
    expect(keysAsked()).toEqual(['a', 'b', 'b', 'b', 'b', 'b']);
    clock.advance(300_000);
    await client.chat(question);
    await client.chat(question);
    expect(keysAsked().filter((key) => key === 'a').length).toBe(2);
  });

  test('does not end the asking where all are: the provider says it itself', async () => {
    const { client, clock, keysAsked } = played(['a', 'b'], () => fail(401));
    for (let i = 0; i < 3; i++) {
      clock.advance(1);
      const error = await rejection(client.chat(question));
      expect(isProviderError(error) && error.status).toBe(401);
    }
    // The first call asked both; each later one asks the key that has rested longest.
    expect(keysAsked()).toEqual(['a', 'b', 'a', 'b']);
  });

  test('a lone one is asked each time', async () => {
    const { client, keysAsked } = played('a', () => fail(401));
    for (let i = 0; i < 3; i++) await rejection(client.chat(question));
    expect(keysAsked()).toEqual(['a', 'a', 'a']);
    expect(client.metrics().keyCooldowns).toBe(0);
  });
});

describe('the next key is asked', () => {
  test('once for each key at most, however often they are all refused', async () => {
    const { client, keysAsked } = played(['a', 'b', 'c'], () => failLimited());
    const error = await rejection(client.chat(question));
    expect(isProviderError(error) && error.attempts.length).toBe(3);
    expect(keysAsked()).toEqual(['a', 'b', 'c']);
  });

  test('out of the same retry budget as retries', async () => {
    const { client, keysAsked } = played(
      ['a', 'b', 'c'],
      () => fail(403),
      withRetryBudget({ share: 0, minPerSecond: 0.1 }),
    );
    await rejection(client.chat(question));
    await rejection(client.chat(question));
    expect(keysAsked().length).toBe(3);
  });

  test('not for a failure that is not about the key', async () => {
    const { client, keysAsked } = played(['a', 'b'], () => fail(500));
    await rejection(client.chat(question));
    expect(keysAsked()).toEqual(['a']);
  });

  test('not once the deadline has passed or the caller has left', async () => {
    const controller = new AbortController();
    const { client, keysAsked } = played(
      ['a', 'b'],
      () => {
        controller.abort(new Error('left'));
        return failLimited();
      },
      withTotalTimeout('10s'),
    );
    await rejection(client.chat(question, { signal: controller.signal }));
    expect(keysAsked()).toEqual(['a']);
  });
});

test('a 429 of one of two keys does not hold up the line of the rate limit', async () => {
  const { client, keysAsked } = played(
    ['a', 'b'],
    (call) => (call.apiKey === 'a' ? failLimited(30_000) : speak(call, 'ok')),
    withRateLimiting(60_000),
  );
  for (let i = 0; i < 3; i++) expect((await client.chat(question)).text).toBe('ok');
  expect(keysAsked()).toEqual(['a', 'b', 'b', 'b']);
});

describe('keys never show', () => {
  const CANARY = 'sk-canary-0123456789';
  const several: ApiKeyInput = [CANARY, { value: `${CANARY}-2`, models: ['gpt-*'], weight: 2 }];

  test('in options, explain(), inspection or JSON', async () => {
    const options = [
      withAPIKey(several),
      withSettings({ apiKey: several }),
      withFallback([{ provider: 'groq', apiKey: several, model: 'gpt-x' }]),
    ];
    const client = createClient(...options);
    const shown = [options, client, client.explain()].flatMap((value) => [
      inspect(value, { depth: 12 }),
      JSON.stringify(value),
    ]);
    await client.close();
    expect(shown.join('\n')).not.toContain(CANARY);
    expect(client.explain().find(({ key }) => key === 'apiKey')?.value).toBe('***');
  });

  test.each<[string, unknown]>([
    ['twice the same', [CANARY, CANARY]],
    ['none', []],
    ['no value', [{ models: [CANARY] }]],
    ['a bad weight', [{ value: CANARY, weight: 0 }]],
    ['bad models', [{ value: CANARY, models: [] }]],
    ['an unknown name', [{ value: CANARY, model: CANARY }]],
    ['a bad key', [CANARY, 7]],
  ])('in the ConfigError for %s', (_what, keys) => {
    for (const option of [
      withAPIKey(keys as ApiKeyInput),
      withFallback([{ provider: 'groq', apiKey: keys as ApiKeyInput }]),
    ]) {
      try {
        createClient(withAPIKey('sk-1'), option);
        expect.unreachable();
      } catch (error) {
        if (!isConfigError(error)) throw error;
        expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
        expect(error.issues.some(({ path }) => /^(apiKey|fallback)/.test(path))).toBe(true);
      }
    }
  });
});

describe('the default scope of answers', () => {
  const scopeOf = (keys: ApiKeyInput, organizationId?: string): readonly string[] => {
    const parsed = apiKeysType.parse(hideKeys(keys));
    if (!parsed.ok) throw new Error('bad keys');
    return baseScope(undefined, { apiKey: parsed.value, organizationId }, false);
  };

  test('is of all keys together: neither turns, order, weights nor models change it', () => {
    const scope = scopeOf(['a', 'b']);
    expect(
      scopeOf([
        { value: 'b', weight: 5 },
        { value: 'a', models: ['x'] },
      ]),
    ).toEqual(scope);
    expect(scopeOf(['a', 'c'])).not.toEqual(scope);
    expect(scopeOf('a')).not.toEqual(scope);
    expect(scopeOf(['a'])).toEqual(scopeOf('a'));
  });

  test('is of the organization, whose keys may change, where one is named', () => {
    expect(scopeOf(['a', 'b'], 'org')).toEqual(scopeOf('c', 'org'));
  });

  test('an answer got with one key is found when it is the turn of the other', async () => {
    const cache = createShardedCache<StoredAnswer>();
    const { client, keysAsked } = played(['a', 'b'], (call) => speak(call, 'ok'), withCache(cache));
    await client.chat(question);
    await client.chat([userMessage('another')]);
    expect((await client.chat(question)).cached).toBe(true);
    expect(keysAsked()).toEqual(['a', 'b']);
  });
});

test('the environment gives one key, as ever', async () => {
  const server = await createScriptedServer(() => OK);
  cleanups.push(() => server.close());
  const before = process.env['OPENAI_API_KEY'];
  process.env['OPENAI_API_KEY'] = 'sk-env';
  try {
    const client = createClient(withBaseURL(`${server.url}/v1`), withOrganizationID('o'));
    cleanups.push(() => client.close());
    await client.chat(question);
  } finally {
    if (before === undefined) delete process.env['OPENAI_API_KEY'];
    else process.env['OPENAI_API_KEY'] = before;
  }
  expect(server.requests[0]?.headers['authorization']).toBe('Bearer sk-env');
});
