import { expect, test } from 'vitest';
import { ConfigError } from '../../src/core/errors.js';
import { type ChatRequest, systemMessage, userMessage } from '../../src/protocol/chat.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { type Vendor, type VendorName, vendors } from '../../src/providers/vendors.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import type { ScenePart } from '../../src/testing/provider-scene.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { createRow, defineAimockContract, defineVendorContract, type VendorSubject } from './contracts.js';
import { anthropicWire } from './wires/anthropic.js';
import { cohereWire } from './wires/cohere.js';
import { geminiWire } from './wires/gemini.js';
import { ollamaWire } from './wires/ollama.js';
import { type Dialect, openAIChatWire } from './wires/openai-chat.js';
import { openAIResponsesWire } from './wires/openai-responses.js';

const EVERY_PART: readonly ScenePart[] = [
  'tools',
  'reasoning',
  'cached-tokens',
  'reasoning-tokens',
  'length',
  'content-filter',
  'errors',
  'error-in-stream',
];
const without = (...parts: readonly ScenePart[]): readonly ScenePart[] =>
  EVERY_PART.filter((part) => !parts.includes(part));

/** A vendor of the OpenAI chat format. Thoughts are played where the vendor shows them. */
function chat(model: string, dialect: Dialect, base = dialect.base): VendorSubject {
  const plays = dialect.reasoning === undefined ? without('reasoning') : EVERY_PART;
  return { model, base, wire: openAIChatWire(dialect), plays };
}

const AZURE_OPENING = `data: ${JSON.stringify({ id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] })}\n\n`;

const SUBJECTS: Readonly<Record<VendorName, VendorSubject>> = {
  openai: chat('gpt-4o', { base: '/v1' }),
  'openai-responses': { model: 'gpt-4o', base: '/v1', wire: openAIResponsesWire('/v1'), plays: EVERY_PART },
  azure: chat('gpt-4o', { base: '/openai/v1', keyHeader: 'api-key', opening: AZURE_OPENING }, ''),
  'azure-responses': {
    model: 'gpt-4o',
    base: '',
    wire: openAIResponsesWire('/openai/v1', 'api-key'),
    plays: EVERY_PART,
  },
  anthropic: { model: 'claude-haiku-4-5', base: '', wire: anthropicWire, plays: EVERY_PART },
  cohere: { model: 'command-a-03-2025', base: '', wire: cohereWire, plays: without('reasoning-tokens') },
  deepseek: chat('deepseek-chat', {
    base: '',
    reasoning: 'reasoning_content',
    usage: 'with-finish',
    cached: 'prompt_cache_hit_tokens',
    opening: ': keep-alive\n\n',
    hasEmbeddings: false,
  }),
  kimi: chat('kimi-k2', {
    base: '/v1',
    reasoning: 'reasoning_content',
    usage: 'with-finish',
    cached: 'cached_tokens',
    hasEmbeddings: false,
  }),
  siliconflow: chat('Qwen/Qwen3-8B', { base: '/v1', reasoning: 'reasoning_content', usage: 'with-finish' }),
  groq: chat('qwen3-32b', {
    base: '/openai/v1',
    reasoning: 'reasoning',
    usage: 'x_groq',
    brokenBy: 'error-event',
    hasEmbeddings: false,
  }),
  mistral: chat('mistral-large', {
    base: '/v1',
    reasoning: 'parts',
    usage: 'with-finish',
    wholeCalls: true,
    refuses: ['seed', 'stream_options', 'required', 'user'],
  }),
  openrouter: chat('some/model', {
    base: '/api/v1',
    reasoning: 'reasoning',
    opening: ': OPENROUTER PROCESSING\n\n',
    brokenBy: 'choice',
  }),
  huggingface: chat('some/model', { base: '/v1', usage: 'with-finish', hasEmbeddings: false }),
  gemini: { model: 'gemini-3-flash', base: '/v1beta', wire: geminiWire, plays: EVERY_PART },
  ollama: {
    model: 'qwen3',
    base: '',
    wire: ollamaWire,
    plays: without('cached-tokens', 'reasoning-tokens', 'content-filter'),
  },
  vllm: chat('Qwen/Qwen3-8B', { base: '/v1', reasoning: 'reasoning_content' }),
  custom: chat('m', { base: '/v1', reasoning: 'reasoning_content', isUnended: true }),
};

for (const [name, subject] of Object.entries(SUBJECTS)) defineVendorContract(name as VendorName, subject);

// Its embeddings are those of the vendor for OpenAI alone.
for (const [name, base] of [
  ['openai', '/v1'],
  ['openai-responses', '/v1'],
  ['anthropic', ''],
  ['cohere', ''],
  ['gemini', '/v1beta'],
  ['ollama', ''],
] as const) {
  defineAimockContract(name, { base, model: SUBJECTS[name].model, hasEmbeddings: name.startsWith('openai') });
}

test('every row of the table is held to the contract, at the path of its own address', () => {
  expect(new Set(Object.keys(SUBJECTS))).toEqual(new Set(vendors.keys()));
  for (const { name, baseURL, quirks } of vendors.values() as Iterable<Vendor & { name: VendorName }>) {
    const { base, wire } = SUBJECTS[name];
    if (baseURL !== undefined) expect(new URL(baseURL).pathname.replace(/\/$/, '')).toBe(base);
    const hasNone = quirks?.embedding === false || name === 'anthropic';
    expect([name, wire.embeddings === undefined]).toEqual([name, hasNone]);
  }
});

test('every row refuses what nobody could be asked', () => {
  const tools = [{ name: 'get_time' }];
  for (const name of vendors.keys()) {
    const { model, base } = SUBJECTS[name];
    const { body } = createRow(name, `http://127.0.0.1:9${base}`);
    const least = { model, messages: [userMessage('hi')] };
    for (const changes of [
      { toolChoice: 'required' },
      { tools, toolChoice: { name: 'get_news' } },
      { responseFormat: { kind: 'json-schema' } },
      { messages: [{ role: 'tool', content: 'noon' }] },
    ] satisfies Partial<ChatRequest>[])
      expect(() => body({ ...least, ...changes }), name).toThrow(ConfigError);
  }
});

const request = {
  model: 'm',
  messages: [
    systemMessage(`The bridge was built in 1890. ${'It is made of red stone and of old iron. '.repeat(3)}`),
    userMessage('What is the bridge made of?'),
  ],
};

defineProviderSuite(
  {
    name: 'local',
    request,
    embedding: { model: 'm', texts: ['a bridge of red stone', 'an old cat', 'rain'] },
    setup: async () => ({ provider: createLocalProvider() }),
  },
  { test },
);

/** The provider, but in no hurry: each chunk waits some turns, so that a client can leave amid the stream. */
function unhurriedProvider(provider: Provider): Provider {
  return {
    ...provider,
    async *chat(call) {
      for await (const chunk of provider.chat(call)) {
        yield chunk;
        for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      }
    },
  };
}

defineProviderSuite(
  {
    name: 'custom over the local server',
    request,
    plays: without('errors', 'error-in-stream'),
    async setup(scene) {
      const answer = scene?.kind === 'answer' ? scene.answer : { text: 'It is made of red stone and of old iron.' };
      const server = await createLocalServer({
        provider: unhurriedProvider(createScriptedProvider({ answers: answer })),
      });
      return {
        provider: createRow('custom', server.baseURL),
        apiKey: 'any',
        upstreamCalls: () => server.stats().requests,
        upstreamSawAbort: () => server.until(({ aborted }) => aborted > 0),
        dispose: () => server.close(),
      };
    },
  },
  { test },
);
