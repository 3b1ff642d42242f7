import { describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../../src/protocol/chat.js';
import {
  createStreamDecoder,
  decodeAnswer,
  decodeEmbedding,
  decodeError,
  findError,
} from '../../../src/providers/ollama/decode.js';
import type { WireAnswer, WireMessage } from '../../../src/providers/ollama/wire.js';
import { fc } from '../../support/property.js';

function stream(...lines: WireAnswer[]): { chunks: Chunk[]; answer: ProviderAnswer } {
  const decoder = createStreamDecoder('req', 'asked');
  const chunks = [...lines.flatMap((line) => decoder.decode(line, 'message')), ...decoder.finish()];
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return { chunks, answer: assembler.answer() };
}
function said(message: WireMessage): WireAnswer {
  return { model: 'qwen3', message, done: false };
}
function done(changes: WireAnswer = {}): WireAnswer {
  return { model: 'qwen3', message: { content: '' }, done: true, done_reason: 'stop', ...changes };
}
const weather = { function: { name: 'get_weather', arguments: { city: 'Oslo' } } };

describe('a stream', () => {
  test('ends with the line that is done, and its counts', () => {
    const decoder = createStreamDecoder(undefined, 'm');
    decoder.decode(said({ content: 'x' }), 'message');
    expect([decoder.isWhole, decoder.isEnded]).toEqual([false, false]);
    decoder.decode(done({ prompt_eval_count: 4, eval_count: 2 }), 'message');
    expect([decoder.isWhole, decoder.isEnded]).toEqual([true, true]);
    expect(decoder.finish()).toEqual([
      { kind: 'usage', usage: { inputTokens: 4, outputTokens: 2, totalTokens: 6 } },
      { kind: 'finish', reason: 'stop' },
    ]);
  });

  test('tells thoughts and text apart', () => {
    const { chunks } = stream(said({ content: '', thinking: 'Hm' }), said({ content: 'Yes' }), done());
    expect(chunks).toEqual([
      { kind: 'start', id: '', model: 'qwen3', requestId: 'req' },
      { kind: 'reasoning-delta', text: 'Hm' },
      { kind: 'text-delta', text: 'Yes' },
      { kind: 'finish', reason: 'stop' },
    ]);
  });

  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'other'],
    ['unload', 'other'],
    [null, 'stop'],
  ])('that is done for the reason %s ends with %s', (reason, expected) => {
    expect(stream(done({ done_reason: reason })).answer.finishReason).toBe(expected);
  });

  test('may count only one side, or neither', () => {
    expect(stream(done({ eval_count: 3 })).answer.usage).toEqual({ inputTokens: 0, outputTokens: 3, totalTokens: 3 });
    expect(stream(done()).answer.usage).toBeUndefined();
  });

  test('names the model that was asked, where the server names none', () => {
    expect(stream({ message: { content: 'x' } }, { done: true }).answer).toMatchObject({ model: 'asked', text: 'x' });
  });
});

describe('calls of tools', () => {
  test('come whole, with stop, over one line or several, and end with tool-calls', () => {
    const { answer, chunks } = stream(
      said({ thinking: 'Hm' }),
      said({ tool_calls: [weather, { id: 'own', function: { name: 'g', arguments: '{"y":2}' } }] }),
      said({ tool_calls: [{ function: { name: 'h' } }] }),
      done(),
    );
    expect(answer).toMatchObject({
      finishReason: 'tool-calls',
      toolCalls: [
        { id: 'call_0', name: 'get_weather', arguments: '{"city":"Oslo"}' },
        { id: 'own', name: 'g', arguments: '{"y":2}' },
        { id: 'call_2', name: 'h', arguments: '{}' },
      ],
      echo: { format: 'ollama', data: { thinking: 'Hm' } },
    });
    expect(chunks.filter(({ kind }) => kind === 'tool-call-end')).toHaveLength(3);
  });

  test('cut by the length do not end with tool-calls', () => {
    expect(stream(said({ tool_calls: [weather] }), done({ done_reason: 'length' })).answer.finishReason).toBe('length');
  });
});

describe('a body', () => {
  test('is a whole answer, and unknown fields survive in raw', () => {
    const raw = {
      model: 'qwen3',
      created_at: '2026-11-21T10:00:00Z',
      message: { role: 'assistant', content: 'Rain.', thinking: 'Hm' },
      done: true,
      done_reason: 'stop',
      total_duration: 4_883_583_458,
      prompt_eval_count: 26,
      eval_count: 8,
    };
    expect(decodeAnswer(raw, 'req', 'm')).toEqual({
      id: '',
      model: 'qwen3',
      text: 'Rain.',
      reasoning: 'Hm',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 26, outputTokens: 8, totalTokens: 34 },
      requestId: 'req',
      raw,
    });
  });

  test.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [{ message: 'x', done: true }],
    [{ message: { content: 'x' }, done: false }],
  ])('like %j is no answer', (body) => {
    expect(decodeAnswer(body, undefined, 'm')).toBeUndefined();
  });

  test.each([
    [{ error: "model 'x' not found" }, { message: "model 'x' not found" }],
    [{ error: { message: 'no', type: 't', code: 429 } }, { message: 'no', type: 't', code: '429', status: 429 }],
    [{}, {}],
    [null, {}],
  ])('like %j is the error %j', (body, detail) => {
    expect(decodeError(body)).toEqual(detail);
  });

  test('has an error or none', () => {
    expect(findError({ error: 'no' })).toEqual({ message: 'no' });
    expect(findError({ error: null, message: {} })).toBeUndefined();
  });

  test('with as many vectors as texts is an answer to embed', () => {
    const request = { model: 'e', texts: ['a', 'b'] };
    const two = {
      model: 'e',
      embeddings: [
        [1, 2],
        [3, 4],
      ],
      prompt_eval_count: 5,
    };
    expect(decodeEmbedding(two, request)).toEqual({
      model: 'e',
      vectors: [
        [1, 2],
        [3, 4],
      ],
      inputTokens: 5,
    });
    for (const body of [null, {}, { embeddings: [[1]] }, { embeddings: [[1], []] }, { embeddings: [[1], ['x']] }])
      expect(decodeEmbedding(body, request)).toBeUndefined();
  });
});

test('whatever a server sends, nothing throws and every text is a string', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 0, '', 'x', [], {}));
  const shaped = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
    fc.oneof(junk, fc.record(fields, { requiredKeys: [] }));
  const call = shaped({ id: junk, function: shaped({ name: junk, arguments: junk }) });
  const message = shaped({ content: junk, thinking: junk, tool_calls: fc.oneof(junk, fc.array(call)) });
  const line = fc.record({ model: junk, message, done: fc.oneof(junk, fc.boolean()), eval_count: junk, error: junk });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
      for (const chunk of stream(...(lines as WireAnswer[])).chunks) {
        if (chunk.kind === 'text-delta' || chunk.kind === 'reasoning-delta') expect(typeof chunk.text).toBe('string');
        if (chunk.kind === 'tool-call-delta') expect(typeof chunk.arguments).toBe('string');
      }
      for (const one of lines) {
        findError(one);
        decodeError(one);
        decodeAnswer(one, undefined, 'm');
      }
    }),
    { numRuns: 1000 },
  );
});
