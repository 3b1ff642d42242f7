/** Holds a vendor's row to the providers' contract: before a scripted server that speaks its wire, and before aimock. */
import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { type ChatRequest, systemMessage, userMessage } from '../../src/protocol/chat.js';
import type { Provider } from '../../src/providers/provider.js';
import { createVendorProvider } from '../../src/providers/vendor-provider.js';
import { type Vendor, type VendorName, vendors } from '../../src/providers/vendors.js';
import type { ProviderScene, SceneAnswer, ScenePart } from '../../src/testing/provider-scene.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createScriptedServer, type Script } from '../../src/testing/scripted-server.js';
import { createTransportTable } from '../../src/transport/shared-transports.js';
import { unhurried } from './scripted-provider.js';
import type { VendorSubject } from './wires/subjects.js';
import type { Wire } from './wires/wire.js';

const ANSWER: SceneAnswer = {
  text: 'It is made of red stone, and of old iron.',
  toolCalls: [],
  finishReason: 'stop',
  usage: { inputTokens: 20, outputTokens: 9, totalTokens: 29 },
};

export function defineVendorContract(name: VendorName, subject: VendorSubject): void {
  const { model, base, wire, plays } = subject;
  defineProviderSuite(
    {
      name: `${name} over a server that speaks its wire`,
      request: requestOf(model),
      plays,
      ...(wire.embeddings === undefined ? {} : { embedding: embeddingOf(model) }),
      async setup(scene) {
        const server = await createScriptedServer(scriptOf(wire, scene));
        return {
          provider: createRow(name, `${server.url}${base}`),
          apiKey: 'any-key',
          upstreamCalls: () => server.requests.length,
          upstreamBodies: () => server.requests.map(({ body }) => body),
          upstreamSawAbort: () => server.until(({ closedConnections }) => closedConnections > 0),
          dispose: () => server.close(),
        };
      },
    },
    { test },
  );
}

export interface AimockSubject {
  readonly base: string;
  /** What the mock server says as the vendor does. */
  readonly plays: readonly ScenePart[];
  readonly hasEmbeddings: boolean;
}

export function defineAimockContract(name: VendorName, model: string, subject: AimockSubject): void {
  const { base, plays, hasEmbeddings } = subject;
  defineProviderSuite(
    {
      name: `${name} over aimock`,
      request: requestOf(model),
      plays,
      ...(hasEmbeddings ? { embedding: embeddingOf(model) } : {}),
      async setup(scene) {
        const mock = new LLMock({ port: 0, chunkSize: 4 });
        mock.onMessage(/bridge/, fixtureOf(scene));
        await mock.start();
        return {
          provider: createRow(name, `${mock.url}${base}`),
          apiKey: 'any-key',
          upstreamCalls: () => mock.getRequests().length,
          dispose: () => mock.stop(),
        };
      },
    },
    { test },
  );
}

function fixtureOf(scene: ProviderScene | undefined): Parameters<LLMock['onMessage']>[1] {
  if (scene?.kind === 'error') {
    const { status, message, retryAfterSeconds: retryAfter } = scene;
    const error = { message, type: 'some_error' };
    return { error, status, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  if (scene?.kind !== 'answer') return { content: ANSWER.text };
  const { text, reasoning, toolCalls, finishReason, usage } = scene.answer;
  const { inputTokens: input, outputTokens: output, totalTokens: total } = usage;
  return {
    ...(toolCalls.length > 0 ? { toolCalls: [...toolCalls] } : { content: text }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(finishReason === 'stop' || finishReason === 'tool-calls'
      ? {}
      : { finishReason: finishReason.replace('-', '_') }),
    // In the words of every vendor; each handler takes its own.
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: total,
      input_tokens: input,
      output_tokens: output,
      promptTokenCount: input,
      candidatesTokenCount: output,
      totalTokenCount: total,
    },
  };
}

function requestOf(model: string): ChatRequest {
  return {
    model,
    messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
  };
}
function embeddingOf(model: string): { readonly model: string; readonly texts: readonly string[] } {
  return { model, texts: ['a bridge of red stone', 'an old cat', 'rain'] };
}

export function createRow(name: VendorName, baseURL: string): Provider {
  const options = { settings: transportSettings(), transports: createTransportTable(), baseURL };
  return createVendorProvider(vendors.get(name) as Vendor, options);
}

function scriptOf(wire: Wire, scene: ProviderScene | undefined): Script {
  const answer = scene?.kind === 'answer' ? scene.answer : ANSWER;
  return (asked) => {
    if (scene?.kind === 'error') return wire.error(scene.status, scene.message, scene.retryAfterSeconds);
    const fault = wire.faultOf(asked);
    if (fault !== undefined) return wire.error(400, fault);
    const vectors = wire.embeddings?.(asked);
    if (vectors !== undefined) return { body: JSON.stringify(vectors) };
    if (!wire.isStream(asked)) return { body: JSON.stringify(wire.whole(answer)) };
    const headers = { 'content-type': wire.contentType };
    if (scene?.kind === 'error-in-stream')
      return { headers, framing: 'chunked', body: wire.brokenStream(scene.text, scene.message) };
    const body = wire.stream(answer, asked);
    // Whoever plays a scene is not left amid it.
    return scene === undefined ? unhurried({ headers, body }) : { headers, framing: 'chunked', body, sliceBytes: 64 };
  };
}
