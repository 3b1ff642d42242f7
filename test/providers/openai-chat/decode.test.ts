import { describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../../src/protocol/chat.js';
import {
  createStreamDecoder,
  decodeAnswer,
  decodeError,
  decodeUsage,
  findError,
} from '../../../src/providers/openai-chat/decode.js';
import type { WireAnswer, WireMessage, WireToolCall } from '../../../src/providers/openai-chat/wire.js';
import { fc } from '../../support/property.js';

function stream(...events: WireAnswer[]): { chunks: Chunk[]; answer: ProviderAnswer } {
  const decoder = createStreamDecoder('req');
  const chunks = [...events.flatMap((event) => decoder.decode(event, 'message')), ...decoder.finish()];
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return { chunks, answer: assembler.answer() };
}
function delta(message: WireMessage, finish?: string): WireAnswer {
  return { id: 'a', model: 'm', choices: [{ index: 0, delta: message, finish_reason: finish ?? null }] };
}
function calls(...pieces: WireToolCall[]): WireAnswer {
  return delta({ tool_calls: pieces });
}

describe('a stream', () => {
  test('starts with the first event that has an id or a choice', () => {
    const { chunks } = stream(
      { id: '', model: '', choices: [] },
      delta({ role: 'assistant', content: '' } as WireMessage),
      delta({ content: 'x' }, 'stop'),
    );
    expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'text-delta', 'finish']);
    expect(chunks[0]).toEqual({ kind: 'start', id: 'a', model: 'm', requestId: 'req' });
  });

  test('takes null and missing fields as nothing', () => {
    const empty: WireMessage = {
      content: null,
      reasoning_content: null,
      reasoning: null,
      refusal: null,
      tool_calls: null,
    };
    expect(stream(delta(empty), { id: 'a', choices: null }, { choices: [{}] }, delta({}, 'stop')).answer).toMatchObject(
      { text: '', toolCalls: [] },
    );
  });

  test.each([
    ['beside empty choices', { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }],
    ['beside a choice', { choices: [{ delta: {} }], usage: { prompt_tokens: 3, completion_tokens: 4 } }],
    ['inside the choice', { choices: [{ delta: {}, usage: { prompt_tokens: 3, completion_tokens: 4 } }] }],
    ['in x_groq', { choices: [], x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }],
  ])('finds the usage %s, the last one counts, and null is none', (_name, event) => {
    const first = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };
    const { answer, chunks } = stream(delta({ content: 'x' }, 'stop'), first, event, { choices: [], usage: null });
    expect(answer.usage).toEqual({ inputTokens: 3, outputTokens: 4, totalTokens: 7 });
    expect(chunks.filter(({ kind }) => kind === 'usage')).toHaveLength(1);
  });

  test('ignores choices other than the first', () => {
    const other = { choices: [{ index: 1, delta: { content: 'other' }, finish_reason: 'length' }] };
    expect(stream(delta({ content: 'x' }), other, delta({}, 'stop')).answer).toMatchObject({
      text: 'x',
      finishReason: 'stop',
    });
  });

  test('shows a refusal as text that is not worth keeping', () => {
    expect(stream(delta({ refusal: 'I will not.' }), delta({}, 'stop')).answer).toMatchObject({
      text: 'I will not.',
      finishReason: 'content-filter',
    });
  });

  test.each([
    ['stop', 'stop'],
    ['eos_token', 'stop'],
    ['tool_calls', 'tool-calls'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['content_filter', 'content-filter'],
    ['something new', 'other'],
  ])('with the finish reason %s finishes with %s', (wire, reason) => {
    expect(stream(delta({}, wire)).answer.finishReason).toBe(reason);
  });
});

describe('tool calls in a stream', () => {
  const done = delta({}, 'tool_calls');

  test('in parallel and interleaved are kept apart by index', () => {
    const { answer, chunks } = stream(
      calls({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
      calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      calls({ index: 0, function: { arguments: '{"x":' } }, { index: 1, function: { arguments: ':2}' } }),
      calls({ index: 0, function: { arguments: '1}' } }),
      done,
    );
    expect(answer.toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{"y":2}' },
    ]);
    expect(chunks.filter(({ kind }) => kind === 'tool-call-start')).toHaveLength(2);
    expect(chunks.filter(({ kind }) => kind === 'tool-call-end')).toHaveLength(2);
  });

  test('whose order is not that of their index end up in that of their index', () => {
    const { answer } = stream(
      calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{}' } }),
      calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      done,
    );
    expect(answer.toolCalls.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('without any index are told apart by id, and pieces without id go to the last', () => {
    const { answer } = stream(
      calls({ id: 'a', function: { name: 'f', arguments: '{"x"' } }, { function: { arguments: ':1}' } }),
      calls({ id: 'b', function: { name: 'g', arguments: '{}' } }),
      done,
    );
    expect(answer.toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{}' },
    ]);
  });

  test('that all have index 0 but ids of their own are different calls', () => {
    const { answer } = stream(
      calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      calls({ index: 0, function: { arguments: ':1}' } }),
      calls({ index: 0, id: 'b', function: { name: 'g', arguments: '{"y"' } }),
      calls({ index: 0, function: { arguments: ':2}' } }),
      done,
    );
    expect(answer.toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{"y":2}' },
    ]);
  });

  test('may repeat id and name, leave out the id, send the name late, and give arguments as an object or null', () => {
    const { answer } = stream(
      calls({ index: 0, function: { arguments: '{"x"' } }),
      calls({ index: 0, function: { name: 'f', arguments: ':1}' } }),
      calls({ index: 0, function: { name: 'f', arguments: null } }),
      calls({ index: 1, id: 'b', function: { name: 'g', arguments: { y: 2 } } }),
      calls({ index: 1, id: 'b', function: { name: 'g' } }),
      done,
    );
    expect(answer.toolCalls).toEqual([
      { id: 'call_0', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '{"y":2}' },
    ]);
  });

  test('end with tool-calls even if the server says stop', () => {
    expect(
      stream(calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }), delta({}, 'stop')).answer
        .finishReason,
    ).toBe('tool-calls');
  });
});

describe('usage', () => {
  test.each([
    [
      'cached and reasoning tokens',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 4, reasoningTokens: 2 },
    ],
    [
      'the cache hits of DeepSeek',
      { prompt_tokens: 10, completion_tokens: 5, prompt_cache_hit_tokens: 4 },
      { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 4 },
    ],
    [
      'the cache hits of Kimi',
      { prompt_tokens: 10, completion_tokens: 5, cached_tokens: 4 },
      { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 4 },
    ],
    [
      'reasoning counted beside the completion',
      {
        prompt_tokens: 12,
        completion_tokens: 2,
        total_tokens: 354,
        completion_tokens_details: { reasoning_tokens: 340 },
      },
      { inputTokens: 12, outputTokens: 342, totalTokens: 354, reasoningTokens: 340 },
    ],
    [
      'half a count',
      { prompt_tokens: 10, completion_tokens: null },
      { inputTokens: 10, outputTokens: 0, totalTokens: 10 },
    ],
    ['garbage', { prompt_tokens: -1, completion_tokens: 1.5 }, undefined],
  ])('is read from %s', (_name, wire, expected) => {
    expect(decodeUsage(wire)).toEqual(expected);
  });
});

describe('a body', () => {
  test.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ choices: [] }],
    [{ choices: {} }],
    [{ choices: [{}] }],
    [{ choices: [null] }],
    [{ choices: [{ message: 'x' }] }],
  ])('like %j is no answer', (body) => {
    expect(decodeAnswer(body, undefined)).toBeUndefined();
  });

  test.each([
    [{ error: { message: 'no', type: 't', code: 'c' } }, { message: 'no', type: 't', code: 'c' }],
    [{ error: { message: 'no', code: 429 } }, { message: 'no', code: '429', status: 429 }],
    [
      { error: 'no', status_code: 503 },
      { message: 'no', status: 503 },
    ],
    [
      { error: { message: 'no' }, status_code: 503 },
      { message: 'no', status: 503 },
    ],
    [
      { object: 'error', message: 'no', type: 't', code: 400 },
      { message: 'no', type: 't', code: '400', status: 400 },
    ],
    [{ detail: 'no' }, { message: 'no' }],
    [{ detail: [{ loc: ['body'], msg: 'no', input: 'the prompt' }] }, { message: 'no' }],
    ['no', { message: 'no' }],
    [undefined, {}],
    [7, {}],
  ])('like %j is the error %j', (body, detail) => {
    expect(decodeError(body)).toEqual(detail);
  });

  test('holds an error at the top or in its choice', () => {
    expect(findError({ error: { message: 'no' } })).toEqual({ message: 'no' });
    expect(findError({ choices: [{ error: { code: 502, message: 'no' } }] })).toMatchObject({
      message: 'no',
      status: 502,
    });
    expect(findError({ error: null, choices: [{ error: null }] })).toBeUndefined();
    expect(findError(null)).toBeUndefined();
  });
});

describe('whatever a server sends', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 0, '', 'x', [], {}));
  const shaped = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
    fc.oneof(junk, fc.record(fields, { requiredKeys: [] }));
  const toolCall = shaped({ index: junk, id: junk, function: shaped({ name: junk, arguments: junk }) });
  const part = shaped({ type: junk, text: junk, thinking: fc.oneof(junk, fc.array(shaped({ text: junk }))) });
  const message = shaped({
    content: fc.oneof(junk, fc.array(part)),
    reasoning: junk,
    reasoning_content: junk,
    refusal: junk,
    tool_calls: fc.oneof(junk, fc.array(toolCall)),
  });
  const choice = shaped({
    index: fc.oneof(junk, fc.constant(0)),
    delta: message,
    message,
    finish_reason: junk,
    usage: junk,
    error: junk,
  });
  const body = fc.record(
    {
      id: junk,
      model: junk,
      choices: fc.oneof(junk, fc.array(choice)),
      usage: junk,
      x_groq: shaped({ usage: junk }),
      error: junk,
    },
    { requiredKeys: [] },
  );

  test('nothing throws, and every text is a string', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 4 }), (events) => {
        const decoder = createStreamDecoder(undefined);
        const chunks = [...events.flatMap((event) => decoder.decode(event, 'message')), ...decoder.finish()];
        for (const chunk of chunks) {
          if (chunk.kind === 'text-delta' || chunk.kind === 'reasoning-delta') expect(typeof chunk.text).toBe('string');
          if (chunk.kind === 'tool-call-delta') expect(typeof chunk.arguments).toBe('string');
        }
        for (const event of events) {
          findError(event);
          decodeError(event);
          const answer = decodeAnswer(event, undefined);
          if (answer !== undefined) expect(typeof answer.text).toBe('string');
        }
      }),
      { numRuns: 1500 },
    );
  });
});
