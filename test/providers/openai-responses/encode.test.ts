import { describe, expect, test } from 'vitest';
import {
  answerMessage,
  assistantMessage,
  type ChatRequest,
  type ProviderAnswer,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { decodeAnswer } from '../../../src/providers/openai-responses/decode.js';
import { encodeRequest } from '../../../src/providers/openai-responses/encode.js';
import { fc } from '../../support/property.js';
import { hasRecordings, readRecording } from '../../support/recordings.js';

const QUIRKS = { reasoningModels: /^gpt-5/ };
const base: ChatRequest = { model: 'gpt-4o', messages: [userMessage('hi')] };
function body(changes: Partial<ChatRequest>): Record<string, unknown> {
  return encodeRequest({ ...base, ...changes }, QUIRKS).body;
}
function warnings(changes: Partial<ChatRequest>): readonly string[] {
  return encodeRequest({ ...base, ...changes }, QUIRKS).warnings;
}

describe('a request in the responses format', () => {
  test('is as short as it can be, and stores nothing at the vendor', () => {
    expect(body({})).toEqual({ model: 'gpt-4o', input: [{ role: 'user', content: 'hi' }], store: false });
  });

  test('has the first system messages as instructions, and later ones in their place', () => {
    const messages = [
      systemMessage('Be brief.'),
      { role: 'system' as const, content: [{ kind: 'text' as const, text: 'Be kind.' }] },
      userMessage('hi'),
      systemMessage('Now in rhyme.'),
    ];
    expect(body({ messages })).toMatchObject({
      instructions: 'Be brief.\n\nBe kind.',
      input: [
        { role: 'user', content: 'hi' },
        { role: 'system', content: 'Now in rhyme.' },
      ],
    });
  });

  test('says each setting in its own words', () => {
    expect(
      body({
        maxTokens: 50,
        temperature: 0,
        topP: 0.5,
        user: 'u',
        metadata: { a: 'b' },
        responseFormat: { kind: 'json-schema', name: 'city', schema: { type: 'object' }, strict: true },
        reasoning: { effort: 'low' },
      }),
    ).toMatchObject({
      max_output_tokens: 50,
      temperature: 0,
      top_p: 0.5,
      user: 'u',
      metadata: { a: 'b' },
      text: { format: { type: 'json_schema', name: 'city', schema: { type: 'object' }, strict: true } },
      reasoning: { effort: 'low' },
    });
    expect(body({ responseFormat: { kind: 'json' } })['text']).toEqual({ format: { type: 'json_object' } });
    expect(body({ responseFormat: { kind: 'text' } })['text']).toEqual({ format: { type: 'text' } });
  });

  test('has images as parts of the input', () => {
    const content = [
      { kind: 'text' as const, text: 'What is it?' },
      { kind: 'image' as const, url: 'data:image/png;base64,AA==' },
    ];
    expect(body({ messages: [userMessage(content)] })['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
        ],
      },
    ]);
  });

  test('has flat tools, strict only when asked', () => {
    const tools = [{ name: 'now' }, { name: 'find', description: 'd', parameters: { type: 'object' }, strict: true }];
    expect(body({ tools, toolChoice: { name: 'now' } })).toMatchObject({
      tools: [
        { type: 'function', name: 'now', parameters: { type: 'object', properties: {} }, strict: false },
        { type: 'function', name: 'find', description: 'd', parameters: { type: 'object' }, strict: true },
      ],
      tool_choice: { type: 'function', name: 'now' },
    });
    for (const toolChoice of ['auto', 'none', 'required'] as const)
      expect(body({ tools, toolChoice })['tool_choice']).toBe(toolChoice);
    expect('tool_choice' in body({ toolChoice: 'auto' })).toBe(false);
  });

  test('has calls and their results as items of their own', () => {
    const calls = [
      { id: 'call_1', name: 'now', arguments: '{}' },
      { id: 'call_2', name: 'now', arguments: '{"zone":"x"}' },
    ];
    const messages = [
      assistantMessage('Let me see.', calls),
      toolMessage('call_1', 'noon'),
      toolMessage('call_2', 'night'),
      assistantMessage('', calls.slice(0, 1)),
    ];
    expect(body({ messages })['input']).toEqual([
      { role: 'assistant', content: 'Let me see.' },
      { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' },
      { type: 'function_call', call_id: 'call_2', name: 'now', arguments: '{"zone":"x"}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'noon' },
      { type: 'function_call_output', call_id: 'call_2', output: 'night' },
      { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' },
    ]);
  });

  test('asks a model that reasons for its reasoning, encrypted, unless it is stored or told not to reason', () => {
    const include = ['reasoning.encrypted_content'];
    expect(body({ model: 'gpt-5' })).toMatchObject({ include, store: false });
    expect(body({ model: 'my-deployment', reasoning: { effort: 'high' } })).toMatchObject({ include });
    expect('include' in body({ model: 'gpt-5', reasoning: { effort: 'none' } })).toBe(false);
    expect('include' in body({ model: 'gpt-5', vendor: { reasoning: { effort: 'none' } } })).toBe(false);
    expect('include' in body({ model: 'gpt-5', vendor: { store: true } })).toBe(false);
    expect('include' in body({})).toBe(false);
  });

  test('leaves out, with a warning, what only steers', () => {
    expect(body({ model: 'gpt-5', temperature: 0.5, topP: 0.5, seed: 1 })).toEqual(body({ model: 'gpt-5' }));
    expect(warnings({ model: 'gpt-5', temperature: 0.5, topP: 0.5, seed: 1 })).toHaveLength(3);
    expect(warnings({ model: 'gpt-5', temperature: 0.5, reasoning: { effort: 'none' } })).toEqual([]);
    expect(warnings({ reasoning: { maxTokens: 5 }, messages: [{ ...userMessage('hi'), name: 'Ann' }] })).toEqual([
      "'reasoning.maxTokens' was left out: gpt-4o takes an effort",
      "the 'name' of messages was left out: this format has none",
    ]);
  });

  test('refuses what would change the answer, all at once', () => {
    const messages = [
      { role: 'tool' as const, content: 'x' },
      { role: 'assistant' as const, content: [{ kind: 'image' as const, url: 'https://a/b' }] },
    ];
    expect(() => body({ messages, stop: ['\n'], toolChoice: 'required' })).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        issues: ['stop', 'messages[1].content', 'messages[0].toolCallId', 'toolChoice'].map(
          (path) => expect.objectContaining({ path }) as object,
        ),
      }),
    );
    expect(() => body({ stop: [] })).not.toThrow();
  });

  test('takes vendor as it is, but for what says that it streams', () => {
    const vendor = { truncation: 'auto', store: true, tools: [{ type: 'web_search' }], stream: true };
    expect(body({ vendor })).toMatchObject({ truncation: 'auto', store: true, tools: [{ type: 'web_search' }] });
    expect('stream' in body({ vendor })).toBe(false);
  });

  test('is the same for any order of the same settings', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['maxTokens', 'temperature', 'user', 'seed'] as const), (fields) => {
        const given = { maxTokens: 5, temperature: 1, user: 'u', seed: 3 };
        const pick = (names: readonly (keyof typeof given)[]): Partial<ChatRequest> =>
          Object.fromEntries(names.map((name) => [name, given[name]]));
        expect(JSON.stringify(body(pick(fields)))).toBe(JSON.stringify(body(pick([...fields].sort()))));
      }),
    );
  });
});

describe('an answer that goes back', () => {
  const output = [
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAA', status: null },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'now', arguments: '{}' },
  ];
  function answerOf(items: readonly object[]): ProviderAnswer {
    return decodeAnswer({ id: 'r', model: 'm', status: 'completed', output: items }, undefined) as ProviderAnswer;
  }
  function inputOf(message: ChatRequest['messages'][number], vendor?: ChatRequest['vendor']): unknown {
    return body({ messages: [message], ...(vendor === undefined ? {} : { vendor }) })['input'];
  }

  test('is the items it came as, reasoning first', () => {
    const { status: _, ...reasoning } = output[0] as { status: null };
    expect(inputOf(answerMessage(answerOf(output)))).toEqual([reasoning, output[1], output[2]]);
  });

  test('goes without reasoning that nobody could find again', () => {
    const bare = { type: 'reasoning', id: 'rs_1', summary: [] };
    const message = answerMessage(answerOf([bare, ...output.slice(1)]));
    expect(inputOf(message)).toEqual(output.slice(1));
    expect(inputOf(message, { store: true })).toEqual([bare, ...output.slice(1)]);
  });

  test('is only what it says when it was changed since, or came from another format', () => {
    const said = [
      { role: 'assistant', content: 'I look.' },
      { type: 'function_call', call_id: 'call_1', name: 'now', arguments: '{}' },
    ];
    const message = answerMessage(answerOf(output));
    expect(inputOf({ ...message, content: 'I looked.' })).toEqual([{ ...said[0], content: 'I looked.' }, said[1]]);
    expect(inputOf({ ...message, toolCalls: [] })).toEqual([said[0]]);
    expect(inputOf({ ...message, echo: { format: 'anthropic', data: output } })).toEqual(said);
    expect(inputOf({ ...message, echo: { format: 'openai-responses', data: 'x' } })).toEqual(said);
  });

  test('of words alone carries no echo', () => {
    expect(answerOf(output.slice(1)).echo).toBeUndefined();
    expect(answerOf([{ ...output[1], phase: 'commentary' }]).echo).toMatchObject({ format: 'openai-responses' });
  });

  test.skipIf(!hasRecordings)('keeps a recorded item of a tool that ran at the vendor', () => {
    const raw = JSON.parse(readRecording('openai/responses__openai-web-search-tool.1.json')) as { output: object[] };
    const input = inputOf(answerMessage(decodeAnswer(raw, undefined) as ProviderAnswer)) as { type: string }[];
    expect(input.map(({ type }) => type)).toContain('web_search_call');
  });
});
