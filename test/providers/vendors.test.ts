import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import {
  answerMessage,
  assistantMessage,
  type Message,
  type ProviderAnswer,
  type ReasoningSettings,
  toolMessage,
  userMessage,
} from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import { createStreamDecoder, decodeAnswer } from '../../src/providers/openai-chat/decode.js';
import { encodeRequest } from '../../src/providers/openai-chat/encode.js';
import type { OpenAIChatQuirks } from '../../src/providers/openai-chat/wire.js';
import type { Provider } from '../../src/providers/provider.js';
import { createVendorProvider } from '../../src/providers/vendor-provider.js';
import { type Vendor, type VendorName, vendors, type WireFormatName } from '../../src/providers/vendors.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { parseBaseURL } from '../../src/transport/base-url.js';
import { createTransportTable } from '../../src/transport/shared-transports.js';
import { replyToEmbedding } from './embedding-server.js';

const settings = transportSettings();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
/** What is asked below the base URL. */
const PATHS: Readonly<Record<WireFormatName, string>> = {
  anthropic: '/v1/messages',
  cohere: '/v2/chat',
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  gemini: '/models',
  ollama: '/api/chat',
};
function row(name: Parameters<typeof vendors.get>[0]): Vendor {
  return vendors.get(name) as Vendor;
}
function quirksOf(name: VendorName): OpenAIChatQuirks {
  return row(name).quirks ?? {};
}

describe('the table of vendors', () => {
  test('has a row of frozen data for each', () => {
    const names = [
      'openai',
      'openai-responses',
      'azure',
      'azure-responses',
      'anthropic',
      'cohere',
      'deepseek',
      'kimi',
      'siliconflow',
      'groq',
      'mistral',
      'openrouter',
      'huggingface',
      'gemini',
      'ollama',
      'vllm',
      'custom',
    ];
    expect([...vendors.keys()]).toEqual(names);
    for (const [name, vendor] of vendors) {
      expect(vendor.name).toBe(name);
      expect(Object.isFrozen(vendor) && Object.isFrozen(vendor.quirks ?? vendor)).toBe(true);
      expect(vendor.apiKeyVariables.length).toBeGreaterThan(0);
      for (const variable of [...vendor.apiKeyVariables, ...vendor.baseURLVariables])
        expect(variable).toMatch(/^[A-Z_]+$/);
    }
  });

  test('has addresses over TLS, but for servers of one’s own', () => {
    for (const { name, baseURL, needsKey } of vendors.values()) {
      if (baseURL !== undefined)
        expect(parseBaseURL(baseURL, 'baseURL', name).origin.startsWith('https:')).toBe(needsKey);
    }
    for (const name of ['custom', 'azure', 'azure-responses'] as const) expect(row(name).baseURL).toBeUndefined();
  });
});

describe('a provider made of a row', () => {
  test('is named after it and asks its address', async () => {
    const transports = createTransportTable();
    for (const vendor of vendors.values()) {
      if (vendor.baseURL === undefined) continue;
      const provider = createVendorProvider(vendor, { settings, transports });
      expect(provider.name).toBe(vendor.name);
      expect(provider.endpoint).toBe(`${vendor.baseURL}${PATHS[vendor.format]}`);
      await provider.close?.();
    }
    expect(transports.size).toBe(0);
  });

  test('has its quirks, and shares connections with others of the same address', async () => {
    const server = await createScriptedServer([{ status: 500, body: '{}' }]);
    const transports = createTransportTable();
    const [first, second] = [row('mistral'), row('custom')].map((vendor) =>
      createVendorProvider(vendor, { settings, transports, baseURL: server.url }),
    );
    closers.push(
      () => server.close(),
      async () => first?.close?.(),
      async () => second?.close?.(),
    );
    const request = { model: 'm', messages: [userMessage('hi')], seed: 4 };
    expect(first?.body(request)).toMatchObject({ random_seed: 4 });
    expect(second?.body(request)).toMatchObject({ seed: 4 });
    expect(transports.size).toBe(1);
    await first?.prewarm?.();
    expect(server.connections).toBe(1);
  });

  test('without an address, or with a bad header, is refused and keeps no transport', () => {
    const transports = createTransportTable();
    expect(() => createVendorProvider(row('custom'), { settings, transports })).toThrow(
      /base URL for the provider 'custom'/,
    );
    expect(() => createVendorProvider(row('openai'), { settings, transports, headers: { 'x-a': '\n' } })).toThrow(
      /headers/,
    );
    expect(transports.size).toBe(0);
  });
});

describe('a resource of Azure', () => {
  const reply = {
    headers: { 'content-type': 'text/event-stream', 'apim-request-id': 'apim-7' },
    framing: 'chunked' as const,
    body: [
      '{"id":"","model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}',
      '{"id":"c-1","model":"gpt-5-mini-2026","choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":null}]}',
      '{"id":"c-1","model":"gpt-5-mini-2026","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
      '[DONE]',
    ]
      .map((data) => `data: ${data}\n\n`)
      .join(''),
  };
  async function start(name: VendorName, path: string, script: Script): Promise<[ScriptedServer, Provider]> {
    const server = await createScriptedServer(script);
    const options = { settings, transports: createTransportTable(), baseURL: `${server.url}${path}` };
    const provider = createVendorProvider(row(name), options);
    closers.push(
      () => server.close(),
      async () => provider.close?.(),
    );
    return [server, provider];
  }
  async function ask(provider: Provider): Promise<ProviderAnswer> {
    const request = { model: 'gpt-5-mini', messages: [userMessage('Is it so?')], maxTokens: 5 };
    const { signal } = new AbortController();
    const assembler = createAnswerAssembler();
    for await (const chunk of flatten(provider.chat({ request, stream: true, signal, apiKey: 'az-1' })))
      assembler.add(chunk);
    return assembler.answer();
  }

  test.each([
    ['azure', '', '/openai/v1/chat/completions'],
    ['azure', '/', '/openai/v1/chat/completions'],
    ['azure', '/openai/v1/', '/openai/v1/chat/completions'],
    [
      'azure',
      '/openai/deployments/mine?api-version=2024-10-21',
      '/openai/deployments/mine/chat/completions?api-version=2024-10-21',
    ],
    ['azure-responses', '', '/openai/v1/responses'],
  ] as const)('%s at %j is asked at %s', async (name, path, asked) => {
    const [server, provider] = await start(name, path, [{ status: 500, body: '{}' }]);
    await expect(ask(provider)).rejects.toMatchObject({ status: 500 });
    expect(server.requests[0]?.path).toBe(asked);
    expect(server.requests[0]?.headers).toMatchObject({ 'api-key': 'az-1' });
    expect(server.requests[0]?.headers['authorization']).toBeUndefined();
    expect(provider.endpoint).toBe(`${server.url}${asked}`);
  });

  test('may open its stream with the filter’s results', async () => {
    const [, provider] = await start('azure', '', [reply]);
    expect(await ask(provider)).toMatchObject({
      id: 'c-1',
      model: 'gpt-5-mini-2026',
      text: 'Yes.',
      finishReason: 'stop',
      requestId: 'apim-7',
    });
  });

  test('that refuses a key without naming a type of error is an error all the same', async () => {
    const body = '{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}';
    const [, provider] = await start('azure', '', [{ status: 401, body }]);
    await expect(ask(provider)).rejects.toMatchObject({
      status: 401,
      retryable: false,
      message: expect.stringMatching(/invalid subscription key/) as string,
    });
  });

  test('embeds at the same address', async () => {
    const [server, provider] = await start('azure', '/openai/deployments/e?api-version=1', replyToEmbedding);
    const { signal } = new AbortController();
    await provider.embed?.({ request: { model: 'e', texts: ['a'] }, signal, apiKey: 'az-1' });
    expect(server.requests[0]?.path).toBe('/openai/deployments/e/embeddings?api-version=1');
  });

  test('takes no other query, and nobody else takes one', () => {
    const refused = (name: VendorName, baseURL: string): void => {
      expect(() => createVendorProvider(row(name), { settings, baseURL })).toThrow(/base URL/);
    };
    refused('azure', 'https://a.openai.azure.com/openai/v1?key=secret');
    refused('azure', 'https://a.openai.azure.com/openai/v1?api-version=1&key=secret');
    refused('openai', 'https://a.openai.azure.com/openai/v1?api-version=1');
  });
});

describe('a vendor says how hard to think', () => {
  const base = { model: 'm', messages: [userMessage('hi')] };
  const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'max'] as const;
  function said(name: VendorName, reasoning: ReasoningSettings): readonly [object, number] {
    const { body, warnings } = encodeRequest({ ...base, reasoning }, quirksOf(name));
    const { model: _, messages: __, ...rest } = body;
    return [rest, warnings.length];
  }
  const effort = (word: string): object => ({ reasoning_effort: word });
  const on = { thinking: { type: 'enabled' } };
  const off = { thinking: { type: 'disabled' } };
  const none = {};

  test.each([
    ['openai', EFFORTS.map(effort)],
    ['custom', EFFORTS.map(effort)],
    ['deepseek', [off, none, ...['low', 'medium', 'high', 'max'].map((word) => ({ ...on, ...effort(word) }))]],
    ['kimi', [off, none, effort('low'), none, effort('high'), effort('max')]],
    ['siliconflow', [{ enable_thinking: false }, none, none, none, { enable_thinking: true }, none]],
    ['groq', [effort('none'), none, effort('low'), effort('medium'), effort('high'), none]],
    ['mistral', [effort('none'), none, effort('low'), effort('medium'), effort('high'), none]],
    ['vllm', [effort('none'), none, effort('low'), effort('medium'), effort('high'), none]],
    [
      'openrouter',
      ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].map((word) => ({ reasoning: { effort: word } })),
    ],
  ] as const)('%s', (name, words) => {
    EFFORTS.forEach((given, i) => {
      expect(said(name, { effort: given })).toEqual([words[i], words[i] === none ? 1 : 0]);
    });
  });

  test('in tokens, where it has a word for them', () => {
    expect(said('siliconflow', { maxTokens: 90 })).toEqual([{ thinking_budget: 90 }, 0]);
    expect(said('openrouter', { maxTokens: 90 })).toEqual([{ reasoning: { max_tokens: 90 } }, 0]);
    expect(said('openai', { maxTokens: 90 })).toEqual([{}, 1]);
  });
});

describe('a tool’s call goes back to its vendor', () => {
  const calls = [{ id: 'call_of_another_vendor', name: 'now', arguments: '{}' }];
  const wireCalls = [{ id: 'call_of_another_vendor', function: { name: 'now', arguments: '{}' } }];
  function messagesTo(name: VendorName, message: Message): Record<string, unknown>[] {
    const messages = [userMessage('hi'), message, toolMessage('call_of_another_vendor', 'noon')];
    const { body } = encodeRequest({ model: 'm', messages }, quirksOf(name));
    return body['messages'] as Record<string, unknown>[];
  }

  test('mistral: with an id of 9 letters and digits, the same in the answer', () => {
    const [, asked, answered] = messagesTo('mistral', assistantMessage('', calls));
    const id = (asked?.['tool_calls'] as { id: string }[] | undefined)?.[0]?.id;
    expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(answered?.['tool_call_id']).toBe(id);
    const own = [{ id: 'AbCd12345', name: 'now', arguments: '{}' }];
    expect(messagesTo('mistral', assistantMessage('', own))[1]).toMatchObject({ tool_calls: [{ id: 'AbCd12345' }] });
    expect(messagesTo('openai', assistantMessage('', calls))[2]?.['tool_call_id']).toBe('call_of_another_vendor');
  });

  test.each([
    ['deepseek', { reasoning_content: 'Let me see.' }],
    ['kimi', { reasoning_content: 'Let me see.' }],
    ['openrouter', { reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'gAAAA' }] }],
  ] as const)('%s: with the reasoning that came with it', (name, thoughts) => {
    const raw = { choices: [{ message: { content: '', ...thoughts, tool_calls: wireCalls } }] };
    const { echoes } = quirksOf(name);
    const answer = decodeAnswer(raw, undefined, echoes) as ProviderAnswer;
    const message = answerMessage(answer);
    expect(messagesTo(name, message)[1]).toMatchObject(thoughts);
    expect(messagesTo('openai', message)[1]).toEqual(messagesTo('openai', assistantMessage('', calls))[1]);
    expect(messagesTo(name, { ...message, echo: { format: 'anthropic', data: thoughts } })[1]).not.toMatchObject(
      thoughts,
    );
    // Nobody else keeps what nobody asks for.
    expect(decodeAnswer(raw, undefined, quirksOf('openai').echoes)?.echo).toBeUndefined();
  });

  test('thoughts that came in pieces are whole again', () => {
    const decoder = createStreamDecoder(undefined, ['reasoning_content', 'reasoning_details']);
    const detail = (index: number, fields: object): object => ({ type: 'reasoning.text', index, ...fields });
    for (const delta of [
      { reasoning_content: 'Let ', reasoning_details: [detail(0, { text: 'Let ' })] },
      { reasoning_content: 'me.', reasoning_details: [detail(0, { text: 'me.', signature: null })] },
      { reasoning_details: [detail(0, { signature: 'sig' }), detail(1, { text: 'See.' })] },
    ])
      decoder.decode({ choices: [{ delta }] }, 'message');
    decoder.decode({ choices: [{ delta: {}, finish_reason: 'stop' }] }, 'message');
    expect(decoder.finish().at(-1)).toEqual({
      kind: 'finish',
      reason: 'stop',
      echo: {
        format: 'openai-chat',
        data: {
          reasoning_content: 'Let me.',
          reasoning_details: [detail(0, { text: 'Let me.', signature: 'sig' }), detail(1, { text: 'See.' })],
        },
      },
    });
  });
});
