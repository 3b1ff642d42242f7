/** The settings of the client after resolving: every one checked, durations in milliseconds, secrets wrapped. */
import type { AlertSettings } from '../adaptive/alert-settings.js';
import type { Clock } from '../core/clock.js';
import type { Secret } from '../core/secret.js';
import type { AnyOption } from '../options/option.js';
import type { Profile } from '../options/profile.js';
import type { ModelTier } from '../profiles/models.js';
import type { TransportProfileName } from '../profiles/transport.js';
import type { ChatRequest, ProviderAnswer } from '../protocol/chat.js';
import type { Provider } from '../providers/provider.js';
import type { RateLimitAlgorithm } from '../resilience/rate-meter.js';
import type { TransportSettings } from '../transport/settings.js';
import type { AnswerCache } from './answer-cache.js';
import type { Plugin } from './plugin.js';
import type { ProviderName, ProviderPreset } from './provider-names.js';
import type { SelectRoute } from './route-types.js';
import type { EmbedTexts } from './semantic/embedder.js';

export type Preset = 'development' | 'production' | 'low-cost' | 'high-quality' | 'fast';
export type UseCase =
  | 'chat'
  | 'codegen'
  | 'docs'
  | 'translation'
  | 'summarization'
  | 'analysis'
  | 'creative-writing'
  | 'realtime-analysis'
  | 'cost-optimized';

/** May this answer be stored? Asked instead of the built-in rule (finish reason stop or tool-calls). */
export type ShouldCache = (answer: ProviderAnswer, request: ChatRequest) => boolean;
/** Is this answer good? False, or a throw, fails the attempt that made it. */
export type ResponseValidator = (answer: ProviderAnswer, request: ChatRequest) => boolean | Promise<boolean>;

export interface RetryBudgetSettings {
  /** Retries a request pays for, 0..1. */
  readonly share: number;
  /** Retries a second that are free. */
  readonly minPerSecond: number;
}

interface BreakerRecovery {
  /** Successful probes that close it again. */
  readonly successThreshold: number;
  /** From opening to the first probe. */
  readonly resetTimeoutMs: number;
}
export interface CountBreakerSettings extends BreakerRecovery {
  readonly mode: 'count';
  /** Failures in a row that open the circuit. */
  readonly failureThreshold: number;
  /** Failures are forgotten after this long without another. */
  readonly resetAfterMs: number;
}
export interface RateBreakerSettings extends BreakerRecovery {
  readonly mode: 'rate';
  /** Share of failed calls that opens the circuit, 0..1. */
  readonly failureRate: number;
  /** With fewer calls in the window it stays closed. */
  readonly minimumCalls: number;
  /** How long a call counts. */
  readonly windowMs: number;
}
export type CircuitBreakerSettings = CountBreakerSettings | RateBreakerSettings;

/** A limit on what may be spent: money or tokens, not both. */
export interface BudgetSettings {
  /** US dollars at list price. */
  readonly money: number | undefined;
  readonly tokens: number | undefined;
  /** The limit is renewed after this long. */
  readonly perMs: number;
}

export interface AdaptiveConcurrencySettings {
  /** Upstream calls at once, at least and at most. */
  readonly min: number;
  readonly max: number;
  /** Where it starts; undefined: 20, or the nearest within the bounds. */
  readonly initial: number | undefined;
  /** What is left of the limit after a sign of overload, 0..1. */
  readonly decrease: number;
  /** So many times the best time to the first token is a sign of overload. */
  readonly latencyTolerance: number;
}

export interface QueueSettings {
  /** How many may wait for a place. */
  readonly maxSize: number;
  /** What becomes of one who finds it full: an error at once, or a wait for his place in it. */
  readonly mode: 'drop' | 'wait';
  /** Longest wait of one call; undefined: up to its deadline. */
  readonly maxWaitMs: number | undefined;
}

/** Off, a random key for each call, or one made from the request. */
export type IdempotencyKeySetting = boolean | ((request: ChatRequest) => string);

/** One of the keys of a target. */
export interface ApiKey {
  readonly value: Secret;
  /** Globs of the models it is for; undefined: all. */
  readonly models: readonly string[] | undefined;
  /** Its share of the calls is its weight over those of the keys that could be taken. */
  readonly weight: number;
}

/** One more place to ask when the one before it failed. */
export interface FallbackTarget {
  readonly provider: ProviderName | Provider;
  readonly apiKey: readonly ApiKey[] | undefined;
  readonly baseUrl: string | undefined;
  /** Undefined: the provider's model of `modelTier`. */
  readonly model: string | undefined;
  /** Undefined: the client's. */
  readonly modelTier: ModelTier | undefined;
}

export interface PlainFallbackSettings {
  readonly targets: readonly FallbackTarget[];
  readonly mode: 'sequential' | 'race';
}
export interface HedgeSettings {
  /** None: the primary is asked a second time. */
  readonly targets: readonly FallbackTarget[];
  readonly mode: 'hedge';
  /** Patience until enough first tokens were timed. */
  readonly hedgeDelayMs: number;
  /** Hedges, of the calls; 0..1. */
  readonly hedgeShare: number;
}
export type FallbackSettings = PlainFallbackSettings | HedgeSettings;

/** What a target takes; undefined: as the table of models says. */
export interface Capabilities {
  readonly tools: boolean | undefined;
  readonly images: boolean | undefined;
  readonly jsonSchema: boolean | undefined;
  /** Tokens of question and answer together. */
  readonly contextTokens: number | undefined;
}

/** US dollars a million tokens. */
export interface CandidatePrice {
  readonly input: number;
  readonly output: number;
}

export interface RouterCandidate extends FallbackTarget {
  readonly capabilities: Capabilities | undefined;
  /** Undefined: the list price. */
  readonly price: CandidatePrice | undefined;
}

export interface RouterSettings {
  /** Beside the client's own target, which is the first. */
  readonly candidates: readonly RouterCandidate[];
  /** 0: the fastest; 1: the cheapest. */
  readonly costBias: number;
  readonly select: SelectRoute | undefined;
}

/** Which refusals are remembered, and how long. */
export interface NegativeCacheSettings {
  readonly ttlMs: number;
  readonly statuses: readonly number[];
  /** Answers that ended with 'content-filter' are kept as long. */
  readonly contentFilter: boolean;
  readonly maxEntries: number;
}

/** Settings that replace some of a transport profile's. */
export type TransportChoice = Partial<TransportSettings> & {
  /** Undefined: the default one. */
  readonly profile?: TransportProfileName;
};

export interface SemanticCacheSettings {
  readonly embed: EmbedTexts;
  /** Least cosine, 0.5..1. */
  readonly threshold: number;
  readonly maxEntries: number;
  /** Longest wait for a vector. */
  readonly timeoutMs: number;
}

/** Off, a cache of the caller's own, or the options of the client's own cache. */
export type CacheSetting = false | AnswerCache | readonly AnyOption[];

export interface LlmConfig {
  profile: Profile | undefined;
  preset: Preset | undefined;
  useCase: UseCase | undefined;
  providerPreset: ProviderPreset | undefined;
  provider: ProviderName | Provider;
  apiKey: readonly ApiKey[] | undefined;
  baseUrl: string | undefined;
  organizationId: string | undefined;
  proxyUrl: Secret | undefined;
  customHeaders: Readonly<Record<string, string>>;
  model: string | undefined;
  modelTier: ModelTier;
  systemPrompt: Secret | undefined;
  maxTokens: number;
  temperature: number | undefined;
  topP: number | undefined;
  streaming: boolean;
  timeoutMs: number;
  totalTimeoutMs: number | undefined;
  firstTokenTimeoutMs: number | undefined;
  streamIdleTimeoutMs: number | undefined;
  retryCount: number;
  retryDelayMs: number;
  retryBudget: RetryBudgetSettings;
  requestsPerMinute: number | undefined;
  requestBurst: number | undefined;
  tokensPerMinute: number | undefined;
  tokenBurst: number | undefined;
  rateLimitAlgorithm: RateLimitAlgorithm;
  budget: BudgetSettings | undefined;
  adaptiveConcurrency: AdaptiveConcurrencySettings | undefined;
  queue: QueueSettings | undefined;
  connectionPool: number | undefined;
  transport: TransportProfileName | TransportChoice;
  circuitBreaker: CircuitBreakerSettings | undefined;
  fallback: FallbackSettings | undefined;
  router: RouterSettings | undefined;
  idempotencyKey: IdempotencyKeySetting;
  cache: CacheSetting;
  cacheScope: string | undefined;
  negativeCache: NegativeCacheSettings | undefined;
  semanticCache: SemanticCacheSettings | undefined;
  shouldCache: ShouldCache | undefined;
  responseValidator: ResponseValidator | undefined;
  plugins: readonly Plugin[];
  metrics: boolean;
  attemptTrace: boolean;
  alerts: AlertSettings | undefined;
  clock: Clock;
  seed: number | undefined;
}
