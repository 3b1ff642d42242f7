/** Places, queues, limits that find themselves, tokens a minute, idempotency keys: what stands before an attempt. */
import { describe, expect, test } from 'vitest';
import { RateLimitError } from '../../src/core/errors.js';
import { createRandom } from '../../src/core/random.js';
import {
  type Chunk,
  isQueueFullError,
  userMessage,
  withAdaptiveConcurrency,
  withConnectionPool,
  withFallback,
  withIdempotencyKey,
  withMaxTokens,
  withQueue,
  withRateLimitAlgorithm,
  withRateLimiting,
  withRetryCount,
  withRetryDelay,
  withTimeout,
  withTotalTimeout,
} from '../../src/llm/index.js';
import {
  collect,
  createGate,
  createPuppet,
  fail,
  hang,
  opening,
  type Play,
  rejection,
  settle,
  speak,
  USAGE,
} from './puppet.js';
import { question, setUp } from './puppet-client.js';

/** Answers when the test says so, in any order. */
function gated(): { play: Play; openAll: () => void; gates: ReturnType<typeof createGate>[] } {
  const gates: ReturnType<typeof createGate>[] = [];
  return {
    gates,
    openAll: () => {
      for (const gate of gates) gate.open();
    },
    async *play(call) {
      const gate = createGate();
      gates.push(gate);
      await gate.passed;
      yield* speak(call, 'ok');
    },
  };
}

describe('a queue', () => {
  test('lets in as many as there are connections, then first come first served', async () => {
    const { play, gates } = gated();
    const { client, puppet } = setUp(play, withQueue({ maxSize: 10 }), withConnectionPool(2));
    const order: number[] = [];
    const calls = [0, 1, 2, 3, 4].map((n) =>
      client.chat([userMessage(`n${n}`)]).then(() => {
        order.push(n);
      }),
    );
    await settle();
    expect([puppet.calls.length, client.metrics().concurrencyLimit]).toEqual([2, 2]);
    for (let n = 0; n < 5; n++) {
      gates[n]?.open();
      await settle();
    }
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(puppet.calls.map(({ request }) => request.messages[0]?.content)).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
  });

  test('drops who finds it full at once, and does not try him again', async () => {
    const { play, openAll } = gated();
    const { client, puppet, clock } = setUp(
      play,
      withQueue({ maxSize: 1, mode: 'drop' }),
      withConnectionPool(1),
      withRetryCount(5),
    );
    const served = [client.chat(question), client.chat(question)];
    await settle();
    const error = await rejection(client.chat(question));
    expect(isQueueFullError(error)).toBe(true);
    expect([client.metrics().queueDropped, client.metrics().retries, clock.pendingTimers]).toEqual([1, 0, 1]);
    openAll();
    await served[0];
    await settle();
    openAll();
    await served[1];
    expect(puppet.calls.length).toBe(2);
  });

  test('passes who is dropped on to the next target', async () => {
    const { client } = setUp(hang, withQueue({ maxSize: 0 }), withConnectionPool(1), withFallback(['local']));
    const leave = new AbortController();
    const first = rejection(client.chat(question, { signal: leave.signal }));
    await settle();
    const answer = await client.chat([userMessage('Ink is black. What colour is ink?')]);
    expect(answer.provider).toBe('local');
    leave.abort(new Error('left'));
    await first;
  });

  test("in 'wait' mode lets who finds it full wait as well, up to the deadline", async () => {
    const { client, clock, puppet } = setUp(
      hang,
      withQueue({ maxSize: 1, mode: 'wait' }),
      withConnectionPool(1),
      withTotalTimeout('3s'),
    );
    const errors = Array.from({ length: 4 }, () => rejection(client.chat(question)));
    await settle();
    await clock.advanceAsync(3000);
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ kind: 'total' });
    expect(puppet.calls.length).toBe(1);
    expect([client.metrics().queueDropped, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('sends away who has waited as long as one may', async () => {
    const { client, clock } = setUp(hang, withQueue({ maxWait: '2s' }), withConnectionPool(1), withTimeout('10s'));
    const first = rejection(client.chat(question));
    await settle();
    const second = rejection(client.chat(question));
    await clock.advanceAsync(2000);
    expect(await second).toMatchObject({ name: 'QueueFullError', code: 'ERR_QUEUE_TIMEOUT' });
    await clock.advanceAsync(8000);
    await first;
    expect([client.metrics().queueDropped, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('who aborts leaves it at once and holds nothing, and neither does who is served', async () => {
    const { play, openAll } = gated();
    const { client, puppet, clock } = setUp(play, withQueue({ maxWait: '1h' }), withConnectionPool(1));
    const first = client.chat(question);
    const leave = new AbortController();
    const leaver = rejection(client.chat(question, { signal: leave.signal }));
    const last = client.chat(question);
    await settle();
    leave.abort(new Error('left'));
    expect(await leaver).toMatchObject({ message: 'left' });
    openAll();
    await first;
    await settle();
    openAll();
    await last;
    expect([puppet.calls.length, client.metrics().aborts, clock.pendingTimers]).toEqual([2, 1, 0]);
  });
});

test('issue 18: streams left at any phase give their places back', async () => {
  const random = createRandom(18);
  const { client, puppet, clock } = setUp(
    async function* (call) {
      await Promise.resolve();
      yield* opening();
      for (let i = 0; i < 5; i++) {
        yield { kind: 'text-delta', text: `w${i} ` };
        await Promise.resolve();
      }
      yield { kind: 'usage', usage: USAGE };
      if (call.signal.aborted) throw call.signal.reason;
      yield { kind: 'finish', reason: 'stop' };
    },
    withQueue({ mode: 'wait' }),
    withConnectionPool(3),
    withAdaptiveConcurrency({ min: 3, max: 3, initial: 3 }),
    withRateLimiting(10_000_000, 1e12),
  );
  async function read(chunks: number, delay: number): Promise<void> {
    const controller = new AbortController();
    let seen = 0;
    if (delay >= 0) void settle(delay).then(() => controller.abort(new Error('left')));
    for await (const chunk of client.stream(question, { signal: controller.signal })) {
      if (chunk.kind === 'text-delta' && ++seen > chunks) break;
    }
  }
  const runs = Array.from({ length: 2000 }, () =>
    read(random.nextInt(9), random.nextInt(8) - 2).catch(() => undefined),
  );
  await Promise.all(runs);
  expect(puppet.calls.length).toBeGreaterThan(3);
  // All three places are there again, and no more than three.
  const started = puppet.calls.length;
  const streams = [0, 1, 2].map(() => client.stream(question)[Symbol.asyncIterator]());
  for (const stream of streams) await stream.next();
  expect(puppet.calls.length - started).toBe(3);
  for (const stream of streams) await stream.return?.();
  expect([client.metrics().active, clock.pendingTimers]).toEqual([0, 0]);
});

describe('adaptive concurrency', () => {
  /** A server that takes so many at once and refuses more. */
  function bounded(
    capacity: number,
    refuse: () => AsyncIterable<Chunk>,
  ): { play: Play; peak: () => number; step: () => void } {
    let inside = 0;
    let peak = 0;
    let gates: ReturnType<typeof createGate>[] = [];
    return {
      peak: () => peak,
      step: () => {
        for (const gate of gates.splice(0)) gate.open();
        gates = [];
      },
      async *play(call) {
        if (inside >= capacity) {
          yield* refuse();
          return;
        }
        inside++;
        peak = Math.max(peak, inside);
        const gate = createGate();
        gates.push(gate);
        try {
          await gate.passed;
          yield* speak(call, 'ok');
        } finally {
          inside--;
        }
      },
    };
  }
  async function* throttle(): AsyncGenerator<Chunk> {
    yield* [];
    throw new RateLimitError('busy', { provider: 'puppet', status: 429 });
  }

  test.each([
    ['a 429', throttle],
    ['a 503', () => fail(503)],
    ['a 529', () => fail(529)],
  ])('finds what a server bears that answers %s beyond it', async (_what, refuse) => {
    const server = bounded(12, refuse);
    const { client, clock } = setUp(
      server.play,
      withAdaptiveConcurrency({ initial: 1, max: 64 }),
      withQueue({ mode: 'wait' }),
    );
    const ended = Array.from({ length: 1500 }, () => client.chat(question).catch(() => undefined));
    const limits: number[] = [];
    while (client.metrics().requests < 1500) {
      await clock.advanceAsync(100);
      server.step();
      await settle(2);
      limits.push(client.metrics().concurrencyLimit);
    }
    await Promise.all(ended);
    const { failures } = client.metrics();
    expect(server.peak()).toBe(12);
    expect(Math.max(...limits)).toBeLessThanOrEqual(14);
    // A refusal is the price of looking for the bound; most calls are answered.
    expect(failures).toBeGreaterThan(0);
    expect(failures).toBeLessThan(75);
  });

  test('gives way after timeouts, not after failures that are no overload', async () => {
    const { client, clock } = setUp(
      (call, index) => (index < 8 ? fail(500) : hang(call)),
      withAdaptiveConcurrency({ initial: 8 }),
      withTimeout('5s'),
    );
    for (let i = 0; i < 8; i++) await rejection(client.chat(question));
    expect(client.metrics().concurrencyLimit).toBe(8);
    await clock.advanceAsync(1);
    const error = rejection(client.chat(question));
    await clock.advanceAsync(5000);
    await error;
    expect(client.metrics().concurrencyLimit).toBe(4);
  });

  test('settings that contradict each other are a ConfigError', () => {
    expect(() => setUp(hang, withAdaptiveConcurrency({ min: 5, max: 4 }))).toThrow('min <= initial <= max');
  });
});

describe('tokens a minute', () => {
  test.each(['token-bucket', 'sliding-window', 'fixed-window'] as const)(
    '%s: what was reserved too much lets others in',
    async (algorithm) => {
      const { play, openAll } = gated();
      const { client, puppet, clock } = setUp(
        play,
        withMaxTokens(600),
        withRateLimiting({ tokensPerMinute: 1000 }),
        withRateLimitAlgorithm(algorithm),
      );
      const calls = [client.chat(question), client.chat(question)];
      await settle();
      expect(puppet.calls.length).toBe(1);
      openAll();
      await calls[0];
      await clock.advanceAsync(0);
      // It took 15 tokens of the 601 that were reserved.
      expect(puppet.calls.length).toBe(2);
      openAll();
      await calls[1];
    },
  );

  test('a call above the whole limit is refused at once', async () => {
    const { client, puppet } = setUp((call) => speak(call, 'ok'), withMaxTokens(600), withRateLimiting(100, 500));
    expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_RATE_LIMIT_COST' });
    expect(puppet.calls.length).toBe(0);
  });

  test('who leaves the line for tokens gives the request back', async () => {
    const { client, puppet, clock } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(900),
      withRateLimiting(2, 1000),
      withRateLimitAlgorithm('sliding-window'),
    );
    await client.chat(question);
    const leave = new AbortController();
    const many = client.chat(question, { maxTokens: 999, signal: leave.signal });
    const left = rejection(many);
    await settle();
    leave.abort(new Error('left'));
    await left;
    await client.chat(question);
    expect([puppet.calls.length, clock.pendingTimers]).toEqual([2, 0]);
  });
});

describe('an idempotency key', () => {
  test('is one for a call and its retries, another for the next target and the next call', async () => {
    const second = createPuppet((call) => speak(call, 'from the second'), 'second');
    const { client, puppet, clock } = setUp(
      () => fail(503),
      withIdempotencyKey(true),
      withRetryCount(2),
      withRetryDelay(0),
      withFallback([{ provider: second, model: 'm' }]),
    );
    for (let i = 0; i < 2; i++) {
      const answer = client.chat(question);
      await clock.advanceAsync(0);
      await answer;
    }
    const keys = puppet.calls.map(({ idempotencyKey }) => idempotencyKey);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([keys[0], keys[0], keys[0], keys[3], keys[3], keys[3]]);
    const all = new Set([...keys, ...second.calls.map(({ idempotencyKey }) => idempotencyKey)]);
    expect(all.size).toBe(4);
  });

  test('is not sent unless asked for', async () => {
    const { client, puppet } = setUp((call) => speak(call, 'ok'));
    await client.chat(question);
    expect(puppet.calls[0]?.idempotencyKey).toBeUndefined();
  });

  test.each<[string, () => string]>([
    [
      'throws',
      () => {
        throw new Error('why?');
      },
    ],
    ['gives nothing', () => ''],
    ['gives what no header holds', () => 'a\nb: c'],
    ['gives no text', () => 7 as unknown as string],
  ])('of a function that %s is a ConfigError, and nothing is sent', async (_what, keyOf) => {
    const { client, puppet } = setUp((call) => speak(call, 'ok'), withIdempotencyKey(keyOf));
    expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_CONFIG_INVALID' });
    expect(puppet.calls.length).toBe(0);
  });

  test('serves streams as well', async () => {
    const { client, puppet } = setUp(
      (call) => speak(call, 'ok'),
      withIdempotencyKey(({ messages }) => `n${messages.length}`),
    );
    await collect(client.stream(question));
    expect(puppet.calls[0]?.idempotencyKey).toBe('n1');
  });
});
