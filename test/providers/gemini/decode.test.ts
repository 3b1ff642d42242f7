import { describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../../src/protocol/chat.js';
import {
  createStreamDecoder,
  decodeAnswer,
  decodeEmbedding,
  decodeError,
  decodeUsage,
  findError,
  retryAfterMsOf,
} from '../../../src/providers/gemini/decode.js';
import type { WireAnswer, WireFunctionCall, WirePart } from '../../../src/providers/gemini/wire.js';
import { fc } from '../../support/property.js';

function stream(...events: WireAnswer[]): { chunks: Chunk[]; answer: ProviderAnswer } {
  const decoder = createStreamDecoder('req', 'asked');
  const chunks = [...events.flatMap((event) => decoder.decode(event, 'message')), ...decoder.finish()];
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return { chunks, answer: assembler.answer() };
}
function said(parts: readonly WirePart[], finishReason?: string): WireAnswer {
  return {
    responseId: 'r',
    candidates: [{ content: { parts }, ...(finishReason === undefined ? {} : { finishReason }) }],
  };
}
function call(functionCall: WireFunctionCall): WireAnswer {
  return said([{ functionCall }]);
}
function argumentsOf({ answer }: { answer: ProviderAnswer }): unknown {
  return answer.toolCalls.map((one) => JSON.parse(one.arguments) as unknown);
}

describe('a stream', () => {
  test('tells thoughts and text apart, and ignores parts of other kinds', () => {
    const { chunks } = stream(
      said([{ text: 'Hm', thought: true }, { text: 'Yes' }, { executableCode: { code: '1' } } as WirePart]),
      said([{ text: '', thoughtSignature: 's' }], 'STOP'),
    );
    expect(chunks).toEqual([
      { kind: 'start', id: 'r', model: 'asked', requestId: 'req' },
      { kind: 'reasoning-delta', text: 'Hm' },
      { kind: 'text-delta', text: 'Yes' },
      {
        kind: 'finish',
        reason: 'stop',
        echo: { format: 'gemini', data: [{ textLength: 3 }, { textLength: 0, thoughtSignature: 's' }] },
      },
    ]);
  });

  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['LANGUAGE', 'other'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
    ['SOMETHING_NEW', 'other'],
  ])('that ends with %s ends with %s, and is whole only then', (wire, reason) => {
    const decoder = createStreamDecoder(undefined, 'm');
    decoder.decode(said([{ text: 'x' }]), 'message');
    expect([decoder.isWhole, decoder.isEnded]).toEqual([false, false]);
    decoder.decode(said([], wire), 'message');
    expect([decoder.isWhole, decoder.isEnded]).toEqual([true, false]);
    expect(decoder.finish().at(-1)).toEqual({ kind: 'finish', reason });
  });

  test('without candidates, because the prompt was blocked, ends with content-filter', () => {
    const event = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 4 } };
    const expected = { text: '', finishReason: 'content-filter', usage: { inputTokens: 4, outputTokens: 0 } };
    expect(stream(event).answer).toMatchObject(expected);
    expect(decodeAnswer(event, undefined, 'm')).toMatchObject({ ...expected, raw: event });
  });

  test('counts as its last event with counts does', () => {
    const { answer, chunks } = stream(
      { ...said([{ text: 'x' }]), usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 1 } },
      { ...said([{ text: 'y' }], 'STOP'), usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 3 } },
      { usageMetadata: { trafficType: 'ON_DEMAND' } as object },
    );
    expect(answer.usage).toEqual({ inputTokens: 2, outputTokens: 3, totalTokens: 5 });
    expect(chunks.filter(({ kind }) => kind === 'usage')).toHaveLength(1);
  });

  test('ignores candidates other than the first', () => {
    const other = { candidates: [{ index: 1, content: { parts: [{ text: 'other' }] }, finishReason: 'MAX_TOKENS' }] };
    expect(stream(said([{ text: 'x' }]), other, said([], 'STOP')).answer).toMatchObject({
      text: 'x',
      finishReason: 'stop',
    });
  });
});

describe('calls of tools', () => {
  test('have ids that are the same each time, and other ones in other answers', () => {
    const events = (responseId: string): WireAnswer[] => [
      { ...said([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }], 'STOP'), responseId },
    ];
    const ids = (responseId: string): string[] => stream(...events(responseId)).answer.toolCalls.map(({ id }) => id);
    expect(ids('a')).toEqual(ids('a'));
    expect(new Set([...ids('a'), ...ids('b')]).size).toBe(4);
    expect(ids('')).toEqual(['call_0', 'call_1']);
    expect(stream(call({ id: 'own', name: 'f' })).answer.toolCalls).toEqual([
      { id: 'own', name: 'f', arguments: '{}' },
    ]);
  });

  test('arrive with STOP, and end with tool-calls; cut by the length they do not', () => {
    expect(stream(call({ name: 'f' }), said([], 'STOP')).answer.finishReason).toBe('tool-calls');
    expect(stream(call({ name: 'f' }), said([], 'MAX_TOKENS')).answer.finishReason).toBe('length');
  });

  test('whose arguments come in pieces are put together', () => {
    const piece = (jsonPath: string, value: object, more = true): WireAnswer =>
      call({ partialArgs: [{ jsonPath, ...value }], ...(more ? { willContinue: true } : {}) });
    const result = stream(
      call({ name: 'f', willContinue: true }),
      piece('$.a', { stringValue: 'x', willContinue: true }),
      piece('$.a', { stringValue: 'y' }),
      piece('$.n', { numberValue: 0 }),
      piece('$.b', { boolValue: false }),
      piece('$.z', { nullValue: 'NULL_VALUE' }),
      piece("$.list[0]['a name'][0]", { stringValue: '' }),
      piece('$.list[1]', { numberValue: 2 }, false),
      call({}),
      call({ name: 'g', willContinue: true }),
      call({ name: 'h', args: { k: 1 } }),
      said([], 'STOP'),
    );
    expect(argumentsOf(result)).toEqual([
      { a: 'xy', n: 0, b: false, z: null, list: [{ 'a name': [''] }, 2] },
      {},
      { k: 1 },
    ]);
    const kinds = result.chunks.map(({ kind }) => kind).filter((kind) => kind.startsWith('tool'));
    expect(kinds).toEqual(
      Array.from({ length: 3 }, () => ['tool-call-start', 'tool-call-delta', 'tool-call-end']).flat(),
    );
  });

  test('still open at the end are closed', () => {
    const result = stream(
      call({ name: 'f', willContinue: true }),
      call({ partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true }),
      said([], 'STOP'),
    );
    expect(argumentsOf(result)).toEqual([{ a: 'x' }]);
    expect(result.chunks.at(-2)?.kind).toBe('tool-call-end');
  });
});

describe('usage', () => {
  test.each([
    [
      {
        promptTokenCount: 10,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 7,
        totalTokenCount: 22,
      },
      { inputTokens: 10, outputTokens: 12, totalTokens: 22, cachedInputTokens: 4, reasoningTokens: 7 },
    ],
    [
      { promptTokenCount: 10, toolUsePromptTokenCount: 3, candidatesTokenCount: 5, totalTokenCount: 18 },
      { inputTokens: 13, outputTokens: 5, totalTokens: 18 },
    ],
    [{ promptTokenCount: 10 }, { inputTokens: 10, outputTokens: 0, totalTokens: 10 }],
    [{ promptTokenCount: -1, candidatesTokenCount: null }, undefined],
  ])('of %j is %j', (wire, usage) => {
    expect(decodeUsage(wire)).toEqual(usage);
  });
});

describe('a body', () => {
  test.each([
    [null],
    ['text'],
    [[]],
    [[said([{ text: 'x' }], 'STOP')]],
    [{}],
    [{ candidates: [] }],
    [{ candidates: {} }],
    [{ promptFeedback: {} }],
  ])('like %j is no answer', (body) => {
    expect(decodeAnswer(body, undefined, 'm')).toBeUndefined();
  });

  test.each([
    [
      { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } },
      { message: 'busy', type: 'UNAVAILABLE', status: 503 },
    ],
    [
      [{ error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }],
      { message: 'no', type: 'INVALID_ARGUMENT', code: 'API_KEY_INVALID', status: 400 },
    ],
    [{ error: { status: 'RESOURCE_EXHAUSTED' } }, { type: 'RESOURCE_EXHAUSTED', status: 429 }],
    [{ error: { status: 'DEADLINE_EXCEEDED', details: [null, 3] } }, { type: 'DEADLINE_EXCEEDED', status: 504 }],
    [{ error: { status: 'NEW_WORD' } }, { type: 'NEW_WORD' }],
    [{ error: 'no' }, { message: 'no' }],
    [{}, {}],
    [undefined, {}],
    ['no', {}],
  ])('like %j is the error %j', (body, detail) => {
    expect(decodeError(body)).toEqual(detail);
  });

  test('has an error or none', () => {
    expect(findError(said([{ text: 'x' }]))).toBeUndefined();
    expect(findError({ error: null })).toBeUndefined();
    expect(findError({ error: { code: 500 } })).toEqual({ status: 500 });
  });

  test.each([
    ['34.4s', 34_400],
    ['0s', 0],
    ['0.000000001s', 1],
    ['12', undefined],
    ['-1s', undefined],
    [7, undefined],
  ])('that asks to wait %j means %j ms', (retryDelay, ms) => {
    const body = { error: { details: [{ '@type': 'type.googleapis.com/google.rpc.Help' }, { retryDelay }] } };
    expect(retryAfterMsOf(body)).toBe(ms);
    expect(retryAfterMsOf([body])).toBe(ms);
  });

  test('with as many vectors as texts is an answer to embed', () => {
    const request = { model: 'e', texts: ['a', 'b'] };
    const two = { embeddings: [{ values: [1, 2] }, { values: [3, 4] }], usageMetadata: { promptTokenCount: 5 } };
    expect(decodeEmbedding(two, request)).toEqual({
      model: 'e',
      vectors: [
        [1, 2],
        [3, 4],
      ],
      inputTokens: 5,
    });
    for (const body of [
      null,
      {},
      { embeddings: [{ values: [1] }] },
      { embeddings: [{ values: [] }, { values: ['x'] }] },
      { embeddings: [null, {}] },
    ])
      expect(decodeEmbedding(body, request)).toBeUndefined();
  });
});

describe('whatever a server sends', () => {
  const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 0, '', 'x', [], {}));
  const shaped = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
    fc.oneof(junk, fc.record(fields, { requiredKeys: [] }));
  const path = fc.constantFrom(
    '$.a',
    '$.a.b',
    '$.a[0]',
    '$.__proto__.x',
    "$['constructor'].prototype.y",
    '$',
    '$..a',
    '$.l[4]',
  );
  const partial = shaped({ jsonPath: fc.oneof(junk, path), stringValue: junk, numberValue: junk, nullValue: junk });
  const functionCall = shaped({
    id: junk,
    name: junk,
    args: junk,
    partialArgs: fc.oneof(junk, fc.array(partial)),
    willContinue: fc.oneof(junk, fc.boolean()),
  });
  const part = shaped({ text: junk, thought: fc.boolean(), thoughtSignature: junk, functionCall });
  const candidate = shaped({
    index: junk,
    content: shaped({ parts: fc.oneof(junk, fc.array(part)) }),
    finishReason: junk,
  });
  const body = fc.record(
    {
      responseId: junk,
      modelVersion: junk,
      candidates: fc.oneof(junk, fc.array(candidate)),
      promptFeedback: shaped({ blockReason: junk }),
      usageMetadata: shaped({ promptTokenCount: junk, thoughtsTokenCount: junk }),
      error: shaped({
        code: junk,
        message: junk,
        status: junk,
        details: fc.oneof(junk, fc.array(shaped({ retryDelay: junk }))),
      }),
    },
    { requiredKeys: [] },
  );

  test('nothing throws, every text is a string, all arguments are JSON, and no prototype is touched', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 4 }), (events) => {
        const decoder = createStreamDecoder(undefined, 'm');
        const chunks = [...events.flatMap((event) => decoder.decode(event, 'message')), ...decoder.finish()];
        for (const chunk of chunks) {
          if (chunk.kind === 'text-delta' || chunk.kind === 'reasoning-delta') expect(typeof chunk.text).toBe('string');
          if (chunk.kind === 'tool-call-delta') JSON.parse(chunk.arguments);
        }
        for (const event of events) {
          findError(event);
          decodeError(event);
          retryAfterMsOf(event);
          decodeAnswer(event, undefined, 'm');
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(({} as { x?: unknown }).x).toBeUndefined();
      }),
      { numRuns: 1500 },
    );
  });
});
