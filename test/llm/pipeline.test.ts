/** The order of the stages, seen from outside: what a hit, a refusal, a deadline and a fallback do and do not touch. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  userMessage,
  withCache,
  withCircuitBreaker,
  withClock,
  withFallback,
  withModel,
  withProvider,
  withRateLimiting,
  withRetryCount,
  withRetryDelay,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createPuppet, fail, hang, type Play, type Puppet, rejection, settle, speak } from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

interface Stage {
  readonly client: Client;
  readonly primary: Puppet;
  readonly backup: Puppet;
  readonly clock: FakeClock;
  /** What happened, in order. */
  readonly log: string[];
}

function setUp(play: Play, ...options: readonly ClientOption[]): Stage {
  const log: string[] = [];
  const clock = createFakeClock();
  const primary = createPuppet((call, index) => {
    log.push('ask primary');
    return play(call, index);
  }, 'primary');
  const backup = createPuppet((call) => {
    log.push('ask backup');
    return speak(call, 'backup');
  }, 'backup');
  const kept = new Map<string, unknown>();
  const cache = {
    get(key: string): unknown {
      log.push('look up');
      return kept.get(key);
    },
    set(key: string, value: unknown): boolean {
      log.push('store');
      kept.set(key, value);
      return true;
    },
  };
  const client = createClient(
    withProvider(primary),
    withModel('m'),
    withClock(clock),
    withCache(cache),
    withFallback([{ provider: backup, model: 'b' }]),
    ...options,
  );
  client.on('retry', () => log.push('retry'));
  client.on('fallback', () => log.push('fall back'));
  client.on('breaker-changed', ({ to }) => log.push(`breaker ${to}`));
  client.on('call-ended', ({ outcome }) => log.push(`ended ${outcome}`));
  clients.push(client);
  return { client, primary, backup, clock, log };
}

describe('the walk of a call', () => {
  test('is look up, ask, store, end; of a hit it is look up, end', async () => {
    const { client, log } = setUp((call) => speak(call, 'ok'));
    await client.chat(question);
    await client.chat(question);
    expect(log).toEqual(['look up', 'ask primary', 'store', 'ended ok', 'look up', 'ended ok']);
  });

  test('through a failing primary retries it inside its own lookup, then looks up for the backup', async () => {
    const { client, clock, log } = setUp(() => fail(503), withRetryCount(1), withRetryDelay(0));
    const answer = client.chat(question);
    await clock.advanceAsync(0);
    await answer;
    const wanted = [
      'look up',
      'ask primary',
      'retry',
      'ask primary',
      'fall back',
      'look up',
      'ask backup',
      'store',
      'ended ok',
    ];
    expect(log).toEqual(wanted);
  });

  test('past an open breaker is still look up, fall back, look up', async () => {
    const { client, log } = setUp(() => fail(503), withCircuitBreaker({ failureThreshold: 1 }));
    await client.chat(question);
    log.length = 0;
    await client.chat(question);
    expect(log).toEqual(['look up', 'fall back', 'look up', 'ended ok']);
  });

  test('takes a token of the limiter only to ask, and the breaker refuses before the limiter is asked', async () => {
    const { client, clock, log } = setUp(
      (call, index) => (index === 0 ? speak(call, 'ok') : fail(500)),
      withRateLimiting({ requestsPerMinute: 60, requestBurst: 1 }),
      withCircuitBreaker({ failureThreshold: 1 }),
    );
    await client.chat(question);
    for (let i = 0; i < 5; i++) await client.chat(question);
    const failing = client.chat([userMessage('another')]);
    await clock.advanceAsync(1000);
    await failing;
    log.length = 0;
    // The limiters of both are empty now: the primary refuses without waiting for its own, the backup waits.
    const third = client.chat([userMessage('a third')]);
    await settle();
    expect(log).toEqual(['look up', 'fall back', 'look up']);
    await clock.advanceAsync(1000);
    expect((await third).provider).toBe('backup');
  });

  test('ends for its caller at the deadline, wherever it is', async () => {
    const { client, clock, log } = setUp(hang, withTotalTimeout('5s'));
    const error = rejection(client.chat(question));
    await clock.advanceAsync(5000);
    expect(await error).toMatchObject({ kind: 'total' });
    await settle();
    expect(log).toEqual(['look up', 'ask primary', 'ended failed']);
  });
});
