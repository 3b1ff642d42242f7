/** Every row of the vendors' table, with a server that speaks its dialect (wire.md 2.7) and what that vendor can say. */
import type { VendorName } from '../../../src/providers/vendors.js';
import type { ScenePart } from '../../../src/testing/provider-scene.js';
import { anthropicWire } from './anthropic.js';
import { cohereWire } from './cohere.js';
import { geminiWire } from './gemini.js';
import { ollamaWire } from './ollama.js';
import { type Dialect, openAIChatWire } from './openai-chat.js';
import { openAIResponsesWire } from './openai-responses.js';
import type { Wire } from './wire.js';

export interface VendorSubject {
  readonly model: string;
  /** What stands between the origin and the format's own path in its base URL. */
  readonly base: string;
  readonly wire: Wire;
  readonly plays: readonly ScenePart[];
}

/** All that a scene may play. */
export const EVERY_PART: readonly ScenePart[] = [
  'tools',
  'reasoning',
  'cached-tokens',
  'reasoning-tokens',
  'length',
  'content-filter',
  'errors',
  'error-in-stream',
];
export const without = (...parts: readonly ScenePart[]): readonly ScenePart[] =>
  EVERY_PART.filter((part) => !parts.includes(part));

/** A vendor of the OpenAI chat format. Thoughts are played where the vendor shows them. */
function chat(model: string, dialect: Dialect, base = dialect.base): VendorSubject {
  const plays = dialect.reasoning === undefined ? without('reasoning') : EVERY_PART;
  return { model, base, wire: openAIChatWire(dialect), plays };
}

const AZURE_OPENING = `data: ${JSON.stringify({ id: '', model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] })}\n\n`;

export const SUBJECTS: Readonly<Record<VendorName, VendorSubject>> = {
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
