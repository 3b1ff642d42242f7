import { describe, expect, test } from 'vitest';
import {
  answerMessage,
  assistantMessage,
  type ChatRequest,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { decodeAnswer } from '../../../src/providers/gemini/decode.js';
import { encodeEmbedding, encodeRequest, modelPath } from '../../../src/providers/gemini/encode.js';
import { parseChatBody } from '../../../src/testing/openai-format.js';
import { fc } from '../../support/property.js';
import { hasRecordings, readRecording } from '../../support/recordings.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false };
const weather = { name: 'get_weather', description: 'Get weather', parameters: schema };
const small: ChatRequest = { model: 'gemini-3.8-flash', messages: [userMessage('hi')] };
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];

function body(changes: Partial<ChatRequest> = {}): Record<string, unknown> {
  return encodeRequest({ ...small, ...changes }).body;
}
function warningsOf(changes: Partial<ChatRequest>): readonly string[] {
  return encodeRequest({ ...small, ...changes }).warnings;
}
function contentsOf(...messages: Message[]): unknown {
  return body({ messages })['contents'];
}

describe('the body', () => {
  test('holds the contents, and nothing that was not asked for', () => {
    expect(body()).toEqual({ contents });
  });

  test('says everything that a request can', () => {
    const request: Partial<ChatRequest> = {
      messages: [
        systemMessage('be brief'),
        userMessage([
          { kind: 'text', text: 'what?' },
          { kind: 'image', url: 'data:image/png;base64,AAAA' },
          { kind: 'image', url: 'https://example.org/a/cat.JPG?size=1' },
          { kind: 'image', url: 'https://generativelanguage.googleapis.com/v1beta/files/abc' },
        ]),
        assistantMessage('Let me see.', [{ id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' }]),
        toolMessage('c1', '{"sky":"rain"}'),
        assistantMessage('It rains.'),
        systemMessage('be kind'),
      ],
      maxTokens: 100,
      temperature: 0,
      topP: 0.9,
      stop: ['X'],
      seed: 7,
      tools: [weather, { name: 'bare' }],
      toolChoice: 'auto',
      responseFormat: { kind: 'json-schema', name: 'report', schema, strict: true },
      reasoning: { effort: 'low' },
    };
    expect(encodeRequest({ ...small, ...request })).toEqual({
      warnings: [],
      body: {
        systemInstruction: { parts: [{ text: 'be brief' }, { text: 'be kind' }] },
        contents: [
          {
            role: 'user',
            parts: [
              { text: 'what?' },
              { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
              { fileData: { fileUri: 'https://example.org/a/cat.JPG?size=1', mimeType: 'image/jpeg' } },
              { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
            ],
          },
          {
            role: 'model',
            parts: [{ text: 'Let me see.' }, { functionCall: { name: 'get_weather', args: { city: 'Oslo' } } }],
          },
          { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { sky: 'rain' } } }] },
          { role: 'model', parts: [{ text: 'It rains.' }] },
        ],
        tools: [
          {
            functionDeclarations: [
              { name: 'get_weather', description: 'Get weather', parametersJsonSchema: schema },
              { name: 'bare' },
            ],
          },
        ],
        toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
        generationConfig: {
          maxOutputTokens: 100,
          temperature: 0,
          topP: 0.9,
          stopSequences: ['X'],
          seed: 7,
          responseMimeType: 'application/json',
          responseJsonSchema: schema,
          thinkingConfig: { thinkingLevel: 'low' },
        },
      },
    });
  });

  test.each([
    ['auto', { mode: 'AUTO' }],
    ['none', { mode: 'NONE' }],
    ['required', { mode: 'ANY' }],
    [{ name: 'get_weather' }, { mode: 'ANY', allowedFunctionNames: ['get_weather'] }],
  ] as const)('says the tool choice %j', (toolChoice, functionCallingConfig) => {
    expect(body({ tools: [weather], toolChoice })['toolConfig']).toEqual({ functionCallingConfig });
  });

  test.each([
    [{ kind: 'text' }, { responseMimeType: 'text/plain' }],
    [{ kind: 'json' }, { responseMimeType: 'application/json' }],
    [
      { kind: 'json-schema', schema },
      { responseMimeType: 'application/json', responseJsonSchema: schema },
    ],
  ] as const)('says the response format %j', (responseFormat, config) => {
    expect(body({ responseFormat })['generationConfig']).toEqual(config);
  });

  test.each([
    ['gemini-3.8-flash', { effort: 'high' }, { thinkingLevel: 'high' }, 0],
    ['gemini-3.8-flash', { effort: 'none' }, undefined, 1],
    ['gemini-4-argon', { effort: 'max' }, undefined, 1],
    ['gemini-4-argon', { effort: 'low', maxTokens: 9 }, { thinkingLevel: 'low' }, 1],
    ['gemini-flash-latest', { maxTokens: 9 }, undefined, 1],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, 0],
    ['gemini-2.5-flash', { effort: 'medium' }, { thinkingBudget: 8192 }, 0],
    ['gemini-2.5-pro', { effort: 'max' }, undefined, 1],
    ['gemini-2.5-pro', { effort: 'max', maxTokens: 300 }, { thinkingBudget: 300 }, 0],
    ['gemini-2.5-pro', {}, undefined, 0],
  ] as const)('%s with reasoning %j thinks by %j', (model, reasoning, thinkingConfig, warned) => {
    const { body: encoded, warnings } = encodeRequest({ ...small, model, reasoning });
    expect(encoded['generationConfig']).toEqual(thinkingConfig && { thinkingConfig });
    expect(warnings).toHaveLength(warned);
  });

  test('takes the fields of vendor verbatim, and merges generationConfig alone', () => {
    const vendor = {
      safetySettings: [{ category: 'X', threshold: 'BLOCK_NONE' }],
      tools: [{ googleSearch: {} }],
      generationConfig: { topK: 5, temperature: 1.5, thinkingConfig: { thinkingBudget: 1 } },
      gone: undefined,
    };
    const reasoning = { effort: 'low' } as const;
    expect(body({ temperature: 0.2, topP: 0.5, tools: [weather], reasoning, vendor })).toEqual({
      contents,
      safetySettings: vendor.safetySettings,
      tools: [{ googleSearch: {} }],
      generationConfig: { topP: 0.5, topK: 5, temperature: 1.5, thinkingConfig: { thinkingBudget: 1 } },
    });
  });

  test('leaves out with a warning what has no word', () => {
    expect(warningsOf({ user: 'u', metadata: { a: 'b' }, tools: [{ ...weather, strict: true }] })).toEqual([
      expect.stringContaining("'user'"),
      expect.stringContaining("'metadata'"),
      expect.stringContaining("'strict'"),
    ]);
  });

  test('is the same, and plain JSON, for any request', () => {
    const request = fc.record(
      {
        model: fc.constantFrom('m', 'gemini-2.5-pro', 'tunedModels/x'),
        messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string() })),
        maxTokens: fc.nat(),
        seed: fc.nat(),
        stop: fc.array(fc.string()),
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
});

describe('the results of tools', () => {
  const calls = ['a', 'b', 'c'].map((id) => ({ id, name: `get_${id}`, arguments: '' }));

  test('of parallel calls stand in one turn, in the order of the calls, under the names of their functions', () => {
    const messages = [
      assistantMessage('', calls),
      toolMessage('c', '3'),
      toolMessage('a', '[1]'),
      toolMessage('b', 'two'),
    ];
    expect(contentsOf(...messages, userMessage('so?'))).toEqual([
      { role: 'model', parts: calls.map(({ name }) => ({ functionCall: { name, args: {} } })) },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'get_a', response: { output: '[1]' } } },
          { functionResponse: { name: 'get_b', response: { output: 'two' } } },
          { functionResponse: { name: 'get_c', response: { output: '3' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'so?' }] },
    ]);
  });

  test('answer the nearest call of their id, and may name the function themselves', () => {
    const named: Message = { role: 'tool', content: 'x', name: 'other', toolCallId: 'unknown' };
    expect(
      contentsOf(
        assistantMessage('', [{ id: 'call_0', name: 'first', arguments: '{}' }]),
        toolMessage('call_0', 'x'),
        assistantMessage('', [{ id: 'call_0', name: 'second', arguments: '{}' }]),
        toolMessage('call_0', 'x'),
        named,
      ),
    ).toMatchObject([
      {},
      { parts: [{ functionResponse: { name: 'first' } }] },
      {},
      { parts: [{ functionResponse: { name: 'second' } }, { functionResponse: { name: 'other' } }] },
    ]);
  });
});

describe('what the model signed', () => {
  const parts = [
    { text: 'Hm, a plan.', thought: true },
    { text: 'First ' },
    { text: 'this.', thoughtSignature: 'S1' },
    { functionCall: { id: 'given', name: 'f', args: { x: 1 } }, thoughtSignature: 'S2' },
    { functionCall: { name: 'g', args: {} } },
    { text: '', thoughtSignature: 'S3' },
  ];
  const answer = decodeAnswer(
    { responseId: 'r', candidates: [{ content: { parts }, finishReason: 'STOP' }] },
    undefined,
    'm',
  );
  const message = answerMessage(answer as NonNullable<typeof answer>);
  const sent = [
    { text: 'First ' },
    { text: 'this.', thoughtSignature: 'S1' },
    { functionCall: { id: 'given', name: 'f', args: { x: 1 } }, thoughtSignature: 'S2' },
    { functionCall: { name: 'g', args: {} } },
    { text: '', thoughtSignature: 'S3' },
  ];

  test('is sent back where it was, with the ids that the API gave', () => {
    expect(contentsOf(message)).toEqual([{ role: 'model', parts: sent }]);
    const [given, made] = message.toolCalls ?? [];
    expect(given?.id).toBe('given');
    expect(made?.id).toBe('call_r_1');
    expect(contentsOf(message, toolMessage(made?.id ?? '', 'no'), toolMessage('given', 'yes'))).toEqual([
      { role: 'model', parts: sent },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'given', name: 'f', response: { output: 'yes' } } },
          { functionResponse: { name: 'g', response: { output: 'no' } } },
        ],
      },
    ]);
  });

  test('survives being stored as JSON', () => {
    expect(contentsOf(JSON.parse(JSON.stringify(message)) as Message)).toEqual([{ role: 'model', parts: sent }]);
  });

  test('is left out when the message was changed, is of another format, or is garbage', () => {
    const plain = {
      role: 'model',
      parts: [{ functionCall: { name: 'f', args: { x: 1 } } }, { functionCall: { name: 'g', args: {} } }],
    };
    expect(contentsOf({ ...message, content: '' })).toEqual([plain]);
    for (const echo of [
      { format: 'anthropic', data: message.echo?.data },
      { format: 'gemini', data: null },
      { format: 'gemini', data: [null] },
      { format: 'gemini', data: [{ call: 1 }, { call: 0 }] },
    ])
      expect(contentsOf({ ...message, echo })).toEqual([
        { ...plain, parts: [{ text: 'First this.' }, ...plain.parts] },
      ]);
    const [first] = message.toolCalls ?? [];
    expect(contentsOf({ ...message, toolCalls: first === undefined ? [] : [first] })).not.toEqual([
      { role: 'model', parts: sent },
    ]);
  });

  test('an answer without signatures has no echo', () => {
    const raw = { candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] };
    expect(decodeAnswer(raw, undefined, 'm')).not.toHaveProperty('echo');
  });
});

test('all that the format cannot say is refused at once', () => {
  const request: ChatRequest = {
    ...small,
    messages: [
      { role: 'user', content: 'x', toolCalls: [] },
      { role: 'system', content: [{ kind: 'image', url: 'https://x/y.png' }] },
      userMessage([{ kind: 'image', url: 'data:image/png;base64,%%%' }]),
      assistantMessage('', [{ id: 'a', name: 'f', arguments: '{"secret":' }]),
      assistantMessage('', [{ id: 'b', name: 'f', arguments: '[1]' }]),
      { role: 'tool', content: 'x' },
      toolMessage('unknown', 'x'),
    ],
    toolChoice: { name: 'absent' },
    responseFormat: { kind: 'json-schema' },
  };
  const paths = [
    'messages[1].content[0]',
    'messages[2].content[0].url',
    'messages[3].toolCalls[0].arguments',
    'messages[4].toolCalls[0].arguments',
    'messages[6].toolCallId',
    'messages[0].toolCalls',
    'messages[5].toolCallId',
    'toolChoice.name',
    'responseFormat.schema',
  ];
  expect(() => encodeRequest(request)).toThrow(
    expect.objectContaining({ name: 'ConfigError', issues: paths.map((path) => expect.objectContaining({ path })) }),
  );
  expect(() => encodeRequest(request)).not.toThrow(/secret/);
  expect(() => body({ toolChoice: 'required' })).toThrow(/tools to choose from/);
});

describe('the path', () => {
  test.each([
    ['gemini-3.8-flash', '/models/gemini-3.8-flash'],
    ['tunedModels/mine', '/tunedModels/mine'],
    ['a?b#c', '/models/a%3Fb%23c'],
  ])('of %s is %s', (model, path) => {
    expect(modelPath(model)).toBe(path);
  });

  test.each([[''], ['..'], ['a/../b'], ['a//b']])('refuses the model %j', (model) => {
    expect(() => modelPath(model)).toThrow(/a name that can stand in a path/);
  });
});

test('texts to embed are requests of one batch, each with the fields of vendor', () => {
  const request = {
    model: 'gemini-embedding-001',
    texts: ['a', 'b'],
    dimensions: 8,
    vendor: { taskType: 'CLUSTERING' },
  };
  expect(encodeEmbedding(request)).toEqual({
    requests: ['a', 'b'].map((text) => ({
      model: 'models/gemini-embedding-001',
      content: { parts: [{ text }] },
      outputDimensionality: 8,
      taskType: 'CLUSTERING',
    })),
  });
});

describe.skipIf(!hasRecordings)('the body that other clients sent', () => {
  type Wire = Record<string, unknown>;
  const files = ['basic_system', 'multi_turn', 'params', 'tools_auto', 'image_b64', 'stream'];

  // The peer takes the schema into the API's older field, and drops what that has no word for; and the caller's name.
  test.each(files)('%s: is ours as well', (file) => {
    const recording = JSON.parse(readRecording(`requests/${file}.json`)) as {
      canonical: Wire;
      wire: Record<string, { body: Wire }>;
    };
    const expected = JSON.parse(
      JSON.stringify(recording.wire['vercel.google']?.body).replaceAll('"parameters":', '"parametersJsonSchema":'),
    ) as Wire;
    const { request } = parseChatBody(JSON.stringify(recording.canonical));
    const ours = JSON.parse(
      JSON.stringify(encodeRequest(request).body).replaceAll(',"additionalProperties":false', ''),
    ) as Wire;
    expect(ours).toEqual(expected);
  });
});
