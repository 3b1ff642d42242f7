/**
 * The page on tuning: every block of code compiles, runs and prints what the page says, and the guide's recipes stand in
 * it in the guide's order, with the guide's names and values.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createLocalServer, type LocalServer } from '../../src/testing/local-server.js';
import { createScriptedServer, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readPage, SnippetFolder, snippetsOf } from '../support/snippets.js';

/** An answer in Anthropic's format. */
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  model: 'claude-3-opus-20240229',
  content: [{ type: 'text', text: 'Ninety days.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 30, output_tokens: 4 },
};

/** The guide's blocks of code, in its order: the calls, names and values of each, in the words of TypeScript. */
const GUIDE: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'Read-heavy',
    [
      "withWorkloadType('read-heavy')",
      'withShardCount(availableParallelism() * 4)',
      "withCleanupInterval('10m')",
      "withEvictionPolicy('LRU')",
      'withCapacity(100000)',
      "withTTL('1h')",
    ],
  ],
  [
    'Write-heavy',
    [
      "withWorkloadType('write-heavy')",
      'withShardCount(availableParallelism() * 2)',
      "withCleanupInterval('2m')",
      'withCleanupBatchSize(1000)',
      "withEvictionPolicy('FIFO')",
      'withCapacity(10000)',
      "withTTL('5m')",
    ],
  ],
  [
    'Bursty traffic',
    [
      "withWorkloadType('bursty')",
      'withShardCount(availableParallelism() * 8)',
      'withMaxRetries(5)',
      "withRetryDelay('10ms')",
      'withCapacity(50000)',
      'withAutoTuning(true)',
      'withAdaptiveCleanup(true)',
    ],
  ],
  [
    'Memory-constrained environments',
    [
      "withPerformanceProfile('memory-efficient')",
      'withShardCount(availableParallelism())',
      'withCapacity(1000)',
      "withCleanupInterval('1m')",
      "withEvictionPolicy('LFU')",
      'withMaxMemoryMB(100)',
      'withCompression(true)',
      'withCompressionLevel(6)',
    ],
  ],
  [
    'Interactive chat',
    [
      'createClientForUseCase(',
      "'openai'",
      "'chat'",
      "withModel('gpt-3.5-turbo')",
      'withMaxTokens(500)',
      'withTemperature(0.7)',
      'withStreamingEnabled(true)',
      "withCache(true, '5m')",
      "withTimeout('30s')",
    ],
  ],
  [
    'Code generation',
    [
      'createClientForUseCase(',
      "'codegen'",
      "withModel('gpt-4')",
      'withMaxTokens(3000)',
      'withTemperature(0.2)',
      'withTopP(0.95)',
      "withSystemPrompt('You are an expert programmer...')",
      'withRetryCount(3)',
      "withCache(true, '1h')",
    ],
  ],
  [
    'Real-time analysis',
    [
      'createOpenAIClient(',
      "withModel('gpt-3.5-turbo-16k')",
      'withMaxTokens(1000)',
      'withTemperature(0.5)',
      'withStreamingEnabled(true)',
      "withTimeout('15s')",
      'withRateLimiting(1000)',
      'withRetryCount(1)',
      'wrapWithConnectionPool(client, 10)',
    ],
  ],
  [
    'Document processing',
    [
      'createAnthropicClient(',
      "withModel('claude-3-opus-20240229')",
      'withMaxTokens(4000)',
      'withTemperature(0.3)',
      "withTimeout('5m')",
      "withCache(true, '24h')",
      'withRetryCount(5)',
      "withRetryDelay('5s')",
    ],
  ],
  [
    'Cost-optimized operations',
    [
      "withModel('gpt-3.5-turbo')",
      'withMaxTokens(500)',
      "withCache(true, '24h')",
      "withPreset('low-cost')",
      "withModel('gpt-4')",
      'withMaxTokens(1000)',
      "withCache(true, '1h')",
      'createTieredClient(primary, fallback, complexityChecker)',
    ],
  ],
  [
    'Adaptive shard count',
    [
      'class AdaptiveCache',
      'autoScale()',
      '60000',
      'requestRate',
      'currentShards',
      'calculateOptimalShards(qps',
      'optimalShards !== currentShards',
      'resize(optimalShards)',
    ],
  ],
  ['Cache warmup', ['loadCommonQueries()', 'warmupCache(cache, client, ', "ttl: '24h'", 'userMessage(']],
  ['Request batching', ['new BatchProcessor(client', 'batchSize', 'interval', 'processBatch(requests)']],
  [
    'Circuit breaker',
    ['createCircuitBreaker(client', 'failureThreshold', 'resetTimeout', 'recordFailure()', 'reset()', '.state'],
  ],
  [
    'Cache metrics',
    [
      'hitRate, missRate, evictionRate, avgGetLatency, avgSetLatency, memoryUsage, itemCount, shardBalance',
      'minHitRate: 0.8',
      'maxGetLatency: 1,',
      'maxMemoryUsage: 2 ** 30',
      'maxShardImbalance: 0.2',
    ],
  ],
  [
    'Client metrics',
    [
      'requestRate, successRate, avgLatency, p99Latency, tokensPerSecond, costPerRequest, cacheHitRate, retryRate',
      'minSuccessRate: 0.95',
      'maxAvgLatency: 5000',
      'maxP99Latency: 30000',
      'maxCostPerRequest: 0.5',
    ],
  ],
  [
    'Cache benchmark',
    [
      "'LowLatency'",
      "withPerformanceProfile('low-latency')",
      "'HighThroughput'",
      "withPerformanceProfile('high-throughput')",
      'key-',
      "'value', { ttl: '1h' }",
      'cache.get(key)',
    ],
  ],
  ['Load test of a client', ['loadTestLLM(client, {', 'duration', 'rps']],
]);

const page = readPage('docs/guide/tuning.md');
const snippets = snippetsOf(page);

describe('the blocks', () => {
  const folder = new SnippetFolder('tuning', snippets);
  /** What the page says that each block prints; undefined where that is different from run to run. */
  const printed = page
    .split('```ts\n')
    .slice(1)
    .map((rest) => /^[\s\S]*?```\n(?:\n```text\n([\s\S]*?)```\n)?/.exec(rest)?.[1]);
  let openai: LocalServer;
  let anthropic: ScriptedServer;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder.write();
    openai = await createLocalServer({ provider: createLocalProvider() });
    anthropic = await createScriptedServer([{ body: JSON.stringify(MESSAGE) }]);
    env = {
      OPENAI_API_KEY: 'local-key',
      OPENAI_BASE_URL: openai.baseURL,
      ANTHROPIC_API_KEY: 'local-key',
      ANTHROPIC_BASE_URL: anthropic.url,
    };
  });
  afterAll(async () => {
    await Promise.all([openai.close(), anthropic.close()]);
    folder.remove();
  });

  test('compile', () => {
    expect(folder.problems()).toEqual([]);
  });

  test.each(snippets.map(({ title }, i) => [`${i}: ${title}`, i] as const))('block %s runs and exits', async (_, i) => {
    const { status, output, errors } = await folder.run(i, env);
    expect([status, errors]).toEqual([0, '']);
    expect(output).toMatch(/\S/);
    if (printed[i] !== undefined) expect(output).toBe(printed[i]);
  });

  test('only a block whose output is never the same twice is without it', () => {
    const silent = snippets.filter((_, i) => printed[i] === undefined).map(({ title }) => title);
    expect(silent).toEqual(['### Interactive chat', '### Cache benchmark']);
  });
});

describe('the recipes of the guide', () => {
  test('stand in its order', () => {
    const titles = snippets.map(({ title }) => title.replace(/^#+ /, ''));
    expect(titles.filter((title) => GUIDE.has(title))).toEqual([...GUIDE.keys()]);
  });

  test.each([...GUIDE])('%s has its names and values', (title, recipe) => {
    const code = snippets.find((snippet) => snippet.title.endsWith(` ${title}`))?.code ?? '';
    const plain = code.replaceAll(/(?<=\d)_(?=\d)/g, '');
    expect(recipe.filter((part) => !plain.includes(part))).toEqual([]);
  });
});
