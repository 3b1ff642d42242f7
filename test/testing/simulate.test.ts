import { describe, expect, test } from 'vitest';
import {
  type ChatClient,
  type ChatStream,
  type Chunk,
  type Client,
  createClient,
  type PerCall,
  withRateLimiting,
  withRetryBudget,
  withRetryCount,
  withTotalTimeout,
} from '../../src/llm/index.js';
import type { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { type SimulationOptions, simulate } from '../../src/testing/simulate.js';
import { simulateSeeds } from '../../src/testing/simulate-seeds.js';
import {
  basicOptions,
  createGuardedClient,
  guardedLimits,
  simulatedSettings,
  simulatedTimeouts,
} from '../../src/testing/simulated-clients.js';
import { piecesOf, verifyText } from '../../src/testing/simulated-text.js';
import type { Oracle, SimulatedClient, SimulationParts, SimulationScenario } from '../../src/testing/simulation.js';
import { createSimulator } from '../../src/testing/simulator.js';
import { operations } from '../support/deep.js';

/** 20,000 seeds in a deep run of a million operations, over all ways to build a client. */
const SEEDS = Math.ceil(operations(10_000) / 50);

const SEEDS_EACH = Math.ceil(SEEDS / simulatedSettings.length);

describe('the client keeps its promises', () => {
  test.each(simulatedSettings)(`$name, over ${SEEDS_EACH} seeds`, async ({ name, ...options }) => {
    const result = await simulateSeeds({ ...options, seeds: { count: SEEDS_EACH } }).catch((error: Error) => {
      const seed = /^seed (\d+)/.exec(error.message)?.[1];
      throw new Error(`${error.message}\nnpm run simulate -- --client ${name} --seed ${seed}`, { cause: error });
    });
    expect(result.runs).toBe(SEEDS_EACH);
    expect(result.fewestEvents).toBeGreaterThanOrEqual(200);
    expect(result.fewestFaultKinds).toBeGreaterThanOrEqual(3);
  });
});

/** Tries as often as it is told, however many are failing. */
const stubborn = (parts: SimulationParts): Client =>
  createClient(
    ...basicOptions(parts),
    ...simulatedTimeouts,
    withRetryCount(9),
    withRetryBudget({ share: 1, minPerSecond: 1000 }),
  );

describe('one seed is one run', () => {
  test('to the hash of every event, and to every line', async () => {
    const [first, second] = [await run(7, 'keep'), await run(7, 'keep')];
    expect(second).toEqual(first);
    expect(first.trace).toHaveLength(first.events);
    expect((await run(8)).hash).not.toBe(first.hash);
  });

  test('a run keeps no trace unless it is asked to', async () => {
    expect((await run(7)).trace).toEqual([]);
  });

  function run(seed: number, trace: 'keep' | 'hash' = 'hash') {
    return simulate({ seed, client: createGuardedClient, limits: guardedLimits, trace });
  }
});

/** A client in which one thing is wrong. */
function spoil(client: Client, wrong: Partial<SimulatedClient>): SimulatedClient {
  return {
    chat: (messages, perCall) => client.chat(messages, perCall),
    stream: (messages, perCall) => client.stream(messages, perCall),
    on: (kind, listener) => client.on(kind, listener),
    metrics: () => client.metrics(),
    close: () => client.close(),
    ...wrong,
  };
}
/** The stream with its chunks changed. */
function altered(stream: ChatStream, alter: (chunks: AsyncIterable<Chunk>) => AsyncIterable<Chunk>): ChatStream {
  return { [Symbol.asyncIterator]: () => alter(stream)[Symbol.asyncIterator](), final: () => stream.final() };
}
async function* repeatingThird(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let count = 0;
  for await (const chunk of chunks) {
    yield chunk;
    if (++count === 4) yield chunk;
  }
}
const calm: SimulationScenario = { aborts: 0, leaves: 0, faults: { unavailable: 0.05, cut: 0.05, stall: 0.05 } };

/** Every oracle, and a client that it finds out. */
const spoilt: readonly (Omit<SimulationOptions, 'seed'> & { readonly oracle: string })[] = [
  {
    oracle: 'text-intact',
    client(parts) {
      const client = createGuardedClient(parts);
      return spoil(client, {
        stream: (messages, perCall) => altered(client.stream(messages, perCall), repeatingThird),
      });
    },
  },
  {
    oracle: 'text-intact',
    scenario: calm,
    client(parts) {
      const client = createGuardedClient(parts);
      const last: { answer?: ReturnType<ChatClient['chat']> } = {};
      // Gives the answer of the question before.
      const chat: ChatClient['chat'] = (messages, perCall) => {
        const before = last.answer;
        last.answer = client.chat(messages, perCall);
        last.answer.catch(() => undefined);
        return before ?? last.answer;
      };
      return spoil(client, { chat });
    },
  },
  {
    oracle: 'settles-once',
    client(parts) {
      const client = createGuardedClient(parts);
      return spoil(client, { chat: () => new Promise(() => undefined) });
    },
  },
  {
    oracle: 'finished-only',
    client(parts) {
      const client = createGuardedClient(parts);
      // Joins calls that asked to be left alone.
      const stay = ({ cache: _, ...perCall }: PerCall = {}): PerCall => ({ ...perCall, scope: perCall.user ?? '' });
      return spoil(client, { chat: (messages, perCall) => client.chat(messages, stay(perCall)) });
    },
  },
  {
    oracle: 'tenants-apart',
    client(parts) {
      const client = createGuardedClient(parts);
      const bare = ({ scope: _, ...perCall }: PerCall = {}): PerCall => perCall;
      return spoil(client, {
        chat: (messages, perCall) => client.chat(messages, bare(perCall)),
        stream: (messages, perCall) => client.stream(messages, bare(perCall)),
      });
    },
  },
  {
    oracle: 'attempts-in-budget',
    limits: { attemptsPerCall: 2 },
    client: stubborn,
    scenario: { questions: 60 },
  },
  {
    oracle: 'attempts-in-budget',
    limits: { retries: { share: 0.1, minPerSecond: 0.1 } },
    client: stubborn,
    scenario: { faults: { unavailable: 0.9 } },
  },
  {
    oracle: 'one-probe',
    scenario: { everyMs: 10, questions: 50, uncached: 1 },
    client(parts) {
      const client = createClient(...basicOptions(parts), ...simulatedTimeouts);
      // Says that it is half open, and lets createGuardedClient through.
      const on = ((kind: string, listener: (event: object) => void) => {
        if (kind === 'breaker-changed')
          parts.clock.setTimer(100, () =>
            listener({ provider: 'sim-0', model: 'sim', target: 0, from: 'open', to: 'half-open', atMs: 100 }),
          );
        return () => undefined;
      }) as Client['on'];
      return spoil(client, { on });
    },
  },
  {
    oracle: 'deadlines-kept',
    client(parts) {
      const client = createGuardedClient(parts);
      // Tells its callers of an abort later.
      const chat: ChatClient['chat'] = async (messages, perCall) => {
        try {
          return await client.chat(messages, perCall);
        } catch (error) {
          await new Promise<void>((resolve) => parts.clock.setTimer(50, resolve));
          throw error;
        }
      };
      return spoil(client, { chat });
    },
    scenario: { aborts: 1 },
  },
  {
    oracle: 'deadlines-kept',
    limits: { callMs: 2_000 },
    client: createGuardedClient,
  },
  {
    oracle: 'deadlines-kept',
    scenario: { patience: { share: 1, totalTimeoutMs: 500 } },
    client(parts) {
      const client = createGuardedClient(parts);
      // Does not hear how much time its caller has.
      const deaf = ({ totalTimeout: _, ...perCall }: PerCall = {}): PerCall => perCall;
      return spoil(client, { chat: (messages, perCall) => client.chat(messages, deaf(perCall)) });
    },
  },
  {
    oracle: 'time-is-own',
    scenario: { aborts: 0, leaves: 0, uncached: 0 },
    limits: guardedLimits,
    client(parts) {
      const client = createGuardedClient(parts);
      const endsAtMs = new Map<string, number>();
      // Who asks the same gets no more time than the one who asked first.
      const chat: ChatClient['chat'] = (messages, perCall) => {
        const nowMs = parts.clock.nowMs();
        const key = client.cacheKey(messages, perCall);
        const ownMs = nowMs + Number(perCall?.totalTimeout ?? guardedLimits.callMs);
        const endMs = Math.min(ownMs, endsAtMs.get(key) ?? ownMs);
        endsAtMs.set(key, endMs);
        const call = client.chat(messages, { ...perCall, totalTimeout: Math.max(1, endMs - nowMs) });
        return call.finally(() => endsAtMs.delete(key));
      };
      return spoil(client, { chat });
    },
  },
  {
    oracle: 'time-is-own',
    scenario: { questions: 60 },
    limits: { owedRetries: { count: 1, jitterMs: 0 } },
    client(parts) {
      const options = [withRateLimiting({ requestsPerMinute: 30, requestBurst: 1 }), withTotalTimeout(4_000)];
      const client = createClient(...basicOptions({ ...parts, providers: parts.providers.slice(0, 1) }), ...options);
      // Hears of no time but the client's own.
      const deaf = ({ totalTimeout: _, ...perCall }: PerCall = {}): PerCall => perCall;
      return spoil(client, { chat: (messages, perCall) => client.chat(messages, deaf(perCall)) });
    },
  },
  {
    oracle: 'time-is-own',
    scenario: { faults: { unavailable: 0.5 } },
    limits: { owedRetries: { count: 2, jitterMs: 10_000 } },
    client: (parts) =>
      createClient(
        ...basicOptions({ ...parts, providers: parts.providers.slice(0, 1) }),
        withRetryCount(1),
        withRetryBudget({ share: 1, minPerSecond: 1000 }),
      ),
  },
  {
    oracle: 'typed-errors',
    client(parts) {
      const client = createGuardedClient(parts);
      const chat: ChatClient['chat'] = (messages, perCall) =>
        client.chat(messages, perCall).catch(() => Promise.reject(new TypeError('something went wrong')));
      return spoil(client, { chat });
    },
  },
  {
    oracle: 'nothing-left',
    client(parts) {
      const client = createGuardedClient(parts);
      const chat: ChatClient['chat'] = (messages, perCall) => {
        perCall?.signal?.addEventListener('abort', () => undefined);
        return client.chat(messages, perCall);
      };
      return spoil(client, { chat });
    },
  },
  {
    oracle: 'nothing-left',
    client(parts) {
      const client = createGuardedClient(parts);
      const chat: ChatClient['chat'] = (messages, perCall) => {
        parts.clock.setTimer(86_400_000, () => undefined);
        return client.chat(messages, perCall);
      };
      return spoil(client, { chat });
    },
  },
];

describe('a client with a fault is found out', () => {
  test.each(spoilt)('by $oracle ($#), and the failing seed shows it again', async ({ oracle, ...options }) => {
    let seed = 0;
    let found = await simulate({ ...options, seed });
    while (found.violations.length === 0 && seed < 20) found = await simulate({ ...options, seed: ++seed });
    expect(found.violations.map((violation) => violation.oracle)).toContain(oracle);
    const again = await simulate({ ...options, seed });
    expect([again.hash, again.violations]).toEqual([found.hash, found.violations]);
  });

  test('by its unhandled rejections', async () => {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    try {
      const client = (parts: SimulationParts): SimulatedClient => {
        const sound = createGuardedClient(parts);
        return spoil(sound, {
          chat(messages, perCall) {
            void Promise.reject(new Error('nobody listens'));
            return sound.chat(messages, perCall);
          },
        });
      };
      const { violations } = await simulate({ seed: 1, client });
      expect(violations[0]?.oracle).toBe('no-unhandled-rejections');
    } finally {
      for (const listener of others) process.on('unhandledRejection', listener);
    }
  });

  test('by an oracle of their own, and the error names the seed, the oracle and the event', async () => {
    const noCuts: Oracle = {
      name: 'no-cuts',
      watch: () => ({
        after: (event) =>
          event.kind === 'attempt-ended' && event.attempt.fault === 'cut' ? 'an attempt was cut' : undefined,
      }),
    };
    const options = { client: createGuardedClient, scenario: { faults: { cut: 0.5 } }, oracles: [noCuts] };
    await expect(simulateSeeds({ ...options, seeds: { from: 3, count: 2 } })).rejects.toMatchObject({
      code: 'ERR_SIMULATION_VIOLATED',
      message: expect.stringMatching(/^seed 3: no-cuts at event \d+, \d+ ms: an attempt was cut\./),
    });
  });
});

describe('a simulator', () => {
  test('gives each purpose a generator of its own, equal for equal seeds', () => {
    const draw = (seed: number, purpose: string): number => createSimulator({ seed }).random(purpose).next();
    expect(draw(1, 'a')).toBe(draw(1, 'a'));
    const drawn = [0, 1, 2, 2 ** 40, 2 ** 40 + 1].flatMap((seed) => [draw(seed, 'a'), draw(seed, 'b')]);
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test('hashes what was noted and when, and moves time on until it is done', async () => {
    const noted = async (ms: number): Promise<string> => {
      const simulator = createSimulator({ seed: 1, trace: 'keep' });
      simulator.clock.setTimer(ms, () => simulator.note('done'));
      expect(await simulator.run(() => simulator.events === 1, 10_000)).toBe(true);
      expect(simulator.trace).toEqual([`${ms} done`]);
      return simulator.hash();
    };
    expect(await noted(700)).toBe(await noted(700));
    expect(await noted(700)).not.toBe(await noted(701));
    const idle = createSimulator({ seed: 1 });
    expect([await idle.run(() => false, 1200), idle.clock.nowMs()]).toEqual([false, 1200]);
  });
});

describe('answers that verify themselves', () => {
  const mark = { question: 3, tenant: 1, attempt: 12, words: 4 };
  const pieces = piecesOf(mark);
  const whole = pieces.join('');

  test('every beginning of one is sound, and only all of it is whole', () => {
    for (let i = 1; i <= pieces.length; i++) {
      expect(verifyText(pieces.slice(0, i).join(''))).toEqual({ ok: true, mark, isWhole: i === pieces.length });
    }
  });

  test('a piece that is repeated, missing, swapped or of another answer shows', () => {
    const other = piecesOf({ ...mark, attempt: 13 });
    for (let i = 1; i < pieces.length; i++) {
      const before = pieces.slice(0, i);
      expect(verifyText([...before, ...pieces.slice(i - 1)].join('')).ok).toBe(false);
      expect(verifyText([...before, other[i]].join('')).ok).toBe(false);
      if (i + 1 < pieces.length) expect(verifyText([...before, ...pieces.slice(i + 1)].join('')).ok).toBe(false);
    }
    expect(verifyText(`${whole} `).ok).toBe(false);
    expect(verifyText('hello').ok).toBe(false);
  });
});

test('a provider of the simulation is a scripted provider, which a scenario may ask for none of its faults', async () => {
  const scenario = {
    faults: { unavailable: 0, throttled: 0, reset: 0, error: 0, cut: 0, stall: 0, slow: 0 },
    outages: { everyMs: 1e9, lastMs: 0 },
    aborts: 0,
    leaves: 0,
  };
  const seen: (keyof ReturnType<typeof createScriptedProvider>)[] = [];
  const client = (parts: SimulationParts): Client => {
    seen.push(...(Object.keys(parts.providers[0] ?? {}) as typeof seen));
    return createGuardedClient(parts);
  };
  const { faults, outcomes } = await simulate({ seed: 1, client, scenario });
  expect(seen).toContain('stats');
  expect([faults, outcomes]).toEqual([{}, { answered: 60, failed: 0, aborted: 0, left: 0 }]);
});
