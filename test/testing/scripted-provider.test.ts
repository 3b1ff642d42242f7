import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { type Chunk, userMessage } from '../../src/protocol/chat.js';
import type { ProviderCall } from '../../src/providers/provider.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { drawLatencyMs, type Latency } from '../../src/testing/latency.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import type { ScriptedFault } from '../../src/testing/scripted-answer.js';
import {
  createScriptedProvider,
  type ScriptedProvider,
  type ScriptedProviderOptions,
} from '../../src/testing/scripted-provider.js';
import { collect, rejection, settle, textOf } from '../llm/puppet.js';

const request = { model: 'm', messages: [userMessage('why is the sky blue?')] };

defineProviderSuite(
  {
    name: 'scripted',
    request,
    async setup() {
      const provider = createScriptedProvider({ answers: 'because of the air' });
      return {
        provider,
        upstreamCalls: () => provider.stats().calls,
        upstreamSawAbort: () => provider.until(({ aborted }) => aborted === 1),
      };
    },
  },
  { test },
);

function callOf(prompt: string, changes: Partial<ProviderCall> = {}): ProviderCall {
  const { signal } = new AbortController();
  const messages = [userMessage(prompt)];
  return { request: { model: 'm', messages }, stream: true, signal, apiKey: undefined, ...changes };
}
/** The answer as text, or the code of the error with what came before it. */
async function ask(provider: ScriptedProvider, prompt: string, stream = true): Promise<string> {
  let text = '';
  try {
    for await (const chunk of provider.chat(callOf(prompt, { stream })) as AsyncIterable<Chunk>) {
      if (chunk.kind === 'text-delta') text += chunk.text;
      if (chunk.kind === 'response') text += chunk.answer.text;
    }
    return text;
  } catch (error) {
    return `${text}|${(error as { code: string }).code}`;
  }
}

describe('what it says', () => {
  test('one answer for all, a list in order with the last repeated, or a function of the call', async () => {
    const always = createScriptedProvider({ answers: 'yes' });
    const listed = createScriptedProvider({ answers: ['one', { text: 'two' }] });
    const made = createScriptedProvider({ answers: ({ prompt, index, repeat }) => `${prompt}${index}${repeat}` });
    const said = [];
    for (const prompt of ['a', 'b', 'a'])
      said.push(await ask(always, prompt), await ask(listed, prompt), await ask(made, prompt));
    expect(said).toEqual(['yes', 'one', 'a00', 'yes', 'two', 'b10', 'yes', 'two', 'a21']);
  });

  test('the first rule that holds decides, and a list counts the calls of its rule', async () => {
    const provider = createScriptedProvider({
      rules: [
        { when: 'sky', answers: ['blue', 'grey'] },
        { when: /^\d+$/g, answers: 'a number' },
        { when: ({ request: { model } }) => model === 'm', answers: 'of m' },
      ],
    });
    const said = [];
    for (const prompt of ['the sky', '12', '13', 'x', 'a sky']) said.push(await ask(provider, prompt));
    expect(said).toEqual(['blue', 'a number', 'a number', 'of m', 'grey']);
  });

  test('a call that no script is for fails, and is not retried', async () => {
    const provider = createScriptedProvider({ rules: [{ when: 'sky', answers: 'blue' }] });
    expect(await rejection(collect(provider.chat(callOf('sea')) as AsyncIterable<Chunk>))).toMatchObject({
      code: 'ERR_TESTING_NO_SCRIPT',
      retryable: false,
    });
    expect(provider.stats()).toMatchObject({ calls: 1, failed: 1, active: 0 });
  });

  test('tools, reasoning, usage and pieces come as they stand in the script', async () => {
    const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7, reasoningTokens: 2 };
    const toolCalls = [{ id: 't1', name: 'look', arguments: '{"at":"sky"}' }];
    const provider = createScriptedProvider({
      answers: [
        { pieces: ['a ', 'b'], reasoning: 'hm', toolCalls, usage },
        { text: 'a b', usage: null, finishReason: 'length' },
      ],
    });
    const chunks = await collect(provider.chat(callOf('x')) as AsyncIterable<Chunk>);
    expect(chunks.slice(1)).toEqual([
      { kind: 'reasoning-delta', text: 'hm' },
      { kind: 'text-delta', text: 'a ' },
      { kind: 'text-delta', text: 'b' },
      { kind: 'tool-call-start', index: 0, id: 't1', name: 'look' },
      { kind: 'tool-call-delta', index: 0, arguments: '{"at":"sky"}' },
      { kind: 'tool-call-end', index: 0 },
      { kind: 'usage', usage },
      { kind: 'finish', reason: 'tool-calls' },
    ]);
    const [whole] = await collect(provider.chat(callOf('x', { stream: false })) as AsyncIterable<Chunk>);
    expect(whole).toMatchObject({ answer: { text: 'a b', usage: undefined, finishReason: 'length' } });
  });
});

describe('how it fails', () => {
  const cases: readonly [string, ScriptedFault, string, string][] = [
    ['a status', { kind: 'status', status: 503 }, '|ERR_PROVIDER_STATUS', '|ERR_PROVIDER_STATUS'],
    ['no connection', { kind: 'network', reason: 'connect' }, '|ERR_PROVIDER_CONNECT', '|ERR_PROVIDER_CONNECT'],
    ['no name', { kind: 'network', reason: 'dns' }, '|ERR_PROVIDER_DNS', '|ERR_PROVIDER_DNS'],
    ['no handshake', { kind: 'network', reason: 'tls' }, '|ERR_PROVIDER_TLS', '|ERR_PROVIDER_TLS'],
    ['a reset', { kind: 'network', reason: 'reset' }, '|ERR_PROVIDER_RESET', '|ERR_PROVIDER_RESET'],
    ['an error before a chunk', { kind: 'error', afterChunks: 0 }, '|ERR_PROVIDER_IN_BODY', '|ERR_PROVIDER_IN_BODY'],
    ['an error amid the text', { kind: 'error', afterChunks: 2 }, 'a|ERR_PROVIDER_IN_BODY', '|ERR_PROVIDER_IN_BODY'],
    ['a cut amid the text', { kind: 'cut', afterChunks: 3 }, 'a b|ERR_STREAM_TRUNCATED', '|ERR_PROVIDER_RESET'],
    ['a cut after the finish', { kind: 'cut', afterChunks: 99 }, 'a b c|ERR_STREAM_TRUNCATED', '|ERR_PROVIDER_RESET'],
  ];
  test.each(cases)('%s', async (_, fault, streamed, whole) => {
    const provider = createScriptedProvider({ answers: { text: 'a b c', fault } });
    expect(await ask(provider, 'x')).toBe(streamed);
    expect(await ask(provider, 'x', false)).toBe(whole);
    expect(provider.stats()).toMatchObject({ failed: 2, answered: 0, active: 0 });
  });

  test('a 429 says how long to wait, in the words of its headers', async () => {
    const fault: ScriptedFault = { kind: 'status', status: 429, headers: { 'retry-after': '2' } };
    const provider = createScriptedProvider({ answers: { fault } });
    const error = await rejection(collect(provider.chat(callOf('x')) as AsyncIterable<Chunk>));
    expect(error).toMatchObject({ name: 'RateLimitError', retryAfterMs: 2000 });
  });

  test('it throws what it is told to throw, error or not', async () => {
    const provider = createScriptedProvider({ answers: { fault: { kind: 'throw', error: 'oops', afterChunks: 0 } } });
    expect(await rejection(collect(provider.chat(callOf('x')) as AsyncIterable<Chunk>))).toBe('oops');
  });

  test('a stall lasts until the caller leaves, with what came before it', async () => {
    const provider = createScriptedProvider({ answers: { text: 'a b c', fault: { kind: 'stall', afterChunks: 2 } } });
    const controller = new AbortController();
    const chunks = provider.chat(callOf('x', { signal: controller.signal })) as AsyncIterable<Chunk>;
    const seen: Chunk[] = [];
    const reading = (async () => {
      for await (const chunk of chunks) seen.push(chunk);
    })();
    await settle();
    expect(textOf(seen)).toBe('a');
    expect(provider.stats().active).toBe(1);
    controller.abort('enough');
    expect(await rejection(reading)).toBe('enough');
    expect(provider.calls[0]).toMatchObject({ outcome: 'aborted', chunks: 2 });
  });
});

describe('when it says it', () => {
  /** The moments at which the chunks of two calls come. */
  async function moments(options: Partial<ScriptedProviderOptions>, stream: boolean): Promise<number[]> {
    const clock = createFakeClock();
    const seen: number[] = [];
    const onEvent: ScriptedProviderOptions['onEvent'] = ({ kind }) =>
      void (kind === 'chunk' && seen.push(clock.nowMs()));
    const provider = createScriptedProvider({ answers: 'a b c', clock, onEvent, ...options });
    const both = (async () => {
      await ask(provider, 'x', stream);
      await ask(provider, 'x', stream);
    })();
    await clock.advanceAsync(100_000);
    await both;
    expect(clock.pendingTimers).toBe(0);
    return seen;
  }

  test('the first chunk and each piece wait on the clock; a whole answer takes as long as its stream', async () => {
    const latency = { firstMs: 200, chunkMs: 10 };
    const once = [200, 200, 210, 220, 220, 220];
    expect(await moments({ latency }, true)).toEqual([...once, ...once.map((ms) => ms + 220)]);
    expect(await moments({ latency }, false)).toEqual([220, 440]);
  });

  test('equal seeds draw equal latencies, other seeds others', async () => {
    const latency = { firstMs: { p50Ms: 200, p99Ms: 2000 }, chunkMs: { minMs: 5, maxMs: 15 } };
    const first = await moments({ latency, seed: 7 }, true);
    expect(await moments({ latency, seed: 7 }, true)).toEqual(first);
    expect(await moments({ latency, seed: 8 }, true)).not.toEqual(first);
  });

  test.each<[Latency, number, number]>([
    [50, 50, 50],
    [{ minMs: 0, maxMs: 100 }, 50, 99],
    [{ p50Ms: 200, p99Ms: 2000 }, 200, 2000],
    [(random) => (random.next() < 0.02 ? 1000 : 100), 100, 1000],
    [-5, 0, 0],
  ])('%j has the quantiles that it states', (latency, p50Ms, p99Ms) => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 50_000 }, () => drawLatencyMs(latency, random)).sort((a, b) => a - b);
    const quantile = (q: number): number => drawn[Math.floor(q * drawn.length)] as number;
    // Within a tenth of what is stated, as 50,000 draws show it.
    expect(Math.abs(quantile(0.5) - p50Ms)).toBeLessThanOrEqual(p50Ms / 10);
    expect(Math.abs(quantile(0.99) - p99Ms)).toBeLessThanOrEqual(p99Ms / 10);
  });
});

describe('what it counts', () => {
  test('calls at once, their prompts, keys and ends', async () => {
    const clock = createFakeClock();
    const provider = createScriptedProvider({ answers: 'a', latency: { firstMs: 10 }, clock });
    const all = ['x', 'y', 'x'].map((prompt) =>
      collect(provider.chat(callOf(prompt, { apiKey: 'k' })) as AsyncIterable<Chunk>),
    );
    await settle();
    expect(provider.stats()).toMatchObject({ calls: 3, active: 3 });
    await clock.advanceAsync(10);
    await Promise.all(all);
    expect(provider.stats()).toEqual({ calls: 3, answered: 3, failed: 0, aborted: 0, active: 0, maxActive: 3 });
    expect(
      provider.calls.map(({ prompt, repeat, startedAtMs, endedAtMs, apiKey }) => [
        prompt,
        repeat,
        startedAtMs,
        endedAtMs,
        apiKey,
      ]),
    ).toEqual([
      ['x', 0, 0, 10, 'k'],
      ['y', 0, 0, 10, 'k'],
      ['x', 1, 0, 10, 'k'],
    ]);
  });

  test('it remembers the newest calls only', async () => {
    const provider = createScriptedProvider({ answers: 'a', keepCalls: 3 });
    for (let i = 0; i < 10; i++) await ask(provider, String(i));
    expect(provider.calls.map(({ prompt }) => prompt)).toEqual(['7', '8', '9']);
    expect(provider.stats().calls).toBe(10);
  });
});
