/** One row a setting of the client: default, check, documentation. The order is that of explain() and the reference. */
import type { LlmMetricName } from '../adaptive/alert-figures.js';
import { type AlertTables, alertSettingsType } from '../adaptive/alert-settings.js';
import { guideLlmAlerts, hubLlmAlerts } from '../adaptive/alert-tables.js';
import { cacheFields } from '../cache/fields.js';
import type { Expansion, Fields } from '../options/field.js';
import { expandProfile, type ProfileTable, profileName, profileReference } from '../options/profile.js';
import { boolean, callback, decimal, duration, integer, text, word } from '../options/value-type.js';
import { llmProfiles, presetProfiles, providerProfiles, useCaseProfiles } from '../profiles/llm.js';
import { DEFAULT_TRANSPORT_PROFILE } from '../profiles/transport.js';
import { apiKeysType } from './api-keys.js';
import { breakerType } from './breaker-type.js';
import type { LlmConfig, Preset, ResponseValidator, RetryBudgetSettings, ShouldCache, UseCase } from './config.js';
import { adaptiveConcurrencyType, budgetType, idempotencyKeyType, queueType } from './limit-types.js';
import { negativeCacheType } from './negative-cache-options.js';
import { pluginsType } from './plugin-options.js';
import type { ProviderPreset } from './provider-names.js';
import { routerType } from './router-type.js';
import { semanticCacheType } from './semantic/options.js';
import { cacheSettingType, groupOf, headersType, secretText } from './setting-types.js';
import { fallbackType, modelTierType, providerType } from './target-types.js';
import { transportType } from './transport-type.js';

export const llmAlertTables: AlertTables<LlmMetricName> = { guide: guideLlmAlerts, hub: hubLlmAlerts };

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const timeoutType = duration({ min: 1, max: DAY_MS });

const expandNamed =
  (table: ProfileTable) =>
  (name: string): Expansion => {
    const profile = table.get(name);
    return profile === undefined ? { settings: {} } : expandProfile(profile);
  };

export const llmFields: Fields<LlmConfig> = {
  profile: {
    type: profileReference('llm', llmProfiles),
    fallback: undefined,
    options: ['withProfile', 'withProfileFromEnv'],
    doc: 'A profile whose settings apply below everything written in code.',
    expand: expandProfile,
  },
  preset: {
    type: profileName<Preset>(presetProfiles),
    fallback: undefined,
    options: ['withPreset'],
    doc: 'What matters most: sets the whole row of that preset.',
    expand: expandNamed(presetProfiles),
  },
  useCase: {
    type: profileName<UseCase>(useCaseProfiles),
    fallback: undefined,
    options: ['withUseCase'],
    doc: 'What the client is for: sets the whole row of that use case.',
    expand: expandNamed(useCaseProfiles),
  },
  providerPreset: {
    type: profileName<ProviderPreset>(providerProfiles),
    fallback: undefined,
    options: ['withProviderPreset'],
    doc: 'A provider with the model tier and answer length that suit it.',
    expand: expandNamed(providerProfiles),
  },
  provider: {
    type: providerType,
    fallback: 'openai',
    options: ['withProvider'],
    doc: 'Who is asked: a known provider, or one of your own.',
  },
  apiKey: {
    type: apiKeysType,
    fallback: undefined,
    options: ['withAPIKey'],
    doc: "The provider's key, or several that take turns; without one the environment is asked (OPENAI_API_KEY and the like).",
    secret: true,
  },
  baseUrl: {
    type: text,
    fallback: undefined,
    options: ['withBaseURL'],
    doc: "Where the provider's API starts; by default the provider's own address.",
  },
  organizationId: {
    type: text,
    fallback: undefined,
    options: ['withOrganizationID'],
    doc: 'The organization that is billed, where the provider knows such a thing.',
  },
  proxyUrl: {
    type: secretText('the URL of an HTTP proxy'),
    fallback: undefined,
    options: ['withProxy'],
    doc: 'The HTTP proxy to go through; may hold a password.',
    secret: true,
  },
  customHeaders: {
    type: headersType,
    fallback: Object.freeze({}),
    options: ['withCustomHeaders'],
    doc: 'Headers sent with every request to the primary.',
    secret: true,
  },
  model: {
    type: text,
    fallback: undefined,
    options: ['withModel'],
    doc: "The model asked; by default the provider's current model of the tier.",
  },
  modelTier: {
    type: modelTierType,
    fallback: 'balanced',
    options: ['withModelTier'],
    doc: 'How much model the job needs, when no model is named.',
  },
  systemPrompt: {
    type: secretText('a text that is not empty', { type: 'string', minLength: 1 }),
    fallback: undefined,
    options: ['withSystemPrompt'],
    doc: 'Put before the messages of a call that has no system message.',
    secret: true,
  },
  maxTokens: {
    type: integer({ min: 1, max: 10_000_000 }),
    fallback: 2000,
    options: ['withMaxTokens'],
    doc: 'Most tokens of an answer.',
  },
  temperature: {
    type: decimal({ min: 0, max: 2 }),
    fallback: 0.7,
    options: ['withTemperature'],
    doc: 'Variation of the answers, 0..2; not sent to models that refuse it.',
  },
  topP: {
    type: decimal({ min: 0, max: 1 }),
    fallback: 1,
    options: ['withTopP'],
    doc: 'Share of the probability that tokens are drawn from, 0..1; not sent to models that refuse it.',
  },
  streaming: {
    type: boolean,
    fallback: false,
    options: ['withStreamingEnabled'],
    doc: 'Lets chat() ask for a stream and assemble it, so that first-token and idle timeouts can act.',
  },
  timeoutMs: {
    type: timeoutType,
    fallback: MINUTE_MS,
    options: ['withTimeout'],
    doc: 'Longest time of one attempt, in ms.',
  },
  totalTimeoutMs: {
    type: timeoutType,
    fallback: undefined,
    options: ['withTotalTimeout'],
    doc: 'Longest time of a call over all attempts, waits and fallbacks, in ms.',
  },
  firstTokenTimeoutMs: {
    type: timeoutType,
    fallback: undefined,
    options: ['withFirstTokenTimeout'],
    doc: 'Longest wait of one attempt for the first token, in ms.',
  },
  streamIdleTimeoutMs: {
    type: timeoutType,
    fallback: undefined,
    options: ['withStreamIdleTimeout'],
    doc: 'Longest silence inside a stream, in ms.',
  },
  retryCount: {
    type: integer({ min: 0, max: 100 }),
    fallback: 0,
    options: ['withRetryCount'],
    doc: 'Attempts beyond the first, for failures that can heal.',
  },
  retryDelayMs: {
    type: duration({ min: 0, max: HOUR_MS }),
    fallback: SECOND_MS,
    options: ['withRetryDelay'],
    doc: 'Ceiling of the wait before the first retry, in ms; doubles with each retry up to 30 s, with full jitter.',
  },
  retryBudget: {
    type: groupOf<RetryBudgetSettings>('an object with share and minPerSecond', {
      share: { type: decimal({ min: 0, max: 1 }), fallback: 0.2 },
      minPerSecond: { type: decimal({ min: 0, max: 1000 }), fallback: 3 },
    }),
    fallback: Object.freeze({ share: 0.2, minPerSecond: 3 }),
    options: ['withRetryBudget'],
    doc: 'Keeps retries a fixed share of requests, so that an outage is not answered with a storm.',
  },
  requestsPerMinute: {
    type: decimal({ min: 1, max: 10_000_000 }),
    fallback: undefined,
    options: ['withRateLimiting'],
    doc: 'Most upstream requests a minute, for each target; more wait their turn.',
  },
  requestBurst: {
    type: decimal({ min: 1, max: 10_000_000 }),
    fallback: undefined,
    options: ['withRateLimiting'],
    doc: 'Most requests at once after a quiet time, of the token bucket; by default a whole minute of them.',
  },
  tokensPerMinute: {
    type: integer({ min: 1, max: 1e12 }),
    fallback: undefined,
    options: ['withRateLimiting'],
    doc: 'Most tokens a minute, in and out, for each target: estimated before a call, corrected after it.',
  },
  tokenBurst: {
    type: integer({ min: 1, max: 1e12 }),
    fallback: undefined,
    options: ['withRateLimiting'],
    doc: 'Most tokens at once after a quiet time, of the token bucket; by default a whole minute of them.',
  },
  rateLimitAlgorithm: {
    type: word('token-bucket', 'sliding-window', 'fixed-window'),
    fallback: 'token-bucket',
    options: ['withRateLimitAlgorithm'],
    doc: 'How the rate limit counts.',
  },
  budget: {
    type: budgetType,
    fallback: undefined,
    options: ['withBudget'],
    doc: 'Most money or tokens for each period, over all targets; what does not fit is refused.',
  },
  adaptiveConcurrency: {
    type: adaptiveConcurrencyType,
    fallback: undefined,
    options: ['withAdaptiveConcurrency'],
    doc: 'Finds, for each target, how many upstream calls it bears at once; more wait in the queue.',
  },
  queue: {
    type: queueType,
    fallback: undefined,
    options: ['withQueue'],
    doc: 'Bounds the upstream calls of each target at once, and what waits for a place.',
  },
  connectionPool: {
    type: integer({ min: 1, max: 10_000 }),
    fallback: undefined,
    options: ['withConnectionPool'],
    doc: "Most connections to one origin at once, instead of the transport's own number; more requests wait their turn.",
  },
  transport: {
    type: transportType,
    fallback: DEFAULT_TRANSPORT_PROFILE,
    options: ['withTransport'],
    doc: 'Which set of connection settings to use, or what replaces parts of one.',
  },
  circuitBreaker: {
    type: breakerType,
    fallback: undefined,
    options: ['withCircuitBreaker'],
    doc: 'Stops asking a provider and model that keep failing, then tries with one probe at a time.',
  },
  fallback: {
    type: fallbackType,
    fallback: undefined,
    options: ['withFallback'],
    doc: 'Who else is asked: in order when the one before failed, all at once, or one more when the first is late.',
  },
  router: {
    type: routerType,
    fallback: undefined,
    options: ['withRouter'],
    doc: 'Chooses who is asked first, by what the request needs, price, live latency and health.',
  },
  idempotencyKey: {
    type: idempotencyKeyType,
    fallback: false,
    options: ['withIdempotencyKey'],
    doc: 'Sends one idempotency-key for a call and all its retries at one target.',
  },
  cache: {
    type: cacheSettingType,
    fallback: false,
    options: ['withCache'],
    doc: 'Keeps answers: off, a cache of your own, or options of one that the client makes.',
  },
  cacheScope: {
    type: text,
    fallback: undefined,
    options: ['withCacheScope'],
    doc: 'Names who may share answers; clients with a common cache share only under a common name.',
    secret: true,
  },
  negativeCache: {
    type: negativeCacheType,
    fallback: undefined,
    options: ['withNegativeCache'],
    doc: 'Remembers what a provider refused, for a short time, so that the same request fails at once.',
  },
  semanticCache: {
    type: semanticCacheType,
    fallback: undefined,
    options: ['withSemanticCache'],
    doc: 'Answers a question with the stored answer of one that means the same.',
  },
  shouldCache: {
    type: callback<ShouldCache>('(answer, request) => boolean'),
    fallback: undefined,
    options: ['withShouldCache'],
    doc: 'Decides what is stored, instead of: finished answers with reason stop or tool-calls.',
  },
  responseValidator: {
    type: callback<ResponseValidator>('(answer, request) => boolean'),
    fallback: undefined,
    options: ['withResponseValidator'],
    doc: 'Checks every fresh answer; one that fails is an error that may be retried, and is not stored.',
  },
  plugins: {
    type: pluginsType,
    fallback: Object.freeze([]),
    options: ['withPlugins'],
    doc: 'Code of your own that sees every request and every answer, and may change them.',
  },
  metrics: {
    type: boolean,
    fallback: true,
    options: ['withMetrics'],
    doc: 'Samples latencies and rates; plain counters are always kept.',
  },
  attemptTrace: {
    type: boolean,
    fallback: false,
    options: ['withAttemptTrace'],
    doc: 'Lists the attempts of a call in its answer, and of a failed call in its error and its last event.',
  },
  alerts: {
    type: alertSettingsType(llmAlertTables),
    fallback: undefined,
    options: ['withAlerts'],
    doc: 'Thresholds that raise alerts.',
  },
  clock: {
    type: cacheFields.clock.type,
    fallback: cacheFields.clock.fallback,
    options: ['withClock'],
    doc: 'Where time comes from; for tests and simulation.',
  },
  seed: {
    type: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    fallback: undefined,
    options: ['withSeed'],
    doc: 'Seed of the jitter of retries; by default unpredictable.',
  },
};
