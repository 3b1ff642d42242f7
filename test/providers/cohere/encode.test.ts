import { describe, expect, test } from 'vitest';
import {
  assistantMessage,
  type ChatRequest,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { encodeEmbedRequest, encodeRequest } from '../../../src/providers/cohere/encode.js';
import { parseChatBody } from '../../../src/testing/openai-format.js';
import { hasRecordings, readRecording } from '../../support/recordings.js';

type Body = Readonly<Record<string, unknown>>;

const weather = { name: 'get_weather', description: 'Get weather', parameters: { type: 'object' } };
const OSLO = { id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' };
const WIRE_OSLO = { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } };
const hi = userMessage('hi');
const image = { kind: 'image', url: 'data:image/png;base64,AA' } as const;

function encode(changes: Partial<ChatRequest>): { body: Body; warnings: readonly string[] } {
  return encodeRequest({ model: 'm', messages: [hi], ...changes });
}
function second(message: Message): unknown {
  return (encode({ messages: [hi, message] }).body['messages'] as object[])[1];
}

describe('the body', () => {
  test('holds model and messages, and nothing that was not asked for', () => {
    const minimum = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
    expect(encode({ stop: [], tools: [], vendor: { stream: true } })).toEqual({ body: minimum, warnings: [] });
  });

  test('says everything that a request can', () => {
    const { body, warnings } = encode({
      messages: [
        systemMessage('be brief'),
        userMessage([{ kind: 'text', text: 'what?' }, image]),
        assistantMessage('', [OSLO, { ...OSLO, id: 'c2', arguments: '' }]),
        toolMessage('c1', 'rain'),
        toolMessage('c2', 'sun'),
        assistantMessage('Both.'),
      ],
      maxTokens: 100,
      temperature: 0,
      topP: 0.9,
      stop: ['X'],
      seed: 7,
      tools: [weather, { name: 'bare' }],
      toolChoice: 'required',
      responseFormat: { kind: 'json-schema', name: 'report', schema: { type: 'object' } },
      reasoning: { effort: 'low' },
      vendor: { safety_mode: 'NONE', k: 3 },
    });
    expect(warnings).toEqual([]);
    expect(body).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
          ],
        },
        {
          role: 'assistant',
          tool_calls: [WIRE_OSLO, { id: 'c2', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
        { role: 'tool', tool_call_id: 'c2', content: 'sun' },
        { role: 'assistant', content: 'Both.' },
      ],
      max_tokens: 100,
      temperature: 0,
      p: 0.9,
      stop_sequences: ['X'],
      seed: 7,
      tools: [
        { type: 'function', function: weather },
        { type: 'function', function: { name: 'bare', parameters: { type: 'object', properties: {} } } },
      ],
      tool_choice: 'REQUIRED',
      response_format: { type: 'json_object', json_schema: { type: 'object' } },
      thinking: { type: 'enabled', token_budget: 4096 },
      safety_mode: 'NONE',
      k: 3,
    });
  });

  test.each([
    ['auto', undefined, 2],
    ['none', 'NONE', 2],
    ['required', 'REQUIRED', 2],
    [{ name: 'bare' }, 'REQUIRED', 1],
  ] as const)('says the tool choice %o', (toolChoice, expected, offered) => {
    const { body } = encode({ tools: [weather, { name: 'bare' }], toolChoice });
    expect(body['tool_choice']).toBe(expected);
    expect(body['tools']).toHaveLength(offered);
    expect((body['tools'] as object[]).at(-1)).toMatchObject({ function: { name: 'bare' } });
  });

  test.each([
    [{ kind: 'text' }, { type: 'text' }],
    [{ kind: 'json' }, { type: 'json_object' }],
  ] as const)('says the format %o', (responseFormat, expected) => {
    expect(encode({ responseFormat }).body['response_format']).toEqual(expected);
  });

  test.each([
    [{ effort: 'none' }, { type: 'disabled' }],
    [{ maxTokens: 0 }, { type: 'disabled' }],
    [{ maxTokens: 500 }, { type: 'enabled', token_budget: 500 }],
    [
      { effort: 'high', maxTokens: 500 },
      { type: 'enabled', token_budget: 500 },
    ],
    [{ effort: 'max' }, { type: 'enabled' }],
    [{}, undefined],
  ] as const)('says the reasoning %o', (reasoning, expected) => {
    expect(encode({ reasoning }).body['thinking']).toEqual(expected);
  });

  test('is strict with all tools when it is with one, and says so', () => {
    const strict = { ...weather, strict: true };
    expect(encode({ tools: [strict] })).toMatchObject({ body: { strict_tools: true }, warnings: [] });
    const mixed = encode({ tools: [strict, { name: 'bare' }] });
    expect(mixed).toMatchObject({ body: { strict_tools: true }, warnings: [expect.stringMatching(/'strict'/)] });
  });

  test.each([
    [{ user: 'u-1' }, /'user'/],
    [{ metadata: { team: 'a' } }, /'metadata'/],
    [{ messages: [{ ...hi, name: 'ann' }] }, /'name' of messages/],
  ] as const)('leaves out %o with a warning', (changes, warning) => {
    const { body, warnings } = encode(changes as Partial<ChatRequest>);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(Object.keys(body)).toEqual(['model', 'messages']);
  });

  test('refuses images where there can be none', () => {
    for (const role of ['system', 'assistant', 'tool'] as const)
      expect(() => second({ role, content: [image], toolCallId: 'c1' })).toThrow(/messages\[1\]\.content\[0\]/);
  });
});

describe('a message with calls', () => {
  const calls = { role: 'assistant', tool_calls: [WIRE_OSLO] };

  test('has what was said before them as its plan', () => {
    expect(second(assistantMessage('I look.', [OSLO]))).toEqual({ ...calls, tool_plan: 'I look.' });
  });

  test('goes back with the plan and the thoughts that came with it', () => {
    const message = (data: unknown): Message => ({ ...assistantMessage('', [OSLO]), echo: { format: 'cohere', data } });
    expect(second(message({ tool_plan: 'I plan.' }))).toEqual({ ...calls, tool_plan: 'I plan.' });
    expect(second(message({ thinking: 'Hm.' }))).toEqual({
      ...calls,
      content: [{ type: 'thinking', thinking: 'Hm.' }],
    });
    expect(second(message('nonsense'))).toEqual(calls);
    const foreign = { ...message({ tool_plan: 'I plan.' }), echo: { format: 'anthropic', data: { tool_plan: 'x' } } };
    expect(second(foreign)).toEqual(calls);
  });
});

describe('texts to embed', () => {
  const request = { model: 'embed-v4.0', texts: ['a', 'b'] };

  test('are documents unless the caller says what else', () => {
    const documents = { ...request, input_type: 'search_document', embedding_types: ['float'] };
    expect(encodeEmbedRequest(request)).toEqual(documents);
    const asked = { ...request, dimensions: 256, vendor: { input_type: 'search_query', truncate: 'NONE' } };
    expect(encodeEmbedRequest(asked)).toEqual({
      ...documents,
      input_type: 'search_query',
      output_dimension: 256,
      truncate: 'NONE',
    });
  });
});

describe.skipIf(!hasRecordings)('the body that two other implementations sent', () => {
  const files = ['basic_system', 'multi_turn', 'params', 'tools_auto', 'image_b64', 'stream'];

  test.each(files.flatMap((file) => ['portkey', 'vercel'].map((peer) => [file, peer])))(
    '%s: of %s is ours',
    (file, peer) => {
      const recording = JSON.parse(readRecording(`requests/${file}.json`)) as {
        canonical: Body;
        wire: Readonly<Record<string, { body: Body }>>;
      };
      const wire = recording.wire[`${peer}.cohere`] as { body: Body };
      const { stream: _stream, ...theirs }: Record<string, unknown> = wire.body;
      // One of them says the choice that goes without saying.
      if (theirs['tool_choice'] === null) delete theirs['tool_choice'];
      const { user: _user, ...canonical } = recording.canonical;
      const { presence_penalty, frequency_penalty } = canonical;
      const { request } = parseChatBody(JSON.stringify({ ...canonical, model: theirs['model'] }));
      const { body, warnings } = encodeRequest({ ...request, vendor: { presence_penalty, frequency_penalty } });
      expect(body).toEqual(theirs);
      expect(warnings).toEqual([]);
    },
  );
});
