/** Against the shape of `@opentelemetry/api`: what it is told, and in which order. */
import { expect, test } from 'vitest';
import {
  createOtelListener,
  type OtelApi,
  type OtelAttributes,
  type OtelSpan,
  withCache,
  withFallback,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import { createPuppet, fail, hang, opening, rejection, settle, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

interface Span {
  readonly name: string;
  readonly kind: number | undefined;
  readonly parent: unknown;
  readonly attributes: OtelAttributes;
  status: number | undefined;
  ends: number;
}

function createFakeApi(): { api: OtelApi; spans: Span[]; values: [name: string, value: number, OtelAttributes][] } {
  const spans: Span[] = [];
  const values: [string, number, OtelAttributes][] = [];
  const api: OtelApi = {
    trace: {
      getTracer: () => ({
        startSpan(name, { kind, attributes = {} } = {}, parent = 'the caller') {
          const span: Span = { name, kind, parent, attributes: { ...attributes }, status: undefined, ends: 0 };
          spans.push(span);
          return {
            setAttributes: (more) => Object.assign(span.attributes, more),
            setStatus: ({ code }) => (span.status = code),
            end: () => span.ends++,
          } satisfies OtelSpan;
        },
      }),
      setSpan: (context) => ({ below: context, number: spans.length - 1 }),
    },
    context: { active: () => 'the caller' },
    metrics: {
      getMeter: () => ({
        createHistogram: (name) => ({ record: (value, attributes = {}) => values.push([name, value, attributes]) }),
      }),
    },
  };
  return { api, spans, values };
}

test('a call is a span below the caller, its upstream calls are spans below it, and the tokens stand there', async () => {
  const { api, spans, values } = createFakeApi();
  const { client, clock } = setUp(() => fail(503), withRetryCount(1), withRetryDelay(0), withFallback([backup()]));
  createOtelListener(api).listen(client);
  const answer = client.stream(question).final();
  await clock.advanceAsync(0);
  await answer;
  expect(spans.map(({ name, kind, status, ends }) => [name, kind, status, ends])).toEqual([
    ['chat m', 0, undefined, 1],
    ['chat m', 2, 2, 1],
    ['chat m', 2, 2, 1],
    ['chat gpt-4', 2, undefined, 1],
  ]);
  const [call, failed, , answered] = spans;
  expect([call, failed, answered].map((span) => span?.parent)).toEqual([
    'the caller',
    { below: 'the caller', number: 0 },
    { below: 'the caller', number: 0 },
  ]);
  expect(call?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.request.model': 'm',
    'gen_ai.request.stream': true,
    'gen_ai.response.model': 'gpt-4',
    'gen_ai.response.finish_reasons': ['stop'],
    'sherd.cached': false,
    'sherd.shared': false,
    'sherd.target': 1,
  });
  expect(failed?.attributes).toMatchObject({
    'error.type': 'ERR_PROVIDER_STATUS',
    'http.response.status_code': 503,
    'sherd.attempt.kind': 'first',
  });
  expect(answered?.attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.response.time_to_first_chunk': 0,
    'sherd.attempt.kind': 'fallback',
  });
  expect(
    values.map(([name, value, attributes]) => [
      name,
      value,
      attributes['error.type'] ?? attributes['gen_ai.token.type'],
    ]),
  ).toEqual([
    ['gen_ai.client.operation.duration', 0, 'ERR_PROVIDER_STATUS'],
    ['gen_ai.client.operation.duration', 0, 'ERR_PROVIDER_STATUS'],
    ['gen_ai.client.operation.duration', 0, undefined],
    ['gen_ai.client.operation.time_to_first_chunk', 0, undefined],
    ['gen_ai.client.token.usage', 10, 'input'],
    ['gen_ai.client.token.usage', 5, 'output'],
  ]);
});

test('no prompt and no answer is in a span', async () => {
  const { api, spans } = createFakeApi();
  const { client } = setUp((call) => speak(call, 'the-answer'));
  createOtelListener(api).listen(client);
  await client.chat([{ role: 'user', content: 'the-question' }], { user: 'somebody', scope: 'tenant' });
  expect(spans).toHaveLength(2);
  expect(JSON.stringify(spans)).not.toMatch(/the-answer|the-question|somebody|tenant/);
});

test('an answer from the cache is a call without an upstream call', async () => {
  const { api, spans } = createFakeApi();
  const { client } = setUp((call) => speak(call, 'ok'), withCache(true));
  await client.chat(question);
  createOtelListener(api).listen(client);
  await client.chat(question);
  expect(spans.map(({ attributes }) => attributes['sherd.cached'])).toEqual([true]);
});

test('the loser of a contest stays below its call, and is no measurement', async () => {
  const { api, spans, values } = createFakeApi();
  const { client } = setUp(hang, withFallback([backup()], { mode: 'race' }));
  createOtelListener(api).listen(client);
  await client.chat(question);
  await settle();
  const loser = spans.find(({ attributes }) => attributes['sherd.aborted'] === true);
  expect([loser?.name, loser?.parent, loser?.ends]).toEqual(['chat m', { below: 'the caller', number: 0 }, 1]);
  expect(loser?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 1, 'sherd.usage.estimated': true });
  expect(values.filter(([, , attributes]) => attributes['gen_ai.request.model'] === 'm')).toEqual([]);
});

test('the tokens of an answer that failed amid it are an estimate in its span, and no measurement', async () => {
  const { api, spans, values } = createFakeApi();
  const { client } = setUp(async function* () {
    yield* opening();
    yield { kind: 'text-delta', text: 'eight ch' };
    yield* fail(500);
  });
  createOtelListener(api).listen(client);
  await rejection(client.stream(question).final());
  expect(spans[1]?.attributes).toMatchObject({
    'error.type': 'ERR_PROVIDER_STATUS',
    'gen_ai.usage.output_tokens': 2,
    'sherd.usage.estimated': true,
  });
  expect(values.map(([name]) => name)).toEqual([
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_to_first_chunk',
  ]);
});

test('whoever stops listening leaves no span open and gets no more', async () => {
  const { api, spans } = createFakeApi();
  const { client } = setUp(hang);
  const stop = createOtelListener(api).listen(client);
  const controller = new AbortController();
  const left = rejection(client.chat(question, { signal: controller.signal }));
  await settle();
  stop();
  expect(spans.map(({ ends }) => ends)).toEqual([1]);
  controller.abort();
  await left;
  expect(spans).toHaveLength(1);
});

function backup(): { provider: ReturnType<typeof createPuppet>; model: string } {
  return { provider: createPuppet((call) => speak(call, 'ok'), 'azure'), model: 'gpt-4' };
}
