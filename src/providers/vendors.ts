/**
 * The vendors, as data: the format they speak, where they are, which variables of the environment name their key and
 * address, and how they differ. Reading the environment is not done here.
 */
import type { OpenAIChatQuirks } from './openai-chat/wire.js';

/** A folder of this directory. */
export type WireFormatName = 'anthropic' | 'cohere' | 'gemini' | 'ollama' | 'openai-chat' | 'openai-responses';

export interface Vendor {
  readonly name: string;
  readonly format: WireFormatName;
  /** Undefined: the caller must name one. */
  readonly baseURL: string | undefined;
  /** Variables that may hold the key, the first that is set wins. */
  readonly apiKeyVariables: readonly string[];
  readonly baseURLVariables: readonly string[];
  /** Those variables may hold a bare host, as in 'localhost' or '127.0.0.1:11434': http, and this port where it names none. */
  readonly bareHostPort?: number;
  /** False: a server of one's own, which may run without keys. */
  readonly needsKey: boolean;
  /** Of the OpenAI formats. Absent: none. */
  readonly quirks?: OpenAIChatQuirks;
}

export type VendorName =
  | 'openai'
  | 'openai-responses'
  | 'anthropic'
  | 'cohere'
  | 'deepseek'
  | 'kimi'
  | 'siliconflow'
  | 'groq'
  | 'mistral'
  | 'openrouter'
  | 'huggingface'
  | 'gemini'
  | 'ollama'
  | 'vllm'
  | 'custom';

/** o1, o3, o4-mini... and gpt-5 and later, but for the chat variants, which do not reason. */
const REASONING_MODELS = /^(?:ft:)?(?:o\d|gpt-[5-9](?!-chat))/;

const OPENAI = {
  baseURL: 'https://api.openai.com/v1',
  apiKeyVariables: ['OPENAI_API_KEY'],
  baseURLVariables: ['OPENAI_BASE_URL'],
  needsKey: true,
  quirks: { reasoningModels: REASONING_MODELS },
} as const;

const ROWS: readonly (Vendor & { readonly name: VendorName })[] = [
  { name: 'openai', format: 'openai-chat', ...OPENAI },
  { name: 'openai-responses', format: 'openai-responses', ...OPENAI },
  {
    name: 'anthropic',
    format: 'anthropic',
    baseURL: 'https://api.anthropic.com',
    apiKeyVariables: ['ANTHROPIC_API_KEY'],
    baseURLVariables: ['ANTHROPIC_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'cohere',
    format: 'cohere',
    baseURL: 'https://api.cohere.com',
    apiKeyVariables: ['COHERE_API_KEY', 'CO_API_KEY'],
    baseURLVariables: ['COHERE_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'deepseek',
    format: 'openai-chat',
    baseURL: 'https://api.deepseek.com',
    apiKeyVariables: ['DEEPSEEK_API_KEY'],
    baseURLVariables: ['DEEPSEEK_BASE_URL'],
    needsKey: true,
    quirks: { unsupported: ['seed'] },
  },
  {
    name: 'kimi',
    format: 'openai-chat',
    baseURL: 'https://api.moonshot.ai/v1',
    apiKeyVariables: ['MOONSHOT_API_KEY', 'KIMI_API_KEY'],
    baseURLVariables: ['MOONSHOT_BASE_URL', 'KIMI_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'siliconflow',
    format: 'openai-chat',
    baseURL: 'https://api.siliconflow.cn/v1',
    apiKeyVariables: ['SILICONFLOW_API_KEY'],
    baseURLVariables: ['SILICONFLOW_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'groq',
    format: 'openai-chat',
    baseURL: 'https://api.groq.com/openai/v1',
    apiKeyVariables: ['GROQ_API_KEY'],
    baseURLVariables: ['GROQ_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'mistral',
    format: 'openai-chat',
    baseURL: 'https://api.mistral.ai/v1',
    apiKeyVariables: ['MISTRAL_API_KEY'],
    baseURLVariables: ['MISTRAL_BASE_URL'],
    needsKey: true,
    quirks: {
      seedField: 'random_seed',
      requiredToolChoice: 'any',
      namedToolChoice: 'only-that-tool',
      streamOptions: false,
      unsupported: ['user'],
    },
  },
  {
    name: 'openrouter',
    format: 'openai-chat',
    baseURL: 'https://openrouter.ai/api/v1',
    apiKeyVariables: ['OPENROUTER_API_KEY'],
    baseURLVariables: ['OPENROUTER_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'huggingface',
    format: 'openai-chat',
    baseURL: 'https://router.huggingface.co/v1',
    apiKeyVariables: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    baseURLVariables: ['HUGGINGFACE_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'gemini',
    format: 'gemini',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta',
    apiKeyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseURLVariables: ['GEMINI_BASE_URL'],
    needsKey: true,
  },
  {
    name: 'ollama',
    format: 'ollama',
    baseURL: 'http://localhost:11434',
    apiKeyVariables: ['OLLAMA_API_KEY'],
    baseURLVariables: ['OLLAMA_BASE_URL', 'OLLAMA_HOST'],
    bareHostPort: 11434,
    needsKey: false,
  },
  {
    name: 'vllm',
    format: 'openai-chat',
    baseURL: 'http://localhost:8000/v1',
    apiKeyVariables: ['VLLM_API_KEY'],
    baseURLVariables: ['VLLM_BASE_URL'],
    needsKey: false,
  },
  {
    name: 'custom',
    format: 'openai-chat',
    baseURL: undefined,
    apiKeyVariables: ['CUSTOM_API_KEY'],
    baseURLVariables: ['CUSTOM_BASE_URL'],
    needsKey: false,
    quirks: { doneOptional: true },
  },
];

/** By name. */
export const vendors: ReadonlyMap<VendorName, Vendor> = new Map(
  ROWS.map((row) => [
    row.name,
    Object.freeze(row.quirks === undefined ? row : { ...row, quirks: Object.freeze(row.quirks) }),
  ]),
);
