/** Answers as data: chat() with a schema. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type AnswerSchema,
  type ClientOption,
  isConfigError,
  withCache,
  withCircuitBreaker,
  withResponseValidator,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import type { ResponseFormat } from '../../src/protocol/chat.js';
import { createGate, fail, type Play, rejection, settle, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

const city = z.object({ name: z.string(), people: z.number().int() });
const BERN = '{"name":"Bern","people":134000}';

/** Says one text after the other, and the last one for ever. */
function texts(...list: readonly string[]): Play {
  return (call, index) => speak(call, list[Math.min(index, list.length - 1)] ?? '');
}
const formatOf = (scene: ReturnType<typeof setUp>, index = 0): ResponseFormat | undefined =>
  scene.puppet.calls[index]?.request.responseFormat;

describe('a schema', () => {
  test('is sent as JSON Schema, and the answer comes back as data beside its text', async () => {
    const scene = setUp(texts(BERN));
    const response = await scene.client.chat(question, { schema: city });
    expect(response).toMatchObject({ data: { name: 'Bern', people: 134_000 }, text: BERN, cached: false });
    expect(formatOf(scene)).toEqual({
      kind: 'json-schema',
      name: 'answer',
      strict: true,
      schema: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          people: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        },
        required: ['name', 'people'],
        additionalProperties: false,
      },
    });
  });

  test.each<[string, AnswerSchema<unknown>, boolean]>([
    ['an optional member', z.object({ a: z.string().optional() }), false],
    ['a record', z.object({ a: z.record(z.string(), z.number()) }), false],
    ['a loose object', z.looseObject({ a: z.string() }), false],
    ['an optional member deep inside', z.array(z.object({ a: z.object({ b: z.null().optional() }) })), false],
    ['a list of closed objects', z.array(z.object({ a: z.literal('x') })), true],
    ['a nullable member', z.object({ a: z.string().nullable() }), true],
  ])('with %s asks for strictness only where it can be had', async (_what, schema, strict) => {
    const scene = setUp(texts('[]'));
    await scene.client.chat(question, { schema }).catch(() => undefined);
    expect(formatOf(scene)?.strict).toBe(strict);
  });

  test('that transforms is said as what it takes, and gives what it makes', async () => {
    const scene = setUp(texts('{"at":"7"}'));
    const schema = z.object({ at: z.string().transform(Number) });
    expect((await scene.client.chat(question, { schema })).data).toEqual({ at: 7 });
    expect(formatOf(scene)?.schema).toMatchObject({ properties: { at: { type: 'string' } } });
  });

  test('may be named, and asked for less strictly', async () => {
    const scene = setUp(texts(BERN));
    await scene.client.chat(question, {
      schema: city,
      responseFormat: { kind: 'json-schema', name: 'city', strict: false },
    });
    expect(formatOf(scene)).toMatchObject({
      kind: 'json-schema',
      name: 'city',
      strict: false,
      schema: { type: 'object' },
    });
  });

  test('may be of another library, in its own words', async () => {
    const scene = setUp(texts('5'));
    const schema: AnswerSchema<number> = {
      safeParse: (value) => (typeof value === 'number' ? { success: true, data: value + 1 } : { success: false }),
      jsonSchema: { type: 'number' },
    };
    const { data } = await scene.client.chat(question, { schema });
    expect([data, formatOf(scene)?.schema]).toEqual([6, { type: 'number' }]);
  });

  test.each([
    ['no schema at all', 7],
    ['one that zod does not know', { safeParse: () => ({ success: true, data: 1 }) }],
    ['one that JSON Schema cannot say', z.object({ at: z.date() })],
  ])('%s is a ConfigError before anything is sent', async (_what, schema) => {
    const scene = setUp(texts(BERN));
    const error = await rejection(scene.client.chat(question, { schema: schema as AnswerSchema<unknown> }));
    expect([isConfigError(error), scene.puppet.calls.length]).toEqual([true, 0]);
    expect(error).toMatchObject({ issues: [{ path: 'schema', setBy: 'the call' }] });
  });

  test('is no word of stream()', () => {
    const { client } = setUp(texts(BERN));
    expect(() => client.stream(question, { schema: city } as never)).toThrow(/schema/);
  });
});

describe('an answer that does not fit', () => {
  const INVALID = { code: 'ERR_PROVIDER_INVALID_ANSWER', retryable: true };

  test.each([
    ['with words around it', `Here you are: ${BERN}`],
    ['in a fence', `\`\`\`json\n${BERN}\n\`\`\``],
    ['cut off', BERN.slice(0, -1)],
    ['with a member of another type', '{"name":"Bern","people":"many"}'],
    ['without a member', '{"name":"Bern"}'],
    ['empty', ''],
  ])('%s is an error, and is not stored', async (_what, text) => {
    const { client } = setUp(texts(text), withCache(true));
    const error = await rejection(client.chat(question, { schema: city }));
    expect(error).toMatchObject(INVALID);
    expect(String(error)).not.toContain('Bern');
    expect(client.metrics()).toMatchObject({ invalidAnswers: 1, stored: 0, failures: 1 });
  });

  test('is asked for again within the retries and their budget', async () => {
    const again: readonly ClientOption[] = [withRetryCount(2), withRetryDelay(0)];
    const healed = setUp(texts('no', 'still no', BERN), ...again);
    const healing = healed.client.chat(question, { schema: city });
    await settle();
    await healed.clock.advanceAsync(0);
    await healed.clock.advanceAsync(0);
    expect((await healing).data).toEqual({ name: 'Bern', people: 134_000 });
    expect(healed.client.metrics()).toMatchObject({ retries: 2, invalidAnswers: 2, successes: 1 });
    const poor = setUp(texts('no', BERN), ...again, withRetryBudget({ share: 0, minPerSecond: 0 }));
    expect(await rejection(poor.client.chat(question, { schema: city }))).toMatchObject(INVALID);
    expect(poor.puppet.calls.length).toBe(1);
  });

  test('does not trip the breaker', async () => {
    const { client } = setUp(texts('no'), withCircuitBreaker({ failureThreshold: 1 }));
    await rejection(client.chat(question, { schema: city }));
    expect(client.metrics().breakers[0]?.state).toBe('closed');
  });

  test('is one whose refinement throws', async () => {
    const { client } = setUp(texts(BERN));
    const schema = city.refine(() => {
      throw new Error('broken');
    });
    expect(await rejection(client.chat(question, { schema }))).toMatchObject({
      ...INVALID,
      cause: { message: 'broken' },
    });
  });

  test('goes through the validator of the client as well', async () => {
    const { client } = setUp(
      texts(BERN),
      withResponseValidator(() => false),
    );
    expect(await rejection(client.chat(question, { schema: city }))).toMatchObject(INVALID);
  });
});

describe('a cached answer', () => {
  test('is parsed again, for each caller anew', async () => {
    const { client, puppet } = setUp(texts(BERN), withCache(true));
    const one = await client.chat(question, { schema: city });
    const two = await client.chat(question, { schema: city });
    expect([puppet.calls.length, two.cached]).toEqual([1, true]);
    expect(two.data).toEqual(one.data);
    expect(two.data).not.toBe(one.data);
  });

  test('that does not fit the schema of this call is asked for anew', async () => {
    const { client, puppet } = setUp(texts(BERN, '{"name":"Chur","people":38000}'), withCache(true));
    await client.chat(question, { schema: city });
    // The same JSON Schema, and so the same key.
    const small = city.refine(({ people }) => people < 100_000);
    const response = await client.chat(question, { schema: small });
    expect([response.data.name, response.cached, puppet.calls.length]).toEqual(['Chur', false, 2]);
    expect((await client.chat(question, { schema: small })).cached).toBe(true);
  });

  test('calls of one schema fly together, those of another do not', async () => {
    const gate = createGate();
    const { client, puppet } = setUp(async function* (call) {
      await gate.passed;
      yield* speak(call, BERN);
    }, withCache(true));
    const same = [client.chat(question, { schema: city }), client.chat(question, { schema: city })];
    const other = client.chat(question, { schema: city.refine(() => true) });
    await settle();
    gate.open();
    const [one, two] = await Promise.all(same);
    expect([one?.data, two?.data, (await other).data]).toEqual(Array.from({ length: 3 }, () => one?.data));
    expect([puppet.calls.length, two?.shared]).toEqual([2, true]);
  });
});

test('calls that are the first of their schema fly together as well', async () => {
  const { client, puppet } = setUp(texts('{"a":1}'), withCache(true));
  const schema = z.object({ a: z.number() });
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.chat(question, { schema })));
  expect([answers.length, puppet.calls.length]).toEqual([50, 1]);
});

test('what is passed may change at once: the call has its own copy', async () => {
  const scene = setUp(texts(BERN));
  const messages = [{ role: 'user' as const, content: 'where?' }];
  const asked = scene.client.chat(messages, { schema: city });
  messages[0] = { role: 'user', content: 'changed' };
  await asked;
  expect(scene.puppet.calls[0]?.request.messages[0]?.content).toBe('where?');
});

test('an answer that calls tools has no data yet', async () => {
  const { client } = setUp((call) => speak(call, '', 'tool-calls'));
  const { data } = await client.chat(question, { schema: city, tools: [{ name: 'look' }] });
  expect(data).toBeUndefined();
});

test('an upstream error stays what it is', async () => {
  const { client } = setUp(() => fail(500));
  expect(await rejection(client.chat(question, { schema: city }))).toMatchObject({ status: 500 });
});
