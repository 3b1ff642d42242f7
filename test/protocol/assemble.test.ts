import { describe, expect, test } from 'vitest';
import { answerToChunks, createAnswerAssembler } from '../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../src/protocol/chat.js';
import { heapBytes } from '../support/memory.js';
import { fc } from '../support/property.js';

function assemble(chunks: readonly Chunk[]): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.answer();
}

const usage = fc.record(
  {
    inputTokens: fc.nat(),
    outputTokens: fc.nat(),
    totalTokens: fc.nat(),
    cachedInputTokens: fc.nat(),
    reasoningTokens: fc.nat(),
  },
  { requiredKeys: ['inputTokens', 'outputTokens', 'totalTokens'] },
);
const answer: fc.Arbitrary<ProviderAnswer> = fc
  .record({
    required: fc.record({
      id: fc.string(),
      model: fc.string(),
      text: fc.string(),
      toolCalls: fc.array(fc.record({ id: fc.string(), name: fc.string(), arguments: fc.string() })),
      finishReason: fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter', 'other'),
      usage: fc.option(usage, { nil: undefined }),
    }),
    optional: fc.record({ reasoning: fc.string({ minLength: 1 }), requestId: fc.string() }, { requiredKeys: [] }),
  })
  .map(({ required, optional }) => ({ ...required, ...optional }) as ProviderAnswer);

describe('assembling', () => {
  test('the chunks of an answer gives the answer again', () => {
    fc.assert(
      fc.property(answer, (whole) => {
        expect(assemble(answerToChunks(whole))).toEqual(whole);
      }),
    );
  });

  test('does not depend on how text and arguments are cut', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 5 }), (whole, size) => {
        const pieces = answerToChunks(whole).flatMap((chunk): Chunk[] => {
          if (chunk.kind === 'text-delta' || chunk.kind === 'reasoning-delta') {
            return slices(chunk.text, size).map((text) => ({ ...chunk, text }));
          }
          if (chunk.kind !== 'tool-call-delta') return [chunk];
          return slices(chunk.arguments, size).map((text) => ({ ...chunk, arguments: text }));
        });
        expect(assemble(pieces)).toEqual(whole);
      }),
    );
  });

  test('takes the text of the end where it has one, an empty one too', () => {
    const pieces: readonly Chunk[] = [
      { kind: 'start', id: 'a', model: 'm' },
      { kind: 'text-delta', text: 'Hel' },
    ];
    expect(assemble([...pieces, { kind: 'finish', reason: 'stop' }]).text).toBe('Hel');
    for (const text of ['Hello.', '']) {
      const answer = assemble([...pieces, { kind: 'finish', reason: 'stop', text }]);
      expect(answer.text).toBe(text);
      expect(assemble(answerToChunks(answer))).toEqual(answer);
    }
  });

  test('puts parallel tool calls in the order of their index', () => {
    const { toolCalls } = assemble([
      { kind: 'start', id: 'a', model: 'm' },
      { kind: 'tool-call-start', index: 1, id: 'b', name: 'second' },
      { kind: 'tool-call-start', index: 0, id: 'a', name: 'first' },
      { kind: 'tool-call-delta', index: 1, arguments: '{"x"' },
      { kind: 'tool-call-delta', index: 0, arguments: '{}' },
      { kind: 'tool-call-delta', index: 1, arguments: ':1}' },
      { kind: 'finish', reason: 'tool-calls' },
    ]);
    expect(toolCalls).toEqual([
      { id: 'a', name: 'first', arguments: '{}' },
      { id: 'b', name: 'second', arguments: '{"x":1}' },
    ]);
  });

  test('gives a whole answer as it is, raw body included', () => {
    const whole: ProviderAnswer = {
      id: '',
      model: 'm',
      text: 't',
      toolCalls: [],
      finishReason: 'stop',
      usage: undefined,
      raw: { extra: 1 },
    };
    expect(
      assemble([
        { kind: 'warning', message: 'careful' },
        { kind: 'response', answer: whole },
      ]),
    ).toBe(whole);
  });

  test('keeps no piece of a text that came in pieces', () => {
    const PIECES = 1000;
    const before = heapBytes();
    const answers = Array.from({ length: 50 }, (_, i) =>
      assemble([
        ...Array.from({ length: PIECES }, (_, at): Chunk => ({ kind: 'text-delta', text: `${i} ${at}|` })),
        { kind: 'finish', reason: 'stop' },
      ]),
    );
    const bytes = heapBytes() - before;
    const characters = answers.reduce((sum, { text }) => sum + text.length, 0);
    // A piece that is kept takes its header and its place beside a few characters.
    expect(bytes / characters).toBeLessThan(2);
  });

  test('refuses a stream that did not finish', () => {
    const assembler = createAnswerAssembler();
    assembler.add({ kind: 'start', id: 'a', model: 'm' });
    assembler.add({ kind: 'text-delta', text: 'half an ans' });
    expect(assembler.isComplete).toBe(false);
    expect(() => assembler.answer()).toThrow(expect.objectContaining({ name: 'StreamTruncatedError' }));
    assembler.add({ kind: 'finish', reason: 'stop' });
    expect(assembler.isComplete).toBe(true);
    expect(Object.isFrozen(assembler.answer())).toBe(true);
  });
});

function slices(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces;
}
