/** Options on who is asked and for what: provider, model, shape of the answer, presets. Checks stand in fields.ts. */
import type { CacheConfig } from '../cache/config.js';
import type { AnyCase } from '../cache/storage-options.js';
import { REDACTED, Secret } from '../core/secret.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import { type Profile, profileLabel } from '../options/profile.js';
import type { ModelTier } from '../profiles/models.js';
import type { TransportProfileName } from '../profiles/transport.js';
import type { Provider } from '../providers/provider.js';
import type { StoredAnswer } from './answer-cache.js';
import { type ApiKeyInput, hideKeys } from './api-keys.js';
import type {
  ApiKey,
  CacheSetting,
  CircuitBreakerSettings,
  LlmConfig,
  Preset,
  RetryBudgetSettings,
  TransportChoice,
  UseCase,
} from './config.js';
import type { ProviderName, ProviderPreset } from './provider-names.js';
import { type FallbackInput, hideKey } from './target-types.js';

/** What may be written for a setting where that is not the type of the setting itself. */
interface Spellings {
  apiKey: ApiKeyInput;
  systemPrompt: string | Secret;
  proxyUrl: string | Secret;
  cache: boolean | CacheSetting | Partial<CacheConfig<StoredAnswer>>;
  fallback: readonly FallbackInput[];
  retryBudget: Partial<RetryBudgetSettings>;
  circuitBreaker: Partial<CircuitBreakerSettings>;
  transport: TransportProfileName | Durations<TransportChoice>;
}

/** Times in ms may be written like '5m'. */
type Durations<T> = { [K in keyof T]: K extends `${string}Ms` ? T[K] | Duration : T[K] };

/** Settings as people write them: secrets as plain strings, durations like '5m', groups in part. */
export type LlmSettings = {
  [K in keyof LlmConfig]: K extends keyof Spellings
    ? Spellings[K]
    : K extends `${string}Ms`
      ? LlmConfig[K] | Duration
      : LlmConfig[K];
};

/** Asks this provider: a known one by name, or one of your own. Default: 'openai'. */
export function withProvider(
  provider: AnyCase<ProviderName> | Provider,
): Option<'llm', { provider: ProviderName | Provider }> {
  const name = typeof provider === 'string' ? provider : provider.name;
  return option('llm', labelOf('withProvider', name), { provider: provider as ProviderName | Provider });
}

/**
 * The provider's key, or several that take turns by weight, each for all models or for some (names or globs). A key that
 * gets a 429 rests for as long as the provider asks, up to 60 s; one of several that is refused (401, 402, 403, a spent
 * quota) rests 5 minutes. Another key that is free is asked at once in its place, within the retry budget and the
 * deadline. Keys never print. Default: the provider's environment variable, like OPENAI_API_KEY.
 */
export function withAPIKey(keys: ApiKeyInput): Option<'llm', { apiKey: readonly ApiKey[] }> {
  // The field turns each spelling into the setting, or refuses it.
  return option('llm', `withAPIKey(${REDACTED})`, { apiKey: hideKeys(keys) as readonly ApiKey[] });
}

/** Where the provider's API starts, like 'https://host/v1'. Needed by 'custom'. Default: the provider's own address. */
export function withBaseURL(url: string): Option<'llm', { baseUrl: string }> {
  return option('llm', 'withBaseURL(url)', { baseUrl: url });
}

/** The organization that is billed, where the primary's provider knows such a thing. Default: none. */
export function withOrganizationID(id: string): Option<'llm', { organizationId: string }> {
  return option('llm', labelOf('withOrganizationID', id), { organizationId: id });
}

/** Goes through an HTTP proxy; its URL may hold a user and password and never prints. Default: none. */
export function withProxy(url: string): Option<'llm', { proxyUrl: Secret }> {
  return option('llm', `withProxy(${REDACTED})`, { proxyUrl: asSecret(url) });
}

/** Headers sent with every request to the primary, not to fallbacks, since they may be credentials. A later call replaces an earlier one whole. Values never print. Default: none. */
export function withCustomHeaders(
  headers: Readonly<Record<string, string>>,
): Option<'llm', { customHeaders: Readonly<Record<string, string>> }> {
  return option('llm', 'withCustomHeaders({...})', { customHeaders: headers });
}

/**
 * The model asked. A model that is known to belong to another provider is a ConfigError. Default: the provider's current
 * model of the tier (profiles/models.json). Guide, LLM Tuning 1.
 */
export function withModel(model: string): Option<'llm', { model: string }> {
  return option('llm', labelOf('withModel', model), { model });
}

/** How much model the job needs: 'fast', 'balanced' or 'strong'. Gives way to withModel. Default: 'balanced'. */
export function withModelTier(tier: AnyCase<ModelTier>): Option<'llm', { modelTier: ModelTier }> {
  return option('llm', labelOf('withModelTier', tier), { modelTier: tier as ModelTier });
}

/** Bounds an answer in tokens. Range 1 to 10,000,000. Default: 2000. Guide, LLM Tuning 1. */
export function withMaxTokens(tokens: number): Option<'llm', { maxTokens: number }> {
  return option('llm', labelOf('withMaxTokens', tokens), { maxTokens: tokens });
}

/** Variation of the answers. Range 0 (the same each time, as far as the model can) to 2. Default: 0.7. Guide, LLM Tuning 1. */
export function withTemperature(temperature: number): Option<'llm', { temperature: number }> {
  return option('llm', labelOf('withTemperature', temperature), { temperature });
}

/** Share of the probability that tokens are drawn from. Range 0 to 1. Default: 1. Guide, LLM Tuning 2. */
export function withTopP(share: number): Option<'llm', { topP: number }> {
  return option('llm', labelOf('withTopP', share), { topP: share });
}

/** Put before the messages of a call that has no system message. Never prints. Default: none. Guide, LLM Tuning 2. */
export function withSystemPrompt(prompt: string): Option<'llm', { systemPrompt: Secret }> {
  return option('llm', `withSystemPrompt(${REDACTED})`, { systemPrompt: asSecret(prompt) });
}

/**
 * Lets chat() ask for a stream and assemble it: first-token and idle timeouts can then act. stream() always streams.
 * Default: false. Guide, LLM Tuning 1.
 */
export function withStreamingEnabled(enabled: boolean): Option<'llm', { streaming: boolean }> {
  return option('llm', labelOf('withStreamingEnabled', enabled), { streaming: enabled });
}

/** Applies the whole row of a preset, below everything written in code. */
export function withPreset(preset: AnyCase<Preset>): Option<'llm', { preset: Preset }> {
  return option('llm', labelOf('withPreset', preset), { preset: preset as Preset });
}

/** Applies the whole row of a use case, below everything written in code. Guide, LLM Tuning 1 to 5. */
export function withUseCase(useCase: AnyCase<UseCase>): Option<'llm', { useCase: UseCase }> {
  return option('llm', labelOf('withUseCase', useCase), { useCase: useCase as UseCase });
}

/** Applies a provider with the model tier and answer length that suit it, below everything written in code. */
export function withProviderPreset(
  provider: AnyCase<ProviderPreset>,
): Option<'llm', { providerPreset: ProviderPreset }> {
  return option('llm', labelOf('withProviderPreset', provider), { providerPreset: provider as ProviderPreset });
}

/** Applies a profile below everything written in code: a shipped one by name, an object, or JSON text. */
export function withProfile(profile: string | Profile): Option<'llm', { profile: Profile }> {
  return option('llm', labelOf('withProfile', profileLabel(profile)), { profile: profile as Profile });
}

/** withProfile of what SHERD_LLM_PROFILE holds, a name or JSON text; nothing when it is not set. */
export function withProfileFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Option<'llm', { profile?: Profile }> {
  const reference = env['SHERD_LLM_PROFILE'];
  if (reference === undefined || reference === '') return option('llm', 'withProfileFromEnv()', {});
  // The field turns the name or text into a profile, or refuses it.
  return option('llm', 'SHERD_LLM_PROFILE', { profile: reference as unknown as Profile });
}

/** The plain-object spelling of any options: the same checks, the same place in the order. */
export function withSettings<const P extends Partial<LlmSettings>>(
  settings: P & Record<Exclude<keyof P, keyof LlmSettings>, never>,
): Option<'llm', Partial<LlmConfig>> {
  const { apiKey, systemPrompt, proxyUrl, fallback, ...plain } = settings as Partial<LlmSettings>;
  const patch = {
    ...plain,
    ...(apiKey === undefined ? {} : { apiKey: hideKeys(apiKey) }),
    ...(systemPrompt === undefined ? {} : { systemPrompt: asSecret(systemPrompt) }),
    ...(proxyUrl === undefined ? {} : { proxyUrl: asSecret(proxyUrl) }),
    ...(fallback === undefined ? {} : { fallback: Array.isArray(fallback) ? fallback.map(hideKey) : fallback }),
  };
  // The fields turn each spelling into the setting, or refuse it.
  return option('llm', 'withSettings({...})', patch as unknown as Partial<LlmConfig>);
}

/** Wrapped at once, so that not even the option prints it. What is no text goes on as it came, for the field to refuse. */
function asSecret(value: string | Secret): Secret {
  return typeof value === 'string' && value !== '' ? new Secret(value) : (value as Secret);
}
