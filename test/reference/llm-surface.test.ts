/**
 * The public surface of the client that the design asks for, as data, against what there is. What is missing is named
 * with its reason, and is really missing: an exception that has been built has to leave the list.
 */
import { describe, expect, test } from 'vitest';
import * as llm from '../../src/llm/index.js';
import { llmScope } from '../../src/llm/scope.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';

const OPTIONS = [
  'withProvider withAPIKey withBaseURL withModel withModelTier withMaxTokens withTemperature withTopP withSystemPrompt',
  'withStreamingEnabled withTimeout withTotalTimeout withFirstTokenTimeout withStreamIdleTimeout withRetryCount',
  'withRetryDelay withRetryBudget withRateLimiting withRateLimitAlgorithm withBudget withConnectionPool withTransport',
  'withCircuitBreaker withFallback withRouter withAdaptiveConcurrency withQueue withCache withCacheScope withShouldCache',
  'withNegativeCache withSemanticCache withIdempotencyKey withResponseValidator withPreset withUseCase withProviderPreset',
  'withOrganizationID withProxy withCustomHeaders withPlugins withMetrics withAlerts withAttemptTrace withTrace withClock',
  'withSeed withSettings withProfile withProfileFromEnv',
].flatMap((line) => line.split(' '));

const FUNCTIONS = [
  'createClient createClientForUseCase createProductionClient createDevelopmentClient createOpenAIClient',
  'createOpenAIResponsesClient createAnthropicClient createGeminiClient createOllamaClient createCohereClient',
  'createDeepSeekClient createKimiClient createSiliconFlowClient createGroqClient createMistralClient',
  'createOpenRouterClient createHuggingFaceClient createAzureClient createVLLMClient createCustomClient createLocalClient',
  'createTieredClient createCircuitBreaker wrapWithConnectionPool warmupCache BatchProcessor loadTestLLM compose',
  'userMessage systemMessage assistantMessage toolMessage',
].flatMap((line) => line.split(' '));

const MEMBERS =
  'chat stream batchChat batch embed cacheKey metrics performance diagnose explain prewarm on off close'.split(' ');

const ERRORS = [
  'SherdError ConfigError CacheError ProviderError RateLimitError CircuitOpenError DeadlineError StreamTruncatedError',
  'QueueFullError BudgetError ClosedError',
].flatMap((line) => line.split(' '));

/** The words of each setting that takes one of a closed list. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  provider: [
    'openai openai-responses azure azure-responses anthropic gemini ollama cohere deepseek kimi siliconflow groq mistral',
    'openrouter huggingface vllm custom local',
  ].flatMap((line) => line.split(' ')),
  preset: ['development', 'production', 'low-cost', 'high-quality', 'fast'],
  useCase: [
    'chat codegen docs translation summarization analysis creative-writing realtime-analysis cost-optimized',
  ].flatMap((line) => line.split(' ')),
  rateLimitAlgorithm: ['token-bucket', 'sliding-window', 'fixed-window'],
  transport: ['legacy', 'optimized', 'wormhole'],
  circuitBreaker: ['legacy', 'optimized', 'wormhole'],
  alerts: ['guide', 'hub'],
};

const FALLBACK_MODES = ['sequential', 'race', 'hedge'] as const;

/** The guide's eight fields. */
const METRICS =
  'requestRate successRate avgLatency p99Latency tokensPerSecond costPerRequest cacheHitRate retryRate'.split(' ');

/** Not built yet, each with the reason. */
const MISSING: ReadonlyMap<string, string> = new Map([['withTrace', 'comes with the traces of the tuner']]);

const isBuilt = (name: string): boolean => !MISSING.has(name);
const entry: Readonly<Record<string, unknown>> = llm;
const someClient = (): llm.Client =>
  llm.createClient(llm.withProvider(createScriptedProvider({ answers: 'yes' })), llm.withModel('scripted'));

describe('the design of the client', () => {
  test('its options are those that are offered', () => {
    const offered = Object.keys(llm).filter((name) => /^with[A-Z]/.test(name));
    expect(offered.toSorted()).toEqual(OPTIONS.filter(isBuilt).toSorted());
  });

  test('its functions are there', () => {
    const found = FUNCTIONS.filter((name) => typeof entry[name] === 'function');
    expect(found).toEqual(FUNCTIONS.filter(isBuilt));
  });

  test('a client has its members', async () => {
    const client = someClient();
    expect(MEMBERS.filter((name) => name in client)).toEqual(MEMBERS.filter(isBuilt));
    expect(client[Symbol.asyncDispose]).toBeTypeOf('function');
    expect(METRICS.filter((name) => name in client.metrics())).toEqual(METRICS);
    const batch = client.batch();
    const verbs = ['add', 'concurrency', 'execute', 'executeFirst'];
    expect(verbs.filter((name) => name in batch)).toEqual(verbs);
    await client.close();
  });

  test('its errors are classes with guards that know them', () => {
    const problems = ERRORS.filter((name) => {
      const guard = entry[`is${name}`];
      return typeof entry[name] !== 'function' || typeof guard !== 'function' || guard(new Error('other')) !== false;
    });
    expect(problems).toEqual([]);
  });

  test.each(Object.entries(WORDS))('the setting %s takes its words, in any case', (field, words) => {
    const { type } = llmScope.fields[field as 'preset'];
    expect(words.filter((word) => type.parse(word).ok && type.parse(word.toUpperCase()).ok)).toEqual(words);
  });

  test.each(FALLBACK_MODES)('a fallback asks in mode %s', (mode) => {
    const targets = mode === 'hedge' ? [] : [{ provider: 'local' } as const];
    const { fallback } = llm.withFallback(targets, { mode }).patch;
    expect(llmScope.fields.fallback.type.parse(fallback)).toMatchObject({ ok: true, value: { mode } });
  });

  test('its chunks are of the kinds it names', () => {
    // Checked by the compiler: a kind too many or too few does not compile.
    const kinds: Record<llm.Chunk['kind'], true> = {
      start: true,
      'text-delta': true,
      'reasoning-delta': true,
      'tool-call-start': true,
      'tool-call-delta': true,
      'tool-call-end': true,
      usage: true,
      warning: true,
      finish: true,
      response: true,
    };
    expect(Object.keys(kinds)).toHaveLength(10);
  });

  test('what is missing is something that it names', () => {
    const named = new Set([...OPTIONS, ...FUNCTIONS, ...MEMBERS]);
    expect([...MISSING.keys()].filter((name) => !named.has(name))).toEqual([]);
  });
});
