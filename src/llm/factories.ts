/** Clients by provider, by use case and by surroundings. Each is createClient with some options laid down first. */
import { option } from '../options/option.js';
import type { Provider } from '../providers/provider.js';
import { withCache } from './answer-options.js';
import type { UseCase } from './config.js';
import { type ClientOption, createClient } from './create-client.js';
import { withRetryCount, withRetryDelay } from './protection-options.js';
import type { ProviderName } from './provider-names.js';
import { withAPIKey, withPreset, withProvider, withUseCase } from './request-options.js';
import type { Client } from './types.js';

/** '' and undefined leave the key to the environment; providers that need none take none. */
type Key = string | undefined;

/**
 * A client for a job: the use case's whole row, below everything in `options`. The model is the provider's current one of
 * the tier that the job needs, unless withModel names another. Guide, LLM Tuning 1 to 5.
 */
export function createClientForUseCase(
  provider: ProviderName | Provider,
  apiKey: Key,
  useCase: UseCase,
  ...options: readonly ClientOption[]
): Client {
  return createClient(withProvider(provider), ...keyOption(apiKey), withUseCase(useCase), ...options);
}

/** The production preset with the numbers of the original's factory: three retries from 2 s, answers kept 10 minutes. */
export function createProductionClient(
  provider: ProviderName | Provider,
  apiKey: Key,
  ...options: readonly ClientOption[]
): Client {
  const numbers = [withRetryCount(3), withRetryDelay('2s'), withCache(true, '10m')];
  return createClient(withProvider(provider), ...keyOption(apiKey), withPreset('production'), ...numbers, ...options);
}

/** The development preset. */
export function createDevelopmentClient(
  provider: ProviderName | Provider,
  apiKey: Key,
  ...options: readonly ClientOption[]
): Client {
  return createClient(withProvider(provider), ...keyOption(apiKey), withPreset('development'), ...options);
}

export function createOpenAIClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('openai', apiKey, options);
}
export function createAnthropicClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('anthropic', apiKey, options);
}
export function createCohereClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('cohere', apiKey, options);
}
export function createDeepSeekClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('deepseek', apiKey, options);
}
export function createKimiClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('kimi', apiKey, options);
}
export function createSiliconFlowClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('siliconflow', apiKey, options);
}
export function createGroqClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('groq', apiKey, options);
}
export function createMistralClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('mistral', apiKey, options);
}
export function createOpenRouterClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('openrouter', apiKey, options);
}
export function createHuggingFaceClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('huggingface', apiKey, options);
}
export function createGeminiClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('gemini', apiKey, options);
}
/** A client for an Ollama server, by default the one of this machine; it needs no key. */
export function createOllamaClient(...options: readonly ClientOption[]): Client {
  return createFor('ollama', undefined, options);
}
/** As createOpenAIClient, in OpenAI's newer interface, which hands a model's reasoning on from answer to answer. */
export function createOpenAIResponsesClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('openai-responses', apiKey, options);
}
/** A client for a resource of Azure OpenAI: its address by withBaseURL or AZURE_OPENAI_ENDPOINT, its deployment by withModel. */
export function createAzureClient(apiKey: Key, ...options: readonly ClientOption[]): Client {
  return createFor('azure', apiKey, options);
}
/** A client for a vLLM server: the one of this machine, port 8000, unless withBaseURL says otherwise. */
export function createVLLMClient(...options: readonly ClientOption[]): Client {
  return createFor('vllm', undefined, options);
}
/** A client for any server that speaks the OpenAI format, like one of vLLM. */
export function createCustomClient(baseUrl: string, ...options: readonly ClientOption[]): Client {
  return createClient(withProvider('custom'), option('llm', 'createCustomClient(baseUrl)', { baseUrl }), ...options);
}
/** A client for the embedded extractive provider: no key, no network. */
export function createLocalClient(...options: readonly ClientOption[]): Client {
  return createClient(withProvider('local'), ...options);
}

function createFor(provider: ProviderName, apiKey: Key, options: readonly ClientOption[]): Client {
  return createClient(withProvider(provider), ...keyOption(apiKey), ...options);
}

function keyOption(apiKey: Key): readonly ClientOption[] {
  return apiKey === undefined || apiKey === '' ? [] : [withAPIKey(apiKey)];
}
