/**
 * Contract suite for providers: what every Provider must do, whatever it speaks. Runs under any test runner that awaits
 * what a test returns. What is special to one wire format is not in here: what an upstream says, the subject says in our words.
 */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isConfigError } from '../core/errors.js';
import { userMessage } from '../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../protocol/embedding.js';
import type { EmbedCall, ProviderCall } from '../providers/provider.js';
import type { SuiteRunner } from './policy-suite.js';
import { defineRequestTests } from './provider-request-suite.js';
import type { ProviderScene } from './provider-scene.js';
import { defineSceneTests } from './provider-scene-suite.js';
import type { ProviderSetup, ProviderSubject } from './provider-subject.js';
import { assemble, CANARY, collect, drain } from './provider-suite-calls.js';

/** Defines the tests of the suite for one provider. */
export function defineProviderSuite(subject: ProviderSubject, runner: SuiteRunner): void {
  const { request } = subject;

  function test(name: string, run: (setup: ProviderSetup) => Promise<void>): void {
    testScene(name, undefined, run);
  }
  function testScene(
    name: string,
    scene: ProviderScene | undefined,
    run: (setup: ProviderSetup) => Promise<void>,
  ): void {
    runner.test(`${subject.name}: ${name}`, async () => {
      const setup = await subject.setup(scene);
      try {
        await run(setup);
      } finally {
        await setup.provider.close?.();
        await setup.dispose?.();
      }
    });
  }
  function callOf(setup: ProviderSetup, changes: Partial<ProviderCall> = {}): ProviderCall {
    return { request, stream: true, signal: new AbortController().signal, apiKey: setup.apiKey, ...changes };
  }

  test('name and endpoint are words that keys and errors can be made of', async ({ provider }) => {
    assert.match(provider.name, /^[a-z0-9][a-z0-9_-]*$/);
    assert.notEqual(provider.endpoint, '');
  });

  test('the body is plain JSON, the same each time, without stream fields, and leaves the request alone', async ({
    provider,
  }) => {
    const frozen = deepFreeze(structuredClone(request));
    const body = provider.body(frozen);
    assert.deepEqual(JSON.parse(JSON.stringify(body)), body);
    assert.deepEqual(provider.body(frozen), body);
    assert.equal('stream' in body || 'stream_options' in body, false);
    assert.notDeepEqual(provider.body({ ...frozen, messages: [userMessage('another question')] }), body);
  });

  test('a field of vendor stands in the body as it was given', async ({ provider }) => {
    const given = { x_own_field: { deep: [1, 'two', null] } };
    assert.deepEqual(provider.body({ ...request, vendor: given })['x_own_field'], given.x_own_field);
  });

  test('a call without streaming yields one response', async (setup) => {
    const chunks = await collect(setup.provider.chat(callOf(setup, { stream: false })));
    const [chunk] = chunks.filter(({ kind }) => kind !== 'warning');
    assert.equal(chunks.filter(({ kind }) => kind !== 'warning').length, 1);
    assert.ok(chunk?.kind === 'response');
    assert.notEqual(chunk.answer.text, '');
    assert.equal(chunk.answer.finishReason, 'stop');
    assert.ok(Object.isFrozen(chunk.answer));
  });

  test('a stream starts once, finishes once at its end, and holds the same text as the whole answer', async (setup) => {
    const { provider } = setup;
    const chunks = (await collect(provider.chat(callOf(setup)))).filter(({ kind }) => kind !== 'warning');
    const kinds = chunks.map(({ kind }) => kind);
    assert.equal(kinds[0], 'start');
    assert.equal(kinds.at(-1), 'finish');
    assert.equal(kinds.filter((kind) => kind === 'start').length, 1);
    assert.equal(kinds.filter((kind) => kind === 'finish').length, 1);
    assert.ok(kinds.filter((kind) => kind === 'usage').length <= 1);
    assert.ok(kinds.filter((kind) => kind === 'text-delta').length > 1);
    assert.equal(kinds.includes('response'), false);
    const whole = await collect(provider.chat(callOf(setup, { stream: false })));
    assert.equal(assemble(chunks).text, assemble(whole).text);
    assert.deepEqual(assemble(chunks).usage, assemble(whole).usage);
  });

  test('nothing is sent before the first chunk is asked for', async (setup) => {
    const before = setup.upstreamCalls?.();
    const chunks = setup.provider.chat(callOf(setup))[Symbol.asyncIterator]();
    await new Promise(setImmediate);
    assert.equal(setup.upstreamCalls?.(), before);
    await chunks.next();
    if (before !== undefined) assert.equal(setup.upstreamCalls?.(), before + 1);
    await chunks.return?.();
  });

  test('a call whose signal is aborted already rejects with the reason and sends nothing', async (setup) => {
    const reason = { because: 'changed my mind' };
    const chunks = setup.provider.chat(callOf(setup, { signal: AbortSignal.abort(reason) }));
    await assert.rejects(collect(chunks), (error) => error === reason);
    assert.equal(setup.upstreamCalls?.() ?? 0, 0);
  });

  test('an abort amid a stream rejects with the reason, and the upstream notices', async (setup) => {
    const controller = new AbortController();
    const reason = { because: 'it is enough' };
    const chunks = setup.provider.chat(callOf(setup, { signal: controller.signal }))[Symbol.asyncIterator]();
    const { value } = await chunks.next();
    controller.abort(reason);
    // An upstream that sends all at once leaves nothing to abort.
    if ([value].flat().some((chunk) => chunk?.kind === 'finish')) return;
    await assert.rejects(drain(chunks), (error) => error === reason);
    await setup.upstreamSawAbort?.();
  });

  test('a stream that is left early is cancelled upstream', async (setup) => {
    for await (const chunk of setup.provider.chat(callOf(setup))) {
      assert.ok(chunk);
      break;
    }
    await setup.upstreamSawAbort?.();
  });

  test('calls at the same time do not mix', async (setup) => {
    const alone = assemble(await collect(setup.provider.chat(callOf(setup))));
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) =>
        assemble(await collect(setup.provider.chat(callOf(setup, { stream: i % 2 === 0 })))),
      ),
    );
    for (const answer of answers) assert.equal(answer.text, alone.text);
  });

  defineRequestTests(subject, test);
  defineSceneTests(subject, testScene);
  const { embedding } = subject;
  if (embedding !== undefined) defineEmbeddingTests(embedding, test);

  test('the key does not show in the provider', async (setup) => {
    await collect(setup.provider.chat(callOf(setup, { apiKey: CANARY }))).catch(() => undefined);
    assert.equal(inspect(setup.provider, { depth: 9, showHidden: true }).includes(CANARY), false);
  });

  test('close can be called twice', async ({ provider }) => {
    await provider.close?.();
    await provider.close?.();
  });
}

type DefineTest = (name: string, run: (setup: ProviderSetup) => Promise<void>) => void;

function defineEmbeddingTests(request: EmbedRequest, test: DefineTest): void {
  function embed({ provider, apiKey }: ProviderSetup, changes: Partial<EmbedCall> = {}): Promise<EmbedAnswer> {
    assert.ok(provider.embed, 'a provider whose suite has an embedding has embed()');
    return provider.embed({ request, signal: new AbortController().signal, apiKey, ...changes });
  }

  test('each text has its vector, in the order of the texts', async (setup) => {
    const { vectors, inputTokens, model } = await embed(setup);
    assert.equal(vectors.length, request.texts.length);
    assert.equal(new Set(vectors.map((vector) => vector.length)).size, 1);
    assert.ok(vectors.every((vector) => vector.length > 0 && vector.every(Number.isFinite)));
    assert.notDeepEqual(vectors[0], vectors[1]);
    assert.notEqual(model, '');
    assert.ok(inputTokens === undefined || (Number.isSafeInteger(inputTokens) && inputTokens >= 0));
    const texts = [...request.texts].reverse();
    assert.deepEqual((await embed(setup, { request: { ...request, texts } })).vectors, [...vectors].reverse());
  });

  test('an embed call whose signal is aborted already rejects with the reason and sends nothing', async (setup) => {
    const reason = { because: 'changed my mind' };
    await assert.rejects(embed(setup, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(setup.upstreamCalls?.() ?? 0, 0);
  });

  test('an embed request that cannot be answered is refused before anything is sent', async (setup) => {
    const { maxEmbedTexts } = setup.provider;
    const tooMany = maxEmbedTexts === undefined ? [] : [new Array<string>(maxEmbedTexts + 1).fill('text')];
    for (const texts of [[], ['text', ''], ...tooMany]) {
      await assert.rejects(embed(setup, { request: { ...request, texts } }), isConfigError);
    }
    await assert.rejects(embed(setup, { request: { ...request, dimensions: 0.5 } }), isConfigError);
    assert.equal(setup.upstreamCalls?.() ?? 0, 0);
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
