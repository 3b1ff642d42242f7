/** The provider suite passes a provider that keeps the contract, and finds each of these that do not. */
import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../src/core/errors.js';
import { type Chunk, userMessage } from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import type { Provider, ProviderCall } from '../../src/providers/provider.js';
import type { ProviderScene } from '../../src/testing/provider-scene.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import type { ScriptedAnswer } from '../../src/testing/scripted-answer.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { EVERY_PART } from '../providers/wires/subjects.js';

/** A provider without a wire: what the scene says is what it says. */
function playing(scene: ProviderScene | undefined): Provider {
  return createScriptedProvider({ answers: scene === undefined ? 'Of red stone.' : answerTo(scene), name: 'own' });
}

function answerTo(scene: ProviderScene): ScriptedAnswer {
  if (scene.kind === 'answer') return scene.answer;
  if (scene.kind === 'error-in-stream')
    return { pieces: [scene.text, 'never'], fault: { kind: 'error', afterChunks: 2 } };
  const { status, retryAfterSeconds: wait } = scene;
  return { fault: { kind: 'status', status, headers: wait === undefined ? {} : { 'retry-after': String(wait) } } };
}

/** Runs the suite over a provider changed so; the names of the tests that fail. */
async function failures(change: (provider: Provider) => Provider = (provider) => provider): Promise<string[]> {
  const runs: Promise<string | undefined>[] = [];
  let defined = 0;
  defineProviderSuite(
    {
      name: 'own',
      request: { model: 'm', messages: [userMessage('Of what?')] },
      plays: EVERY_PART,
      setup: async (scene) => ({ provider: change(playing(scene)), apiKey: 'any' }),
    },
    {
      test(name, run) {
        defined++;
        runs.push(
          Promise.resolve(run()).then(
            () => undefined,
            () => name.slice('own: '.length),
          ),
        );
      },
    },
  );
  const failed = (await Promise.all(runs)).filter((name) => name !== undefined);
  expect(defined).toBeGreaterThan(25);
  return failed;
}

/** Changes the chunks of a provider. */
function withChunks(change: (chunk: Chunk, call: ProviderCall) => readonly Chunk[]): (provider: Provider) => Provider {
  return (provider) => ({
    ...provider,
    async *chat(call) {
      for await (const chunk of flatten(provider.chat(call))) yield* change(chunk, call);
    },
  });
}
/** Changes what a provider makes of its upstream's failures. */
function withErrors(change: (error: ProviderError, call: ProviderCall) => unknown): (provider: Provider) => Provider {
  return (provider) => ({
    ...provider,
    async *chat(call) {
      try {
        yield* provider.chat(call);
      } catch (error) {
        throw error instanceof ProviderError ? change(error, call) : error;
      }
    },
  });
}
const withBody =
  (change: (body: Record<string, unknown>) => object) =>
  (provider: Provider): Provider => ({
    ...provider,
    body: (request) => change(provider.body(request)) as Record<string, unknown>,
  });

describe('the provider suite', () => {
  test('passes one that keeps the contract', async () => {
    expect(await failures()).toEqual([]);
  });

  test.each<[string, (provider: Provider) => Provider, RegExp]>([
    ['drops tools', withBody(({ tools: _, ...rest }) => rest), /tools are declared/],
    ['drops the choice among tools', withBody(({ toolChoice: _, ...rest }) => rest), /each choice among tools/],
    ['drops the schema', withBody(({ responseFormat: _, ...rest }) => rest), /schema of an answer/],
    ['drops the seed', withBody(({ seed: _, ...rest }) => rest), /sampling, limits and stops/],
    [
      'gives parallel calls one index',
      withChunks((chunk) => ['index' in chunk ? { ...chunk, index: 0 } : chunk]),
      /parallel calls are told apart/,
    ],
    ['never ends a call', withChunks((chunk) => (chunk.kind === 'tool-call-end' ? [] : [chunk])), /a call of a tool/],
    ['loses thoughts', withChunks((chunk) => (chunk.kind === 'reasoning-delta' ? [] : [chunk])), /thoughts/],
    [
      'calls every end a stop',
      withChunks((chunk) => [chunk.kind === 'finish' ? { ...chunk, reason: 'stop' } : chunk]),
      /reason length/,
    ],
    [
      'counts cached tokens beside the input',
      withChunks((chunk) => {
        if (chunk.kind !== 'usage') return [chunk];
        const { cachedInputTokens = 0, inputTokens } = chunk.usage;
        return [{ ...chunk, usage: { ...chunk.usage, inputTokens: inputTokens + cachedInputTokens } }];
      }),
      /within the input/,
    ],
    [
      'shows the key in its errors',
      withErrors(
        ({ message, ...rest }, { apiKey }) => new ProviderError(`${message} ${apiKey}`, { ...rest, provider: 'own' }),
      ),
      /a 401 is a typed error/,
    ],
    ['throws what is not typed', withErrors(({ message }) => new Error(message)), /a 500 is a typed error/],
    [
      'would try everything again',
      withErrors(({ status, code }) => new ProviderError('no', { code, status, provider: 'own', retryable: true })),
      /a 404 is a typed error/,
    ],
    [
      'ends well after an error amid a stream',
      (provider) => ({
        ...provider,
        async *chat(call) {
          try {
            yield* provider.chat(call);
          } catch (error) {
            if ((error as ProviderError).status !== 529) throw error;
            yield { kind: 'finish', reason: 'stop' };
          }
        },
      }),
      /an error amid a stream/,
    ],
  ])('finds one that %s', async (_, change, pattern) => {
    expect((await failures(change)).some((name) => pattern.test(name))).toBe(true);
  });
});
