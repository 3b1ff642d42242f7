import { expect, test } from 'vitest';
import { ConfigError } from '../../src/core/errors.js';
import { type ChatRequest, systemMessage, userMessage } from '../../src/protocol/chat.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { type Vendor, type VendorName, vendors } from '../../src/providers/vendors.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { type AimockSubject, createRow, defineAimockContract, defineVendorContract } from './contracts.js';
import { SUBJECTS, without } from './wires/subjects.js';

for (const [name, subject] of Object.entries(SUBJECTS)) defineVendorContract(name as VendorName, subject);

/**
 * Where the mock server is faithful. It is not: in why an answer is incomplete (responses: it does not say), in the words
 * for a filter (Anthropic, Cohere: OpenAI's), in plans that no call has and thoughts that are text (Cohere), in a finish
 * reason for calls that the vendor does not have (Gemini), in counts, thoughts, reasons and vectors (Ollama: it has none, or under
 * another name), in batches of texts (Gemini: there is no such path).
 */
const AIMOCK: Readonly<Partial<Record<VendorName, AimockSubject>>> = {
  openai: { base: '/v1', plays: ['tools', 'reasoning', 'length', 'content-filter', 'errors'], hasEmbeddings: true },
  'openai-responses': { base: '/v1', plays: ['tools', 'reasoning', 'errors'], hasEmbeddings: true },
  anthropic: { base: '', plays: ['tools', 'reasoning', 'length', 'errors'], hasEmbeddings: false },
  cohere: { base: '', plays: ['length', 'errors'], hasEmbeddings: true },
  gemini: { base: '/v1beta', plays: ['reasoning', 'length', 'content-filter', 'errors'], hasEmbeddings: false },
  ollama: { base: '', plays: ['errors'], hasEmbeddings: false },
};
for (const [name, subject] of Object.entries(AIMOCK)) {
  defineAimockContract(name as VendorName, SUBJECTS[name as VendorName].model, subject);
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
