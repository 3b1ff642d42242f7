/** What wraps clients: tiers, a breaker, a pool; and the warmup. */
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ChatClient,
  type Client,
  createCircuitBreaker,
  createClient,
  createTieredClient,
  isCircuitOpenError,
  isClosedError,
  isComplexQuestion,
  isConfigError,
  systemMessage,
  userMessage,
  warmupCache,
  withCache,
  withClock,
  withModel,
  withProvider,
  withShouldCache,
  withSystemPrompt,
  wrapWithConnectionPool,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import {
  collect,
  createGate,
  createPuppet,
  fail,
  failure,
  hang,
  opening,
  type Play,
  type Puppet,
  rejection,
  settle,
  speak,
  textOf,
} from './puppet.js';

const simple = [userMessage('hi')];
const complex = [userMessage('Please analyze this.')];
const closeables: ChatClient[] = [];
afterEach(async () => {
  await Promise.all(closeables.splice(0).map((client) => client.close()));
});

function clientOf(puppet: Puppet): Client {
  const client = createClient(withProvider(puppet), withModel('m'));
  closeables.push(client);
  return client;
}

describe('a tiered client', () => {
  const tiers = (cheapPlay?: Play) => {
    const cheap = createPuppet(cheapPlay ?? ((call) => speak(call, 'cheap')), 'cheap');
    const dear = createPuppet((call) => speak(call, 'dear'), 'dear');
    return { cheap, dear, client: createTieredClient(clientOf(cheap), clientOf(dear)) };
  };

  test('sends simple questions to the first and complex ones to the second, whole and streamed', async () => {
    const { client, cheap, dear } = tiers();
    expect((await client.chat(simple)).text).toBe('cheap');
    expect((await client.chat(complex)).text).toBe('dear');
    expect(textOf(await collect(client.stream(simple)))).toBe('cheap');
    expect(await client.stream(complex).final()).toMatchObject({ text: 'dear', provider: 'dear' });
    expect([cheap.calls.length, dear.calls.length]).toEqual([2, 2]);
    expect(client.stats()).toEqual({ simple: 2, complex: 2, escalated: 0 });
  });

  test('asks the second when the first fails, and shows one clean answer', async () => {
    const { client } = tiers(() => fail(500));
    expect((await client.chat(simple)).text).toBe('dear');
    const stream = client.stream(simple);
    expect(textOf(await collect(stream))).toBe('dear');
    expect((await stream.final()).provider).toBe('dear');
    expect(client.stats()).toEqual({ simple: 2, complex: 0, escalated: 2 });
  });

  test('does not ask the second once something was shown, nor for a bad request, nor when told not to', async () => {
    const half = tiers(async function* () {
      yield* opening();
      yield { kind: 'text-delta', text: 'half' };
      throw failure(500);
    });
    await expect(collect(half.client.stream(simple))).rejects.toMatchObject({ status: 500 });
    const bad = tiers(() => fail(400));
    await expect(bad.client.chat(simple)).rejects.toMatchObject({ status: 400 });
    const strict = createTieredClient(clientOf(createPuppet(() => fail(500))), clientOf(createPuppet()), undefined, {
      escalateOnError: false,
    });
    await expect(strict.chat(simple)).rejects.toMatchObject({ status: 500 });
    expect([half.dear.calls.length, bad.dear.calls.length]).toEqual([0, 0]);
  });

  test('is told what is complex, or goes by length and the word analyze', () => {
    expect(isComplexQuestion(simple)).toBe(false);
    expect(isComplexQuestion(complex)).toBe(true);
    expect(isComplexQuestion([userMessage('x'.repeat(1001))])).toBe(true);
    expect(isComplexQuestion([systemMessage('x'.repeat(5000)), userMessage('x'.repeat(1000))])).toBe(false);
    expect(isComplexQuestion([userMessage([{ kind: 'text', text: 'Analyse it' }])])).toBe(true);
  });

  test('cancels what it asked when its stream is left, and closes both', async () => {
    const { client, cheap } = tiers(async function* (call) {
      yield* opening();
      yield { kind: 'text-delta', text: 'a' };
      yield* hang(call);
    });
    for await (const chunk of client.stream(simple)) if (chunk.kind === 'text-delta') break;
    await settle();
    expect(cheap.aborted).toBe(1);
    await client.close();
    expect(isClosedError(await rejection(client.chat(simple)))).toBe(true);
    expect(isClosedError(await rejection(client.chat(complex)))).toBe(true);
  });
});

describe('a client behind a breaker', () => {
  test('is refused after failures in a row, and asked again by a probe', async () => {
    const clock = createFakeClock();
    let isDown = true;
    const puppet = createPuppet((call) => (isDown ? fail(500) : speak(call, 'up')));
    const client = createCircuitBreaker(clientOf(puppet), {
      failureThreshold: 2,
      successThreshold: 1,
      resetTimeout: '10s',
      clock,
    });
    await rejection(client.chat(simple));
    await rejection(collect(client.stream(simple)));
    expect(client.state).toBe('open');
    expect(isCircuitOpenError(await rejection(client.chat(simple)))).toBe(true);
    expect(isCircuitOpenError(await rejection(client.stream(simple).final()))).toBe(true);
    expect(puppet.calls.length).toBe(2);
    isDown = false;
    clock.advance(10_000);
    expect((await client.stream(simple).final()).text).toBe('up');
    expect(client.state).toBe('closed');
  });

  test('does not count bad requests and callers who leave, but what it is told', async () => {
    const puppet = createPuppet((call, index) => (index === 0 ? fail(400) : hang(call)));
    const client = createCircuitBreaker(clientOf(puppet), { failureThreshold: 1 });
    await rejection(client.chat(simple));
    const controller = new AbortController();
    const left = rejection(client.stream(simple, { signal: controller.signal }).final());
    await settle();
    controller.abort();
    await left;
    expect(client.state).toBe('closed');
    client.recordFailure();
    expect(client.state).toBe('open');
    client.reset();
    expect(client.state).toBe('closed');
  });

  test('refuses settings that make no sense', () => {
    expect(() => createCircuitBreaker(clientOf(createPuppet()), { failureThreshold: 0 })).toThrow(/failureThreshold/);
  });
});

describe('a client with a pool', () => {
  test('runs no more calls at once than it has places, streams included, and the others in order', async () => {
    let running = 0;
    let most = 0;
    const gate = createGate();
    const puppet = createPuppet(async function* (call) {
      most = Math.max(most, ++running);
      await gate.passed;
      yield* speak(call, 'ok');
      running--;
    });
    const client = wrapWithConnectionPool(clientOf(puppet), 3);
    const answers = Array.from({ length: 12 }, (_, i) =>
      i % 2 === 0 ? client.chat(simple) : client.stream(simple).final(),
    );
    await settle();
    expect([client.active, client.waiting, puppet.calls.length]).toEqual([3, 9, 3]);
    gate.open();
    await Promise.all(answers);
    expect([most, client.active]).toEqual([3, 0]);
  });

  test('gives the place of a caller who left to the next, waiting or running', async () => {
    const puppet = createPuppet((call, index) => (index === 0 ? hang(call) : speak(call, 'ok')));
    const client = wrapWithConnectionPool(clientOf(puppet), 1);
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }) => rejection(client.chat(simple, { signal })));
    const last = client.chat(simple);
    await settle();
    controllers[1]?.abort('waiting');
    controllers[0]?.abort('running');
    expect(await Promise.all(left)).toEqual(['running', 'waiting']);
    expect((await last).text).toBe('ok');
  });

  test('refuses those who wait when it closes, and a pool without places', async () => {
    const client = wrapWithConnectionPool(clientOf(createPuppet()), 1);
    await client.close();
    expect(isClosedError(await rejection(client.chat(simple)))).toBe(true);
    expect(() => wrapWithConnectionPool(clientOf(createPuppet()), 0)).toThrow(/connections/);
  });
});

describe('a warmup', () => {
  test('asks each question once, goes on after failures, and makes later chats hits', async () => {
    const puppet = createPuppet((call) => {
      const text = String(call.request.messages.at(-1)?.content);
      return text === 'bad' ? fail(500) : speak(call, `answer to ${text}`, text === 'endless' ? 'length' : 'stop');
    });
    const client = createClient(withProvider(puppet), withModel('m'), withCache(true), withSystemPrompt('Be brief.'));
    closeables.push(client);
    const errors: unknown[] = [];
    const queries = ['one', 'two', 'bad', 'endless', 'one', [userMessage('three')]];
    const result = await warmupCache(client, queries, {
      concurrency: 2,
      onError: (error, query) => errors.push([query, (error as { code: string }).code]),
    });
    expect(result).toEqual({ warmed: 3, failed: 2, skipped: 1 });
    // Two at once: which is told first is nobody's promise.
    expect(errors.toSorted()).toEqual([
      ['bad', 'ERR_PROVIDER_STATUS'],
      ['endless', 'ERR_CACHE_NOT_STORED'],
    ]);
    const before = puppet.calls.length;
    for (const query of ['one', 'two', 'three']) {
      expect(await client.chat([userMessage(query)])).toMatchObject({ cached: true, text: `answer to ${query}` });
    }
    expect(puppet.calls.length).toBe(before);
    expect(await warmupCache(client, ['one', 'two'])).toEqual({ warmed: 0, failed: 0, skipped: 2 });
  });

  test('keeps its answers for the time it is given', async () => {
    const clock = createFakeClock();
    const client = createClient(withProvider(createPuppet()), withModel('m'), withClock(clock), withCache(true, '1m'));
    closeables.push(client);
    await warmupCache(client, ['one'], { ttl: '24h' });
    clock.advance(23 * 3_600_000);
    expect((await client.chat([userMessage('one')])).cached).toBe(true);
  });

  test('stops when it is aborted, and checks what it is told', async () => {
    const puppet = createPuppet(hang);
    const client = createClient(
      withProvider(puppet),
      withModel('m'),
      withCache(true),
      withShouldCache(() => true),
    );
    closeables.push(client);
    const controller = new AbortController();
    const stopped = rejection(
      warmupCache(client, ['a', 'b', 'c'], { concurrency: 1, perCall: { signal: controller.signal } }),
    );
    await settle();
    controller.abort('enough');
    expect([await stopped, puppet.calls.length]).toEqual(['enough', 1]);
    expect(isConfigError(await rejection(warmupCache(client, [], { concurrency: 0 })))).toBe(true);
  });
});

test('calls of one signal, however wrapped, are one listener of it, and none once they have ended', async () => {
  const gate = createGate();
  const puppet = createPuppet(async function* (call) {
    await gate.passed;
    yield* speak(call, 'ok');
  });
  const client = createClient(withProvider(puppet), withModel('m'));
  const wrapped = [
    client,
    wrapWithConnectionPool(client, 5),
    createCircuitBreaker(client, {}),
    createTieredClient(client, client),
  ];
  closeables.push(client);
  const { signal } = new AbortController();
  const asked = wrapped.flatMap((each) =>
    Array.from({ length: 12 }, (_, i) => [
      each.chat([userMessage(`whole ${i}`)], { signal }),
      each.stream([userMessage(`streamed ${i}`)], { signal }).final(),
    ]).flat(),
  );
  await settle();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  gate.open();
  await Promise.all(asked);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
