/** Entry `sherd/llm`: the client and its options. */
export type { AlertSettings } from '../adaptive/alert-settings.js';
export type { Alert } from '../adaptive/alerts.js';
export type { Finding } from '../adaptive/finding.js';
export type { Clock } from '../core/clock.js';
export type { AttemptRecord, ConfigIssue, DeadlineKind } from '../core/errors.js';
export {
  BudgetError,
  CacheError,
  CircuitOpenError,
  ClosedError,
  ConfigError,
  DeadlineError,
  isBudgetError,
  isCacheError,
  isCircuitOpenError,
  isClosedError,
  isConfigError,
  isDeadlineError,
  isProviderError,
  isQueueFullError,
  isRateLimitError,
  isSherdError,
  isStreamTruncatedError,
  ProviderError,
  QueueFullError,
  RateLimitError,
  SherdError,
  StreamTruncatedError,
} from '../core/errors.js';
export type { Secret } from '../core/secret.js';
export type { Duration } from '../core/units.js';
export type { Explained } from '../options/explain.js';
export { formatExplanation } from '../options/explain.js';
export type { Option } from '../options/option.js';
export { compose } from '../options/option.js';
export type { Profile } from '../options/profile.js';
export type { BreakerProfileName } from '../profiles/breaker.js';
export type { ModelFeature, ModelPrice, ModelRow, ModelTier } from '../profiles/models.js';
export { embeddingModelOf, findModel, modelOfTier, modelsAsOf } from '../profiles/models.js';
export type { TransportProfileName } from '../profiles/transport.js';
export type {
  ChatRequest,
  Chunk,
  ContentPart,
  Echo,
  FinishReason,
  Message,
  ProviderAnswer,
  ReasoningSettings,
  ResponseFormat,
  Role,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  Usage,
} from '../protocol/chat.js';
export { answerMessage, assistantMessage, systemMessage, toolMessage, userMessage } from '../protocol/chat.js';
export type { EmbedAnswer, EmbedRequest } from '../protocol/embedding.js';
export type { EmbedCall, Provider, ProviderCall } from '../providers/provider.js';
export type { CircuitState } from '../resilience/circuit-breaker.js';
export type { RateLimitAlgorithm } from '../resilience/rate-meter.js';
export { joinPrometheus } from '../telemetry/prometheus.js';
export type { AnswerCache, StoredAnswer, StoredVector } from './answer-cache.js';
export {
  withAlerts,
  withAttemptTrace,
  withCache,
  withCacheScope,
  withClock,
  withMetrics,
  withResponseValidator,
  withSeed,
  withShouldCache,
} from './answer-options.js';
export type { ApiKeyEntry, ApiKeyInput } from './api-keys.js';
export type { CircuitBreakerInput, CountBreakerInput, RateBreakerInput } from './breaker-options.js';
export { withCircuitBreaker } from './breaker-options.js';
export { BatchProcessor } from './bulk/batch-processor.js';
export type { AdaptiveBatching, BatchProcessorOptions } from './bulk/batch-processor-options.js';
export type { LoadLatency, LoadReport } from './bulk/load-report.js';
export { loadTestLLM } from './bulk/load-test.js';
export type { LoadTestOptions } from './bulk/load-test-options.js';
export type { WarmupOptions, WarmupProgress, WarmupQuery, WarmupResult } from './bulk/warmup.js';
export { warmupCache } from './bulk/warmup.js';
export type { WarmupQueries, WarmupRun, WarmupSchedule, WarmupScheduleOptions } from './bulk/warmup-schedule.js';
export { scheduleWarmup } from './bulk/warmup-schedule.js';
export type { KeyOf, WarmupCache, WarmupQuestion } from './bulk/warmup-targets.js';
export type { CircuitBreakerClient, CircuitBreakerClientOptions } from './circuit-breaker-client.js';
export { createCircuitBreaker } from './circuit-breaker-client.js';
export type { LlmConfig, Preset, ResponseValidator, ShouldCache, UseCase } from './config.js';
export type { ConnectionPoolClient } from './connection-pool-client.js';
export { wrapWithConnectionPool } from './connection-pool-client.js';
export { costOf } from './cost.js';
export type { ClientOption } from './create-client.js';
export { createClient } from './create-client.js';
export type { AttemptKind, AttemptTrace, ClientEvents } from './event-types.js';
export {
  createAnthropicClient,
  createAzureClient,
  createClientForUseCase,
  createCohereClient,
  createCustomClient,
  createDeepSeekClient,
  createDevelopmentClient,
  createGeminiClient,
  createGroqClient,
  createHuggingFaceClient,
  createKimiClient,
  createLocalClient,
  createMistralClient,
  createOllamaClient,
  createOpenAIClient,
  createOpenAIResponsesClient,
  createOpenRouterClient,
  createProductionClient,
  createSiliconFlowClient,
  createVLLMClient,
} from './factories.js';
export type { BudgetInput, QueueInput, RateLimits } from './limit-options.js';
export {
  withAdaptiveConcurrency,
  withBudget,
  withIdempotencyKey,
  withQueue,
  withRateLimitAlgorithm,
  withRateLimiting,
} from './limit-options.js';
export type { BreakerStatus, LlmMetrics, PerformanceMetrics } from './metric-types.js';
export type { NegativeCacheInput } from './negative-cache-options.js';
export { withNegativeCache } from './negative-cache-options.js';
export type { OtelListener } from './otel.js';
export { createOtelListener } from './otel.js';
export type {
  OtelApi,
  OtelAttributes,
  OtelHistogram,
  OtelHistogramOptions,
  OtelSpan,
  OtelSpanOptions,
} from './otel-types.js';
export type { Plugin, PluginContext, PluginVerdict } from './plugin.js';
export { withPlugins } from './plugin-options.js';
export type { FallbackMode } from './protection-options.js';
export {
  withConnectionPool,
  withFallback,
  withFirstTokenTimeout,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withStreamIdleTimeout,
  withTimeout,
  withTotalTimeout,
} from './protection-options.js';
export type { ProviderInstanceMetrics } from './provider-instances.js';
export { providerInstanceMetrics } from './provider-instances.js';
export type { ProviderName, ProviderPreset } from './provider-names.js';
export { providerNames } from './provider-names.js';
export type { LlmSettings } from './request-options.js';
export {
  withAPIKey,
  withBaseURL,
  withCustomHeaders,
  withMaxTokens,
  withModel,
  withModelTier,
  withOrganizationID,
  withPreset,
  withProfile,
  withProfileFromEnv,
  withProvider,
  withProviderPreset,
  withProxy,
  withSettings,
  withStreamingEnabled,
  withSystemPrompt,
  withTemperature,
  withTopP,
  withUseCase,
} from './request-options.js';
export type { RouteCandidate, RouteNeeds, RouteReason, RouteRequest, SelectRoute } from './route-types.js';
export type { CandidateInput, RouterInput } from './router-options.js';
export { withRouter } from './router-options.js';
export type { Embedder, EmbeddingClient, EmbeddingProvider, EmbedTexts } from './semantic/embedder.js';
export type { SemanticCacheInput } from './semantic/options.js';
export { withSemanticCache } from './semantic/options.js';
export type { FallbackInput } from './target-types.js';
export type { ComplexityChecker, TieredClient, TieredOptions, TieredStats } from './tiered-client.js';
export { createTieredClient, isComplexQuestion } from './tiered-client.js';
export type { TransportInput } from './transport-options.js';
export { withTransport } from './transport-options.js';
export type {
  AnswerSchema,
  BatchOptions,
  BatchProgress,
  BatchRequest,
  BatchResult,
  ChatBatch,
  ChatClient,
  ChatResponse,
  ChatStream,
  Client,
  EmbedPerCall,
  EmbedResponse,
  PerCall,
  StructuredCall,
  StructuredResponse,
} from './types.js';
