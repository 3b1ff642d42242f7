/** The part of the provider suite that is about what upstreams say: calls of tools, thoughts, ends, counts, failures. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isProviderError, type ProviderError, RateLimitError, StreamTruncatedError } from '../core/errors.js';
import { answerMessage, type ChatRequest, type Chunk, type ProviderAnswer, toolMessage } from '../protocol/chat.js';
import { flatten } from '../protocol/flatten.js';
import type { ProviderCall } from '../providers/provider.js';
import { TOOLS } from './provider-request-suite.js';
import type { ProviderScene, SceneAnswer, ScenePart } from './provider-scene.js';
import type { ProviderSetup, ProviderSubject } from './provider-subject.js';
import { assemble, CANARY, collect } from './provider-suite-calls.js';

/** Defines a test whose upstream plays a scene. */
export type DefineScene = (name: string, scene: ProviderScene, run: (setup: ProviderSetup) => Promise<void>) => void;

export function defineSceneTests(subject: ProviderSubject, test: DefineScene): void {
  const { request } = subject;
  const parts = new Set<ScenePart>(subject.plays);

  function callOf(setup: ProviderSetup, changes: Partial<ProviderCall> = {}): ProviderCall {
    return { request, stream: true, signal: new AbortController().signal, apiKey: setup.apiKey, ...changes };
  }
  /** The answer, streamed and whole: the same, but for ids of the vendor's own making. */
  async function bothAnswers(setup: ProviderSetup, asked: ChatRequest = request): Promise<readonly ProviderAnswer[]> {
    const answers: ProviderAnswer[] = [];
    for (const stream of [true, false]) {
      const chunks = await collect(setup.provider.chat(callOf(setup, { stream, request: asked })));
      if (stream) assertCallsInOrder(chunks);
      answers.push(assemble(chunks));
    }
    return answers;
  }
  function testAnswer(name: string, answer: SceneAnswer, asked: ChatRequest = request): void {
    test(name, { kind: 'answer', answer }, async (setup) => {
      for (const given of await bothAnswers(setup, asked)) assertSays(given, answer);
    });
  }

  if (parts.has('tools')) {
    const asked = { ...request, tools: TOOLS };
    testAnswer('a call of a tool comes back as it was made, streamed and whole', ONE_CALL, asked);
    test('parallel calls are told apart, and their results go back', {
      kind: 'answer',
      answer: TWO_CALLS,
    }, async (setup) => {
      for (const answer of await bothAnswers(setup, asked)) {
        assertSays(answer, TWO_CALLS);
        const results = answer.toolCalls.map(({ id, arguments: text }) => toolMessage(id, `result for ${text.length}`));
        const messages = [...request.messages, answerMessage(answer), ...results];
        const body = JSON.stringify(setup.provider.body({ ...asked, messages }));
        for (const { content } of results) assert.ok(body.includes(content as string));
      }
    });
  }
  if (parts.has('reasoning')) testAnswer('thoughts are told apart from the answer', THOUGHTFUL);
  if (parts.has('length')) testAnswer('an answer cut at a limit ends with the reason length', CUT);
  if (parts.has('content-filter')) testAnswer('an answer that a filter stopped says so', FILTERED);
  if (parts.has('cached-tokens')) testAnswer('tokens from the cache are counted within the input', CACHED);
  if (parts.has('reasoning-tokens')) testAnswer('tokens of thought are counted within the output', THOUGHT_COUNTED);
  if (parts.has('errors')) defineErrorTests(callOf, test);
  if (!parts.has('error-in-stream')) return;

  const broken: ProviderScene = { kind: 'error-in-stream', text: 'It is made', message: `it broke: ${CANARY}` };
  test('an error amid a stream is thrown behind what came before it', broken, async (setup) => {
    const { chunks, error } = await failureOf(setup.provider.chat(callOf(setup, { apiKey: CANARY })));
    assert.equal(chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join(''), broken.text);
    assert.equal(
      chunks.some(({ kind }) => kind === 'finish'),
      false,
    );
    assertFailure(error, setup);
    assert.equal(error instanceof StreamTruncatedError, false, 'the server has told what is wrong');
  });
}

function defineErrorTests(
  callOf: (setup: ProviderSetup, changes: Partial<ProviderCall>) => ProviderCall,
  test: DefineScene,
): void {
  for (const status of [401, 404, 429, 500] as const) {
    const wait = status === 429 ? { retryAfterSeconds: WAIT_SECONDS } : {};
    const scene: ProviderScene = { kind: 'error', status, message: `no, ${CANARY}, not so`, ...wait };
    test(`a ${status} is a typed error that says whether to try again`, scene, async (setup) => {
      for (const stream of [true, false]) {
        const { chunks, error } = await failureOf(setup.provider.chat(callOf(setup, { stream, apiKey: CANARY })));
        assert.deepEqual(
          chunks.filter(({ kind }) => kind !== 'warning'),
          [],
        );
        assertFailure(error, setup);
        assert.equal(error.status, status);
        assert.equal(error.retryable, status === 429 || status === 500);
        assert.equal(error instanceof RateLimitError, status === 429);
        assert.equal(error.retryAfterMs, status === 429 ? WAIT_SECONDS * 1000 : undefined);
      }
    });
  }
}

const WAIT_SECONDS = 7;
const USAGE = { inputTokens: 31, outputTokens: 12, totalTokens: 43 };
const OSLO = { id: 'callOslo1', name: 'get_weather', arguments: '{"city":"Oslo – 🌧","days":[1,2]}' };
const ROME = { id: 'callRome2', name: 'get_time', arguments: '{"city":"Rome"}' };
const ONE_CALL: SceneAnswer = { text: '', toolCalls: [OSLO], finishReason: 'tool-calls', usage: USAGE };
const TWO_CALLS: SceneAnswer = { ...ONE_CALL, toolCalls: [OSLO, ROME] };
const PLAIN: SceneAnswer = { text: 'It is made – of red stone. 🌉', toolCalls: [], finishReason: 'stop', usage: USAGE };
const THOUGHTFUL: SceneAnswer = { ...PLAIN, reasoning: 'A bridge.\nStone, then. 🤔' };
const THOUGHT_COUNTED: SceneAnswer = { ...PLAIN, usage: { ...USAGE, reasoningTokens: 5 } };
const CUT: SceneAnswer = { ...PLAIN, finishReason: 'length' };
const FILTERED: SceneAnswer = { ...PLAIN, finishReason: 'content-filter' };
const CACHED: SceneAnswer = { ...PLAIN, usage: { ...USAGE, cachedInputTokens: 20 } };

/** The answer says what the upstream said. What else a vendor counts may stand beside. */
function assertSays(answer: ProviderAnswer, scene: SceneAnswer): void {
  assert.equal(answer.text, scene.text);
  assert.equal(answer.reasoning ?? '', scene.reasoning ?? '');
  const spoken = (calls: ProviderAnswer['toolCalls']): readonly unknown[] =>
    calls.map((call) => [call.name, JSON.parse(call.arguments) as unknown]);
  assert.deepEqual(spoken(answer.toolCalls), spoken(scene.toolCalls));
  const ids = new Set(answer.toolCalls.map(({ id }) => id));
  assert.ok(ids.size === scene.toolCalls.length && !ids.has(''), 'each call has an id of its own');
  assert.equal(answer.finishReason, scene.finishReason);
  const counted: Readonly<Record<string, unknown>> = { ...answer.usage };
  for (const [name, count] of Object.entries(scene.usage)) assert.equal(counted[name], count, name);
}

/** Each call starts once, is ended once, and all its arguments come in between. */
function assertCallsInOrder(chunks: readonly Chunk[]): void {
  const states = new Map<number, 'open' | 'ended'>();
  for (const chunk of chunks) {
    if (chunk.kind === 'tool-call-start') {
      assert.equal(states.get(chunk.index), undefined);
      states.set(chunk.index, 'open');
    } else if (chunk.kind === 'tool-call-delta' || chunk.kind === 'tool-call-end') {
      assert.equal(states.get(chunk.index), 'open');
      if (chunk.kind === 'tool-call-end') states.set(chunk.index, 'ended');
    }
  }
  assert.ok([...states.values()].every((state) => state === 'ended'));
}

/** A typed error of this provider's that shows no key. */
function assertFailure(error: unknown, { provider }: ProviderSetup): asserts error is ProviderError {
  assert.ok(isProviderError(error), `a ProviderError, not ${inspect(error)}`);
  assert.equal(error.provider, provider.name);
  assert.equal(inspect(error, { depth: 9, showHidden: true }).includes(CANARY), false);
}

async function failureOf(
  chat: AsyncIterable<Chunk | readonly Chunk[]>,
): Promise<{ readonly chunks: readonly Chunk[]; readonly error: unknown }> {
  const chunks: Chunk[] = [];
  try {
    for await (const chunk of flatten(chat)) chunks.push(chunk);
  } catch (error) {
    return { chunks, error };
  }
  assert.fail('the call did not fail');
}
