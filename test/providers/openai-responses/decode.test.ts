import { describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../../src/protocol/chat.js';
import {
  createStreamDecoder,
  decodeAnswer,
  decodeUsage,
  findError,
} from '../../../src/providers/openai-responses/decode.js';

function chunksOf(events: readonly object[]): Chunk[] {
  const decoder = createStreamDecoder('req-1');
  const chunks = events.flatMap((event) => decoder.decode(event, 'message'));
  expect(decoder.isEnded).toBe(true);
  return [...chunks, ...decoder.finish()];
}
function assembled(events: readonly object[]): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of chunksOf(events)) assembler.add(chunk);
  return assembler.answer();
}
const created = { type: 'response.created', response: { id: 'r', model: 'm', status: 'in_progress' } };
function ended(changes: object = {}): object {
  const response = { id: 'r', model: 'm', status: 'completed', output: [], ...changes };
  return { type: 'response.completed', response };
}
const message = (text: string): object => ({ type: 'message', content: [{ type: 'output_text', text }] });
const call = (id: string, args: string): object => ({
  type: 'function_call',
  call_id: id,
  name: 'now',
  arguments: args,
});
function whole(changes: object): ProviderAnswer {
  return decodeAnswer(
    { id: 'r', model: 'm', status: 'completed', output: [message('x')], ...changes },
    undefined,
  ) as ProviderAnswer;
}

describe('a stream of responses', () => {
  test('tells parallel calls apart by their index, whatever ids their pieces have', () => {
    const delta = (index: number, text: string, id: string): object => ({
      type: 'response.function_call_arguments.delta',
      output_index: index,
      item_id: id,
      delta: text,
    });
    const added = (index: number, id: string): object => ({
      type: 'response.output_item.added',
      output_index: index,
      item: call(id, ''),
    });
    const answer = assembled([
      created,
      added(1, 'call_a'),
      added(2, 'call_b'),
      delta(2, '{"b"', 'rotated-1'),
      delta(1, '{"a":', 'rotated-2'),
      delta(2, ':2}', 'rotated-3'),
      delta(1, '1}', 'rotated-4'),
      { type: 'response.output_item.done', output_index: 1, item: call('call_a', '{"a":1}') },
      { type: 'response.output_item.done', output_index: 2, item: call('call_b', '{"b":2}') },
      ended(),
    ]);
    expect(answer.toolCalls).toEqual([
      { id: 'call_a', name: 'now', arguments: '{"a":1}' },
      { id: 'call_b', name: 'now', arguments: '{"b":2}' },
    ]);
    expect(answer.finishReason).toBe('tool-calls');
  });

  test('gives once what came only as a whole', () => {
    const done = (index: number, item: object): object => ({
      type: 'response.output_item.done',
      output_index: index,
      item,
    });
    const thought = { type: 'reasoning', summary: [{ text: 'One.' }, { text: 'Two.' }] };
    const items = [thought, message('Hello.'), call('call_1', '{}')];
    const expected = {
      id: 'r',
      reasoning: 'One.\n\nTwo.',
      text: 'Hello.',
      toolCalls: [{ id: 'call_1', arguments: '{}' }],
    };
    expect(assembled([created, ...items.map((item, i) => done(i, item)), ended({ output: items })])).toMatchObject(
      expected,
    );
    expect(assembled([ended({ output: items })])).toMatchObject(expected);
    expect(whole({ output: items })).toMatchObject(expected);
  });

  describe('whose end says more than its pieces', () => {
    const delta = (index: number, text: string): object => ({
      type: 'response.output_text.delta',
      output_index: index,
      delta: text,
    });
    const done = (index: number, item: object): object => ({
      type: 'response.output_item.done',
      output_index: index,
      item,
    });
    const piecesOf = (chunks: readonly Chunk[]): string =>
      chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join('');
    const warningsOf = (chunks: readonly Chunk[]): number => chunks.filter(({ kind }) => kind === 'warning').length;

    test.each([
      ['its item', [done(0, message('Hello there.')), ended()]],
      ['the whole answer', [ended({ output: [message('Hello there.')] })]],
      ['the whole answer after its item', [done(0, message('Hello')), ended({ output: [message('Hello there.')] })]],
    ])('%s: the rest is one more piece', (_, ends) => {
      const events = [created, delta(0, 'Hel'), ...ends];
      expect(piecesOf(chunksOf(events))).toBe('Hello there.');
      expect(warningsOf(chunksOf(events))).toBe(0);
      expect(assembled(events)).toMatchObject({ text: 'Hello there.', finishReason: 'stop' });
    });

    test.each([
      ['its item', [done(0, message('Goodbye.')), ended()]],
      ['the whole answer', [ended({ output: [message('Goodbye.')] })]],
    ])('and something else, in %s: the answer holds it, with a warning', (_, ends) => {
      const events = [created, delta(0, 'Hel'), ...ends];
      expect(piecesOf(chunksOf(events))).toBe('Hel');
      expect(warningsOf(chunksOf(events))).toBe(1);
      expect(assembled(events)).toMatchObject({ text: 'Goodbye.', finishReason: 'stop' });
    });

    test('in items that were not told: they come now, calls too', () => {
      const output = [message('One.'), message('Two.'), call('call_1', '{"a":1}')];
      const answer = assembled([created, delta(0, 'One.'), done(0, output[0] ?? {}), ended({ output })]);
      expect(answer).toMatchObject({
        text: 'One.Two.',
        toolCalls: [{ id: 'call_1', arguments: '{"a":1}' }],
        finishReason: 'tool-calls',
      });
    });

    test('in texts told out of order: the answer has them in order', () => {
      const events = [created, delta(1, 'Two.'), delta(0, 'One.'), done(0, message('One.')), done(1, message('Two.'))];
      expect(piecesOf(chunksOf([...events, ended()]))).toBe('Two.One.');
      expect(assembled([...events, ended()])).toMatchObject({ text: 'One.Two.' });
    });

    test('of the arguments of a call: the pieces stand, with a warning', () => {
      const events = [
        created,
        { type: 'response.output_item.added', output_index: 0, item: call('call_1', '') },
        { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a":1}' },
        done(0, call('call_1', '{"b":2}')),
        ended(),
      ];
      expect(assembled(events).toolCalls).toMatchObject([{ arguments: '{"a":1}' }]);
      expect(warningsOf(chunksOf(events))).toBe(1);
    });

    test('or less: what was told stands', () => {
      for (const ends of [
        [ended()],
        [done(0, message('')), ended()],
        [done(0, { type: 'speech' }), ended()],
        [ended({ output: [message('')] })],
      ]) {
        const events = [created, delta(0, 'Hello.'), ...ends];
        expect(assembled(events)).toMatchObject({ text: 'Hello.', finishReason: 'stop' });
        expect(warningsOf(chunksOf(events))).toBe(0);
      }
    });

    test('under other ids and numbers: nothing is told twice', () => {
      const told = { ...message('Hello.'), id: 'msg_1' };
      for (const output of [[{ ...told, id: 'msg_2' }], [{ type: 'reasoning', id: 'rs_1', summary: [] }, told]]) {
        const events = [created, delta(1, 'Hello.'), done(1, told), ended({ output })];
        expect(assembled(events).text).toBe('Hello.');
      }
    });

    test('a refusal in pieces only is one', () => {
      const refused = { type: 'response.refusal.delta', output_index: 0, delta: 'I cannot.' };
      expect(assembled([created, refused, ended()])).toMatchObject({
        text: 'I cannot.',
        finishReason: 'content-filter',
      });
    });
  });

  test('puts a gap between parts of reasoning, as the whole answer does', () => {
    const delta = (part: number, text: string): object => ({
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      summary_index: part,
      delta: text,
    });
    const answer = assembled([created, delta(0, 'On'), delta(0, 'e.'), delta(1, 'Two.'), ended()]);
    expect(answer.reasoning).toBe('One.\n\nTwo.');
  });

  test('shows a refusal, and finishes as filtered', () => {
    const item = { type: 'message', content: [{ type: 'refusal', refusal: 'I cannot.' }] };
    const answer = assembled([
      created,
      { type: 'response.refusal.delta', output_index: 0, delta: 'I can' },
      { type: 'response.refusal.delta', output_index: 0, delta: 'not.' },
      { type: 'response.output_item.done', output_index: 0, item },
      ended(),
    ]);
    expect(answer).toMatchObject({ text: 'I cannot.', finishReason: 'content-filter' });
  });

  test('ends calls that were cut off by a limit', () => {
    const chunks = chunksOf([
      created,
      { type: 'response.output_item.added', output_index: 0, item: call('call_1', '') },
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a' },
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      },
    ]);
    expect(chunks.slice(-2)).toEqual([
      { kind: 'tool-call-end', index: 0 },
      { kind: 'finish', reason: 'length' },
    ]);
  });

  test('passes over events it does not know, and fields of the wrong type', () => {
    const odd = [
      { type: 'response.queued' },
      { type: 'response.output_item.added', output_index: 0, item: null },
      { type: 'response.output_text.delta', output_index: 0, delta: 7 },
      { type: 'response.function_call_arguments.delta', output_index: 9, delta: 'lost' },
      { type: 'response.completed', response: null },
      {},
    ];
    expect(assembled([created, ...odd, ended()])).toMatchObject({ text: '', toolCalls: [], finishReason: 'other' });
  });
});

describe('a response', () => {
  test.each([
    [{ status: 'completed' }, 'stop'],
    [{ status: 'completed', output: [message(''), call('c', '{}')] }, 'tool-calls'],
    [{ status: 'completed', output: [{ type: 'mcp_approval_request' }] }, 'other'],
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
    [{ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'content-filter'],
    [{ status: 'incomplete', incomplete_details: null }, 'other'],
    [{ status: 'cancelled' }, 'other'],
    [{ status: 'queued' }, 'other'],
  ])('with %j finishes as %s', (changes, reason) => {
    expect(whole(changes).finishReason).toBe(reason);
  });

  test('is nothing else', () => {
    for (const body of [null, 'x', 7, [], {}, { output: null }, { choices: [] }])
      expect(decodeAnswer(body, undefined)).toBeUndefined();
  });

  test('counts tokens as the vendor does', () => {
    expect(
      decodeUsage({
        input_tokens: 100,
        output_tokens: 20,
        total_tokens: 120,
        input_tokens_details: { cached_tokens: 60, cache_write_tokens: 5 },
        output_tokens_details: { reasoning_tokens: 15 },
      }),
    ).toEqual({
      inputTokens: 100,
      outputTokens: 20,
      totalTokens: 120,
      cachedInputTokens: 60,
      cacheWriteInputTokens: 5,
      reasoningTokens: 15,
    });
    expect(decodeUsage({ input_tokens: 3 })).toEqual({ inputTokens: 3, outputTokens: 0, totalTokens: 3 });
    expect(decodeUsage({})).toBeUndefined();
    expect(whole({ usage: null }).usage).toBeUndefined();
  });

  test('that failed is an error, however it says so', () => {
    const error = { code: 'server_error', message: 'sorry' };
    for (const body of [
      { status: 'failed', output: [], error },
      { type: 'response.failed', response: { status: 'failed', error } },
      { type: 'error', error },
      { type: 'error', ...error },
      { error },
    ])
      expect(findError(body)).toMatchObject(error);
    expect(findError({ status: 'failed', output: [], error: null })).toMatchObject({
      message: expect.any(String) as string,
    });
    expect(findError({ status: 'completed', output: [], error: null })).toBeUndefined();
    expect(findError(null)).toBeUndefined();
  });
});
