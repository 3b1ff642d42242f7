/**
 * The vendors, as data: the format they speak, where they are, which variables of the environment name their key and
 * address, and how they differ. Reading the environment is not done here.
 */
import type { BaseURLRules } from '../transport/base-url.js';
import type { OpenAIChatQuirks, ReasoningEffort } from './openai-chat/wire.js';

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
  readonly baseURLRules?: BaseURLRules;
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
  | 'azure'
  | 'azure-responses'
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

/**
 * Azure: a resource of one's own. Its address alone means the interface whose requests name the model; the address of a
 * deployment (`/openai/deployments/NAME?api-version=...`) means that one, and the model of a request only picks the words.
 */
const AZURE = {
  baseURL: undefined,
  apiKeyVariables: ['AZURE_OPENAI_API_KEY'],
  baseURLVariables: ['AZURE_OPENAI_ENDPOINT'],
  baseURLRules: { queryNames: ['api-version'], defaultPath: '/openai/v1' },
  needsKey: true,
  quirks: { reasoningModels: REASONING_MODELS, keyHeader: 'api-key' },
} as const;

const THINKING_ON = { thinking: { type: 'enabled' } };
const THINKING_OFF = { thinking: { type: 'disabled' } };

type Efforts = NonNullable<OpenAIChatQuirks['reasoningEfforts']>;

/** The efforts that are said as they are, beside what else must be said. */
function asReasoningEffort(efforts: readonly ReasoningEffort[], beside: object = {}): Efforts {
  return Object.fromEntries(efforts.map((effort) => [effort, { ...beside, reasoning_effort: effort }]));
}

const ROWS: readonly (Vendor & { readonly name: VendorName })[] = [
  { name: 'openai', format: 'openai-chat', ...OPENAI },
  { name: 'openai-responses', format: 'openai-responses', ...OPENAI },
  { name: 'azure', format: 'openai-chat', ...AZURE },
  { name: 'azure-responses', format: 'openai-responses', ...AZURE },
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
    quirks: {
      unsupported: ['seed'],
      reasoningEfforts: { none: THINKING_OFF, ...asReasoningEffort(['low', 'medium', 'high', 'max'], THINKING_ON) },
      echoes: ['reasoning_content'],
      embedding: false,
    },
  },
  {
    name: 'kimi',
    format: 'openai-chat',
    baseURL: 'https://api.moonshot.ai/v1',
    apiKeyVariables: ['MOONSHOT_API_KEY', 'KIMI_API_KEY'],
    baseURLVariables: ['MOONSHOT_BASE_URL', 'KIMI_BASE_URL'],
    needsKey: true,
    // K3 always thinks, as hard as it is told; K2 thinks or does not.
    quirks: {
      reasoningEfforts: { none: THINKING_OFF, ...asReasoningEffort(['low', 'high', 'max']) },
      echoes: ['reasoning_content'],
      embedding: false,
    },
  },
  {
    name: 'siliconflow',
    format: 'openai-chat',
    baseURL: 'https://api.siliconflow.cn/v1',
    apiKeyVariables: ['SILICONFLOW_API_KEY'],
    baseURLVariables: ['SILICONFLOW_BASE_URL'],
    needsKey: true,
    quirks: {
      reasoningEfforts: { none: { enable_thinking: false }, high: { enable_thinking: true } },
      reasoningTokens: ['thinking_budget'],
      embedding: { maxTexts: 32 },
    },
  },
  {
    name: 'groq',
    format: 'openai-chat',
    baseURL: 'https://api.groq.com/openai/v1',
    apiKeyVariables: ['GROQ_API_KEY'],
    baseURLVariables: ['GROQ_BASE_URL'],
    needsKey: true,
    quirks: { reasoningEfforts: asReasoningEffort(['none', 'low', 'medium', 'high']), embedding: false },
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
      reasoningEfforts: asReasoningEffort(['none', 'low', 'medium', 'high']),
      toolCallIds: 'nine-letters',
      embedding: { dimensionsField: 'output_dimension' },
    },
  },
  {
    name: 'openrouter',
    format: 'openai-chat',
    baseURL: 'https://openrouter.ai/api/v1',
    apiKeyVariables: ['OPENROUTER_API_KEY'],
    baseURLVariables: ['OPENROUTER_BASE_URL'],
    needsKey: true,
    quirks: {
      reasoningEfforts: {
        none: { reasoning: { effort: 'none' } },
        minimal: { reasoning: { effort: 'minimal' } },
        low: { reasoning: { effort: 'low' } },
        medium: { reasoning: { effort: 'medium' } },
        high: { reasoning: { effort: 'high' } },
        max: { reasoning: { effort: 'xhigh' } },
      },
      reasoningTokens: ['reasoning', 'max_tokens'],
      echoes: ['reasoning_details'],
    },
  },
  {
    name: 'huggingface',
    format: 'openai-chat',
    baseURL: 'https://router.huggingface.co/v1',
    apiKeyVariables: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'],
    baseURLVariables: ['HUGGINGFACE_BASE_URL'],
    needsKey: true,
    quirks: { embedding: false },
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
    quirks: { reasoningEfforts: asReasoningEffort(['none', 'low', 'medium', 'high']) },
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
