import { describe, expect, test } from 'vitest';
import {
  assistantMessage,
  type ChatRequest,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { encodeRequest } from '../../../src/providers/openai-chat/encode.js';
import type { OpenAIChatQuirks } from '../../../src/providers/openai-chat/wire.js';
import { type VendorName, vendors } from '../../../src/providers/vendors.js';
import { parseChatBody } from '../../../src/testing/openai-format.js';
import { fc } from '../../support/property.js';
import { hasRecordings, readRecording } from '../../support/recordings.js';

const weather = { name: 'get_weather', description: 'Get weather', parameters: { type: 'object' }, strict: true };
const small: ChatRequest = { model: 'm', messages: [userMessage('hi')] };

function quirksOf(name: VendorName): OpenAIChatQuirks {
  return vendors.get(name)?.quirks ?? {};
}
function body(request: ChatRequest, vendor: VendorName = 'custom'): Record<string, unknown> {
  return encodeRequest(request, quirksOf(vendor)).body;
}

describe('the body', () => {
  test('holds model and messages, and nothing that was not asked for', () => {
    expect(body(small)).toEqual({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  });

  test('says everything that a request can', () => {
    const request: ChatRequest = {
      model: 'm',
      messages: [
        systemMessage('be brief'),
        {
          role: 'user',
          content: [
            { kind: 'text', text: 'what?' },
            { kind: 'image', url: 'data:image/png;base64,AA' },
          ],
          name: 'ann',
        },
        assistantMessage('', [{ id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' }]),
        toolMessage('c1', 'rain'),
        assistantMessage('It rains.'),
      ],
      maxTokens: 100,
      temperature: 0,
      topP: 0.9,
      stop: ['X'],
      seed: 7,
      tools: [weather, { name: 'bare' }],
      toolChoice: { name: 'get_weather' },
      responseFormat: { kind: 'json-schema', name: 'report', schema: { type: 'object' }, strict: true },
      user: 'u-1',
      metadata: { team: 'a' },
    };
    expect(body(request)).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'be brief' },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'what?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
        { role: 'assistant', content: 'It rains.' },
      ],
      max_tokens: 100,
      temperature: 0,
      top_p: 0.9,
      stop: ['X'],
      seed: 7,
      tools: [
        { type: 'function', function: weather },
        { type: 'function', function: { name: 'bare' } },
      ],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'report', schema: { type: 'object' }, strict: true },
      },
      user: 'u-1',
      metadata: { team: 'a' },
    });
  });

  test.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
  ] as const)('says the tool choice %s', (toolChoice, wire) => {
    expect(body({ ...small, tools: [weather], toolChoice })['tool_choice']).toBe(wire);
  });

  test.each([
    [{ kind: 'text' }, { type: 'text' }],
    [{ kind: 'json' }, { type: 'json_object' }],
    [
      { kind: 'json-schema', schema: {} },
      { type: 'json_schema', json_schema: { name: 'answer', schema: {} } },
    ],
  ] as const)('says the response format %j', (responseFormat, wire) => {
    expect(body({ ...small, responseFormat })['response_format']).toEqual(wire);
  });

  test('takes the fields of vendor last and verbatim, but for those of streaming', () => {
    const vendor = {
      top_k: 5,
      temperature: 1.5,
      nested: { a: [1] },
      gone: undefined,
      stream: true,
      stream_options: {},
    };
    expect(body({ ...small, temperature: 0.2, vendor })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 1.5,
      top_k: 5,
      nested: { a: [1] },
    });
  });

  test('keeps a field called __proto__ a field', () => {
    const vendor = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    expect(JSON.stringify(body({ ...small, vendor }))).toContain('"__proto__":{"polluted":1}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('is the same, and plain JSON, for any request of any vendor', () => {
    const request = fc.record(
      {
        model: fc.constantFrom('m', 'gpt-5', 'o3-mini'),
        messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string() })),
        maxTokens: fc.nat(),
        temperature: fc.double({ min: 0, max: 2, noNaN: true }),
        seed: fc.nat(),
        stop: fc.array(fc.string()),
        user: fc.string(),
        vendor: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ['model', 'messages'] },
    ) as fc.Arbitrary<ChatRequest>;
    fc.assert(
      fc.property(request, fc.constantFrom(...vendors.keys()), (given, vendor) => {
        const text = JSON.stringify(body(given, vendor));
        expect(JSON.stringify(body(structuredClone(given), vendor))).toBe(text);
        expect(Object.values(body(given, vendor))).not.toContain(undefined);
      }),
    );
  });
});

describe('a vendor', () => {
  test('openai: reasoning models get max_completion_tokens and no temperature, with a warning', () => {
    const request = { ...small, maxTokens: 9, temperature: 0.7, topP: 1 };
    for (const model of ['o1', 'o3-mini', 'gpt-5', 'gpt-5.1-codex', 'ft:o4-mini:me']) {
      const { body: encoded, warnings } = encodeRequest({ ...request, model }, quirksOf('openai'));
      expect(encoded).toEqual({ model, messages: [{ role: 'user', content: 'hi' }], max_completion_tokens: 9 });
      expect(warnings).toHaveLength(2);
    }
    for (const model of ['gpt-4o', 'gpt-3.5-turbo', 'gpt-5-chat-latest', 'omni']) {
      const { body: encoded, warnings } = encodeRequest({ ...request, model }, quirksOf('openai'));
      expect(encoded).toMatchObject({ max_tokens: 9, temperature: 0.7, top_p: 1 });
      expect(warnings).toEqual([]);
    }
  });

  test('mistral: random_seed, the word any, and a named tool as the only one', () => {
    const tools = [weather, { name: 'other' }];
    expect(body({ ...small, seed: 7, tools, toolChoice: 'required' }, 'mistral')).toMatchObject({
      random_seed: 7,
      tool_choice: 'any',
    });
    const named = body({ ...small, tools, toolChoice: { name: 'other' } }, 'mistral');
    expect(named['tools']).toEqual([{ type: 'function', function: { name: 'other' } }]);
    expect(named['tool_choice']).toBe('any');
    expect('seed' in named).toBe(false);
  });

  test('what it has no word for is left out with a warning', () => {
    const { body: encoded, warnings } = encodeRequest({ ...small, seed: 1 }, quirksOf('deepseek'));
    expect('seed' in encoded).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("'seed'")]);
  });
});

test('all that the format cannot say is refused at once', () => {
  const request: ChatRequest = {
    ...small,
    messages: [
      { role: 'tool', content: 'x' },
      { role: 'user', content: 'x', toolCalls: [] },
    ],
    toolChoice: { name: 'absent' },
    responseFormat: { kind: 'json-schema' },
  };
  expect(() => body(request)).toThrow(
    expect.objectContaining({
      name: 'ConfigError',
      issues: ['messages[0].toolCallId', 'messages[1].toolCalls', 'toolChoice.name', 'responseFormat.schema'].map(
        (path) => expect.objectContaining({ path, setBy: 'the request' }),
      ),
    }),
  );
  expect(() => body({ ...small, toolChoice: 'required' })).toThrow(/tools to choose from/);
});

describe.skipIf(!hasRecordings)('the body that other clients sent', () => {
  type Wire = Record<string, unknown>;
  // Fields that the peer drops although the vendor takes them, and that are no part of this format's body.
  const peers: readonly (readonly [peer: string, vendor: VendorName, ignored: readonly string[]])[] = [
    ['portkey.openai', 'openai', []],
    ['portkey.groq', 'groq', []],
    ['portkey.huggingface', 'huggingface', ['seed']],
    ['vercel.openai_chat', 'openai', ['user']],
    ['vercel.groq', 'groq', ['user']],
    ['vercel.compat', 'custom', ['user']],
    ['vercel.deepseek', 'deepseek', ['user', 'presence_penalty', 'frequency_penalty']],
  ];
  const files = ['basic_system', 'multi_turn', 'params', 'tools_auto', 'image_b64', 'stream'];

  test.each(files.flatMap((file) => peers.map((peer) => [file, ...peer] as const)))(
    '%s: is ours as well for %s',
    (file, peer, vendor, ignored) => {
      const recording = JSON.parse(readRecording(`requests/${file}.json`)) as {
        canonical: Wire;
        wire: Record<string, { body: Wire }>;
      };
      const expected = recording.wire[peer]?.body as Wire;
      const { presence_penalty, frequency_penalty } = recording.canonical;
      const { request } = parseChatBody(JSON.stringify({ ...recording.canonical, model: expected['model'] }));
      const without = (wire: Wire): Wire => {
        const skipped = [...ignored, 'stream', 'stream_options'];
        return Object.fromEntries(Object.entries(wire).filter(([field]) => !skipped.includes(field)));
      };
      const ours = body({ ...request, vendor: { presence_penalty, frequency_penalty } }, vendor);
      expect(without(ours)).toEqual(without(expected));
    },
  );
});
