import { afterEach, describe, expect, test } from 'vitest';
import { createShardedCache, withCapacity, withTTL } from '../../src/cache/index.js';
import { createRandom } from '../../src/core/random.js';
import {
  type Client,
  type ClientOption,
  createClient,
  isStreamTruncatedError,
  type StoredAnswer,
  userMessage,
  withCache,
  withClock,
  withModel,
  withProvider,
  withShouldCache,
} from '../../src/llm/index.js';
import type { Chunk, FinishReason } from '../../src/protocol/chat.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import {
  answerOf,
  collect,
  createGate,
  createPuppet,
  failure,
  opening,
  type Puppet,
  rejection,
  settle,
  speak,
  textOf,
} from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function clientOf(puppet: Puppet, ...options: readonly ClientOption[]): Client {
  const client = createClient(withProvider(puppet), withModel('m'), withCache(true, '5m'), ...options);
  clients.push(client);
  return client;
}

describe('an equal question', () => {
  test.each([
    ['chat', 'chat'],
    ['chat', 'stream'],
    ['stream', 'chat'],
    ['stream', 'stream'],
  ] as const)(
    'asked by %s and again by %s costs one upstream call and gives the same answer',
    async (first, second) => {
      const puppet = createPuppet();
      const client = clientOf(puppet);
      const ask = (how: 'chat' | 'stream') =>
        how === 'chat' ? client.chat(question) : client.stream(question).final();
      const fresh = await ask(first);
      const again = await ask(second);
      expect(puppet.calls.length).toBe(1);
      expect([fresh.cached, again.cached]).toEqual([false, true]);
      expect({ text: again.text, usage: again.usage, finishReason: again.finishReason, id: again.id }).toEqual({
        text: fresh.text,
        usage: fresh.usage,
        finishReason: fresh.finishReason,
        id: fresh.id,
      });
      expect(again.cost).toBe(0);
    },
  );

  test('is streamed again as a stream, at once and in the order of a real one', async () => {
    const client = clientOf(createPuppet());
    const live = await collect(client.stream(question));
    const replayed = await collect(client.stream(question));
    expect(textOf(replayed)).toBe(textOf(live));
    expect(replayed.map(({ kind }) => kind)).toEqual(['start', 'text-delta', 'usage', 'finish']);
  });

  test('is asked again once the time to live has passed, that of the call before that of the cache', async () => {
    const clock = createFakeClock();
    const puppet = createPuppet();
    const client = clientOf(puppet, withClock(clock));
    await client.chat(question);
    clock.advance(299_000);
    await client.chat(question);
    expect(puppet.calls.length).toBe(1);
    clock.advance(2_000);
    await client.chat(question, { ttl: '1h' });
    expect(puppet.calls.length).toBe(2);
    clock.advance(3_000_000);
    expect((await client.chat(question)).cached).toBe(true);
  });

  test('under other settings is another question', async () => {
    const puppet = createPuppet();
    const client = clientOf(puppet);
    await client.chat(question);
    await client.chat(question, { temperature: 0 });
    await client.chat(question, { vendor: { logit_bias: { 5: 1 } } });
    await client.chat(question, { stop: ['.'] });
    expect(puppet.calls.length).toBe(4);
    await client.chat(question, { user: 'someone', metadata: { trace: '1' } });
    expect(puppet.calls.length).toBe(4);
  });

  test('bypasses the cache on demand, to read and to write', async () => {
    const puppet = createPuppet();
    const client = clientOf(puppet);
    await client.chat(question, { cache: false });
    await client.chat(question);
    await client.chat(question, { cache: false });
    expect(puppet.calls.length).toBe(3);
    expect(client.metrics()).toMatchObject({ stored: 1, cacheHits: 0, cacheMisses: 1 });
  });
});

describe('a stored answer', () => {
  test('is frozen through and through, and comes in a new envelope each time', async () => {
    const client = clientOf(createPuppet());
    await client.chat(question);
    const one = await client.chat(question);
    const two = await client.chat(question);
    expect(one).not.toBe(two);
    expect(one).toEqual({ ...two, durationMs: one.durationMs, firstTokenMs: one.firstTokenMs });
    expect([Object.isFrozen(one), Object.isFrozen(one.usage), Object.isFrozen(one.toolCalls)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test.each<[FinishReason, boolean]>([
    ['stop', true],
    ['tool-calls', true],
    ['length', false],
    ['content-filter', false],
    ['other', false],
  ])('ended with %s: %s', async (reason, isStored) => {
    const puppet = createPuppet((call) => speak(call, 'hm', reason));
    const client = clientOf(puppet);
    const { stored } = await client.chat(question);
    expect([stored, (await client.chat(question)).cached]).toEqual([isStored, isStored]);
  });

  test('is chosen by withShouldCache, whose error counts as no', async () => {
    const puppet = createPuppet((call, index) => speak(call, String(index), 'length'));
    const all = clientOf(
      puppet,
      withShouldCache(() => true),
    );
    await all.chat(question);
    expect((await all.chat(question)).cached).toBe(true);
    const broken = clientOf(
      createPuppet(),
      withShouldCache(() => {
        throw new TypeError('oops');
      }),
    );
    expect((await broken.chat(question)).stored).toBe(false);
    expect(broken.metrics()).toMatchObject({ stored: 0, containedErrors: 1, failures: 0 });
  });

  test('was finished: a stream cut at any point leaves nothing behind', async () => {
    const whole: Chunk[] = [];
    for await (const chunk of speak({ stream: true, signal: new AbortController().signal } as never, 'one two three'))
      whole.push(chunk);
    for (let cut = 0; cut < whole.length; cut++) {
      const puppet = createPuppet(async function* (call, index) {
        if (index > 0) yield* speak(call, 'one two three');
        else yield* whole.slice(0, cut);
      });
      const client = clientOf(puppet);
      const error = await rejection(client.stream(question).final());
      expect(isStreamTruncatedError(error), `cut at ${cut}`).toBe(true);
      expect(client.metrics().stored, `cut at ${cut}`).toBe(0);
      expect((await client.chat(question)).cached, `cut at ${cut}`).toBe(false);
    }
  });

  test('was finished: an error after the last word leaves nothing behind', async () => {
    const puppet = createPuppet(async function* (call, index) {
      yield* speak(call, 'all said');
      if (index === 0) throw failure(500);
    });
    const client = clientOf(puppet);
    await expect(client.chat(question)).rejects.toMatchObject({ status: 500 });
    expect(client.metrics().stored).toBe(0);
  });

  test('was finished: a reader who leaves in the middle leaves nothing behind', async () => {
    const puppet = createPuppet();
    const client = clientOf(puppet);
    for await (const chunk of client.stream(question)) if (chunk.kind === 'text-delta') break;
    expect((await client.chat(question)).cached).toBe(false);
  });

  test('is kept although its reader stops at the last chunk', async () => {
    const client = clientOf(createPuppet());
    const stream = client.stream(question);
    for await (const chunk of stream) if (chunk.kind === 'finish') break;
    expect((await stream.final()).text).toBe('hello there');
    expect((await client.chat(question)).cached).toBe(true);
  });
});

describe('a failing cache', () => {
  test('is a counted miss, never a failed call', async () => {
    const trouble = (): never => {
      throw new Error('disk on fire');
    };
    const client = clientOf(createPuppet(), withCache({ get: trouble, set: trouble }));
    expect((await client.chat(question)).text).toBe('hello there');
    expect(client.metrics()).toMatchObject({ cacheErrors: 2, cacheMisses: 1, failures: 0, stored: 0 });
  });

  test('that is closed is a miss as well', async () => {
    const cache = createShardedCache<StoredAnswer>();
    const client = clientOf(createPuppet(), withCache(cache));
    await cache.close();
    expect((await client.chat(question)).text).toBe('hello there');
  });

  test('that holds something else under the key is a miss', async () => {
    const client = clientOf(createPuppet(), withCache({ get: () => ({ text: 'not an answer' }), set: () => true }));
    expect(await client.chat(question)).toMatchObject({ cached: false, text: 'hello there' });
  });
});

describe('equal calls at once', () => {
  test('are one upstream call, whole and streamed together', async () => {
    const gate = createGate();
    const puppet = createPuppet(async function* (call) {
      yield* opening();
      yield { kind: 'text-delta', text: 'same' };
      await gate.passed;
      yield { kind: 'text-delta', text: ' for all' };
      yield { kind: 'finish', reason: 'stop' };
      void call;
    });
    const client = clientOf(puppet);
    const streams = Array.from({ length: 500 }, () => client.stream(question).final());
    const wholes = Array.from({ length: 500 }, () => client.chat(question));
    await settle();
    gate.open();
    const answers = await Promise.all([...streams, ...wholes]);
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['same for all']));
    expect(puppet.calls.length).toBe(1);
    expect(answers.filter(({ shared }) => shared).length).toBe(999);
    expect(client.metrics()).toMatchObject({ upstreamCalls: 1, joined: 999, active: 0 });
  });

  test('see what came before they joined, then the rest live', async () => {
    const gate = createGate();
    const puppet = createPuppet(async function* () {
      yield* opening();
      yield { kind: 'text-delta', text: 'early' };
      await gate.passed;
      yield { kind: 'text-delta', text: ' late' };
      yield { kind: 'finish', reason: 'stop' };
    });
    const client = clientOf(puppet);
    const leader = collect(client.stream(question));
    await settle();
    const iterator = client.stream(question)[Symbol.asyncIterator]();
    await iterator.next();
    expect((await iterator.next()).value).toEqual({ kind: 'text-delta', text: 'early' });
    gate.open();
    expect((await iterator.next()).value).toEqual({ kind: 'text-delta', text: ' late' });
    expect(textOf(await leader)).toBe('early late');
    await iterator.return?.();
  });

  test('survive the leader: any may abort at any time, the others are served', async () => {
    const random = createRandom(20261121);
    for (let round = 0; round < 20; round++) {
      const gates = Array.from({ length: 3 }, createGate);
      const puppet = createPuppet(async function* () {
        yield* opening();
        for (const [i, gate] of gates.entries()) {
          await gate.passed;
          yield { kind: 'text-delta', text: String(i) };
        }
        yield { kind: 'finish', reason: 'stop' };
      });
      const client = clientOf(puppet);
      const callers = Array.from({ length: 51 }, (_, i) => {
        const controller = new AbortController();
        const isStream = random.next() < 0.5;
        const perCall = { signal: controller.signal };
        const outcome = (isStream ? client.stream(question, perCall).final() : client.chat(question, perCall)).then(
          ({ text }) => text,
          (error: unknown) => error,
        );
        return { controller, outcome, leavesAt: i === 0 || random.next() < 0.5 ? random.nextInt(4) : 9 };
      });
      for (let step = 0; step < 4; step++) {
        for (const { controller, leavesAt } of callers) if (leavesAt === step) controller.abort(`left at ${step}`);
        await settle(2);
        gates[step]?.open();
      }
      for (const { outcome, leavesAt, controller } of callers) {
        const got = await outcome;
        // Whoever aborts after the last chunk has its answer already.
        expect(
          leavesAt < 3 ? got === controller.signal.reason : got === '012' || got === controller.signal.reason,
          `round ${round}`,
        ).toBe(true);
        if (leavesAt === 9) expect(got).toBe('012');
      }
      expect(puppet.calls.length, `round ${round}`).toBe(1);
      expect(client.metrics().active).toBe(0);
    }
  });

  test('are cancelled upstream when the last one has left, and not before', async () => {
    const gate = createGate();
    const puppet = createPuppet(async function* ({ signal }) {
      yield* opening();
      yield { kind: 'text-delta', text: 'a' };
      await Promise.race([
        gate.passed,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
    });
    const client = clientOf(puppet);
    const controllers = [new AbortController(), new AbortController()];
    const errors = controllers.map(({ signal }) => rejection(client.chat(question, { signal })));
    await settle();
    controllers[0]?.abort('first');
    await settle();
    expect(puppet.aborted).toBe(0);
    controllers[1]?.abort('second');
    expect(await Promise.all(errors)).toEqual(['first', 'second']);
    await settle();
    expect(puppet.aborted).toBe(1);
    expect(client.metrics()).toMatchObject({ aborts: 2, failures: 0, stored: 0 });
  });

  test('share an error, and a later call starts anew', async () => {
    const gate = createGate();
    const puppet = createPuppet(async function* (call, index) {
      await gate.passed;
      if (index === 0) throw failure(500);
      yield* speak(call, 'back');
    });
    const client = clientOf(puppet);
    const errors = [client.chat(question), client.chat(question)].map(rejection);
    await settle();
    gate.open();
    expect((await Promise.all(errors)).map((error) => (error as { status: number }).status)).toEqual([500, 500]);
    expect((await client.chat(question)).text).toBe('back');
    expect(puppet.calls.length).toBe(2);
  });

  test('stay n calls when they may not be cached', async () => {
    const puppet = createPuppet();
    const client = clientOf(puppet);
    const uncached = createClient(withProvider(puppet), withModel('m'));
    clients.push(uncached);
    await Promise.all(Array.from({ length: 5 }, () => client.chat(question, { cache: false })));
    await Promise.all(Array.from({ length: 5 }, () => uncached.chat(question)));
    expect(puppet.calls.length).toBe(10);
  });
});

describe('the response cache', () => {
  test('takes any options of the cache', async () => {
    const puppet = createPuppet();
    const client = clientOf(puppet, withCache(withCapacity(1), withTTL('1h')));
    await client.chat([userMessage('one')]);
    await client.chat([userMessage('two')]);
    await client.chat([userMessage('one')]);
    expect(puppet.calls.length).toBe(3);
  });

  test('given from outside outlives the client', async () => {
    const cache = createShardedCache<StoredAnswer>();
    const client = clientOf(createPuppet(), withCache(cache));
    await client.chat(question);
    const key = client.cacheKey(question);
    await client.close();
    expect(cache.get(key)?.answer).toMatchObject(answerOf('hello there'));
    await cache.close();
  });
});
