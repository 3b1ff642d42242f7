import { describe, expect, test } from 'vitest';
import {
  assistantMessage,
  type ChatRequest,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { encodeEmbedding, encodeRequest } from '../../../src/providers/ollama/encode.js';
import { fc } from '../../support/property.js';

const schema = { type: 'object', properties: { city: { type: 'string' } } };
const weather = { name: 'get_weather', description: 'Get weather', parameters: schema };
const small: ChatRequest = { model: 'qwen3', messages: [userMessage('hi')] };

function body(changes: Partial<ChatRequest> = {}): Record<string, unknown> {
  return encodeRequest({ ...small, ...changes }).body;
}

describe('the body', () => {
  test('holds model and messages, and nothing that was not asked for', () => {
    expect(body()).toEqual({ model: 'qwen3', messages: [{ role: 'user', content: 'hi' }] });
  });

  test('says everything that a request can', () => {
    const request: Partial<ChatRequest> = {
      messages: [
        systemMessage('be brief'),
        userMessage([
          { kind: 'text', text: 'what?' },
          { kind: 'image', url: 'data:image/png;base64,AAAA' },
          { kind: 'text', text: 'and why?' },
        ]),
        assistantMessage('', [
          { id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
          { id: 'c2', name: 'bare', arguments: '' },
        ]),
        toolMessage('c2', 'nothing'),
        toolMessage('c1', 'rain'),
        assistantMessage('It rains.'),
      ],
      maxTokens: 100,
      temperature: 0,
      topP: 0.9,
      stop: ['X'],
      seed: 7,
      tools: [weather, { name: 'bare' }],
      toolChoice: 'auto',
      responseFormat: { kind: 'json-schema', name: 'report', schema, strict: true },
      reasoning: { effort: 'high' },
    };
    expect(encodeRequest({ ...small, ...request })).toEqual({
      warnings: [],
      body: {
        model: 'qwen3',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'what?\nand why?', images: ['AAAA'] },
          {
            role: 'assistant',
            content: '',
            tool_calls: [
              { function: { name: 'get_weather', arguments: { city: 'Oslo' } } },
              { function: { name: 'bare', arguments: {} } },
            ],
          },
          { role: 'tool', tool_name: 'get_weather', content: 'rain' },
          { role: 'tool', tool_name: 'bare', content: 'nothing' },
          { role: 'assistant', content: 'It rains.' },
        ],
        tools: [
          { type: 'function', function: weather },
          { type: 'function', function: { name: 'bare', parameters: { type: 'object', properties: {} } } },
        ],
        format: schema,
        think: 'high',
        options: { num_predict: 100, temperature: 0, top_p: 0.9, stop: ['X'], seed: 7 },
      },
    });
  });

  test('offers no tools when none may be called', () => {
    expect(body({ tools: [weather], toolChoice: 'none' })).toEqual(body());
  });

  test.each([
    [{ kind: 'text' }, undefined],
    [{ kind: 'json' }, 'json'],
    [{ kind: 'json-schema', schema }, schema],
  ] as const)('says the response format %j', (responseFormat, format) => {
    expect(body({ responseFormat })['format']).toEqual(format);
  });

  test.each([
    ['none', false],
    ['minimal', 'low'],
    ['low', 'low'],
    ['medium', 'medium'],
    ['high', 'high'],
    ['max', 'max'],
    [undefined, undefined],
  ] as const)('says the effort %s by think %s', (effort, think) => {
    expect(body({ reasoning: effort === undefined ? {} : { effort } })['think']).toBe(think);
  });

  test('takes the fields of vendor verbatim, merges options alone, and leaves streaming to the call', () => {
    const vendor = { keep_alive: '10m', think: false, options: { num_ctx: 8192, temperature: 1 }, stream: true };
    expect(body({ temperature: 0.2, topP: 0.5, reasoning: { effort: 'low' }, vendor })).toEqual({
      ...body(),
      keep_alive: '10m',
      think: false,
      options: { top_p: 0.5, num_ctx: 8192, temperature: 1 },
    });
  });

  test('leaves out with a warning what has no word', () => {
    const request: Partial<ChatRequest> = {
      user: 'u',
      metadata: { a: 'b' },
      reasoning: { maxTokens: 5 },
      tools: [{ ...weather, strict: true }],
    };
    const { body: encoded, warnings } = encodeRequest({ ...small, ...request });
    expect(encoded).toEqual(body({ tools: [weather] }));
    expect(warnings.map((warning) => /^'[\w.]+'/.exec(warning)?.[0]).sort()).toEqual([
      "'metadata'",
      "'reasoning.maxTokens'",
      "'strict'",
      "'user'",
    ]);
  });

  test('is the same, and plain JSON, for any request', () => {
    const request = fc.record(
      {
        model: fc.string(),
        messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string() })),
        maxTokens: fc.nat(),
        vendor: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['model', 'messages'] },
    ) as fc.Arbitrary<ChatRequest>;
    fc.assert(
      fc.property(request, (given) => {
        const encoded = encodeRequest(given).body;
        expect(Object.values(encoded)).not.toContain(undefined);
        expect(JSON.stringify(encodeRequest(structuredClone(given)).body)).toBe(JSON.stringify(encoded));
      }),
    );
  });

  test('says again what was thought before a call, and nothing of other formats', () => {
    const message: Message = { role: 'assistant', content: 'x', echo: { format: 'ollama', data: { thinking: 'Hm' } } };
    expect(body({ messages: [message] })['messages']).toEqual([{ role: 'assistant', content: 'x', thinking: 'Hm' }]);
    for (const echo of [
      { format: 'gemini', data: { thinking: 'Hm' } },
      { format: 'ollama', data: null },
      { format: 'ollama', data: { thinking: 5 } },
    ])
      expect(body({ messages: [{ ...message, echo }] })['messages']).toEqual([{ role: 'assistant', content: 'x' }]);
  });
});

test('all that the format cannot say is refused at once', () => {
  const request: Partial<ChatRequest> = {
    messages: [
      toolMessage('unknown', 'x'),
      userMessage([{ kind: 'image', url: 'https://example.org/cat.png?key=secret' }]),
      { role: 'user', content: 'x', toolCalls: [] },
      assistantMessage('', [{ id: 'a', name: 'f', arguments: '{"secret":' }]),
      { role: 'tool', content: 'x' },
    ],
    toolChoice: 'required',
    tools: [weather],
    responseFormat: { kind: 'json-schema' },
  };
  const paths = [
    'messages[0].toolCallId',
    'messages[1].content[0].url',
    'messages[3].toolCalls[0].arguments',
    'toolChoice',
    'messages[2].toolCalls',
    'messages[4].toolCallId',
    'responseFormat.schema',
  ];
  expect(() => body(request)).toThrow(
    expect.objectContaining({ name: 'ConfigError', issues: paths.map((path) => expect.objectContaining({ path })) }),
  );
  expect(() => body(request)).not.toThrow(/secret/);
  expect(() => body({ tools: [weather], toolChoice: { name: 'get_weather' } })).toThrow(/cannot make a model call/);
});

test('texts to embed are one request', () => {
  const request = { model: 'nomic', texts: ['a', 'b'], dimensions: 8, vendor: { truncate: false } };
  expect(encodeEmbedding(request)).toEqual({ model: 'nomic', input: ['a', 'b'], dimensions: 8, truncate: false });
});
