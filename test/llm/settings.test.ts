import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type Client,
  type ClientOption,
  type ConfigError,
  compose,
  createAzureClient,
  createClient,
  createClientForUseCase,
  createDeepSeekClient,
  createDevelopmentClient,
  createLocalClient,
  createOllamaClient,
  createOpenAIClient,
  createOpenAIResponsesClient,
  createProductionClient,
  createVLLMClient,
  findModel,
  modelOfTier,
  modelsAsOf,
  type Preset,
  providerNames,
  type UseCase,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withCacheScope,
  withCircuitBreaker,
  withCustomHeaders,
  withFallback,
  withFirstTokenTimeout,
  withMaxTokens,
  withModel,
  withPreset,
  withProvider,
  withProxy,
  withRateLimitAlgorithm,
  withSettings,
  withSystemPrompt,
  withTemperature,
  withUseCase,
} from '../../src/llm/index.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { rejection } from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
function keep<C extends Client>(client: C): C {
  clients.push(client);
  return client;
}
beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/_(API_KEY|BASE_URL)$|^(HF_TOKEN|OLLAMA_HOST)$/.test(name)) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function settings(client: Client): Record<string, unknown> {
  return Object.fromEntries(client.explain().map(({ key, value }) => [key, value]));
}
function problemsOf(...options: readonly ClientOption[]): ConfigError {
  try {
    keep(createClient(...options));
  } catch (error) {
    return error as ConfigError;
  }
  throw new Error('nothing was wrong');
}

describe('a use case', () => {
  const LARGE = '***';
  test.each<[UseCase, Record<string, unknown>]>([
    ['chat', { maxTokens: 500, temperature: 0.7, topP: 0.9, streaming: true, timeoutMs: 30_000, model: 'gpt-6-luna' }],
    [
      'codegen',
      { maxTokens: 3000, temperature: 0.2, topP: 0.95, systemPrompt: LARGE, retryCount: 3, model: 'gpt-6-sol' },
    ],
    [
      'docs',
      { maxTokens: 4000, temperature: 0.3, timeoutMs: 300_000, retryCount: 5, retryDelayMs: 5000, model: 'gpt-6-sol' },
    ],
    [
      'realtime-analysis',
      {
        maxTokens: 1000,
        temperature: 0.5,
        streaming: true,
        timeoutMs: 15_000,
        requestsPerMinute: 1000,
        retryCount: 1,
        connectionPool: 10,
      },
    ],
    ['cost-optimized', { maxTokens: 500, temperature: 0.3, retryCount: 1, model: 'gpt-6-luna' }],
    ['translation', { maxTokens: 2000, temperature: 0.3, topP: 1 }],
    ['summarization', { maxTokens: 500, temperature: 0.3, topP: 0.9 }],
    ['analysis', { maxTokens: 3000, temperature: 0.5, topP: 0.95 }],
    ['creative-writing', { maxTokens: 4000, temperature: 0.9, topP: 0.95 }],
  ])('%s sets its whole row', (useCase, row) => {
    const client = keep(createClientForUseCase('openai', 'k', useCase));
    expect(settings(client)).toMatchObject(row);
  });

  test('lies below what is written in code, wherever that stands', () => {
    for (const options of [
      [withMaxTokens(9), withUseCase('chat')],
      [withUseCase('chat'), withMaxTokens(9)],
    ]) {
      const client = keep(createClient(withProvider('local'), ...options));
      expect(settings(client)).toMatchObject({ maxTokens: 9, temperature: 0.7 });
      expect(client.explain().find(({ key }) => key === 'maxTokens')).toMatchObject({
        setBy: 'withMaxTokens(9)',
        shadowed: [{ value: 500, setBy: "withUseCase('chat')" }],
      });
    }
  });

  test('keeps its answers as long as the guide says', async () => {
    const ttlOf = (useCase: UseCase): unknown =>
      settings(keep(createClientForUseCase('local', undefined, useCase)))['cache'];
    const ttls = (['chat', 'codegen', 'docs', 'cost-optimized'] as const).map(
      (name) => (ttlOf(name) as { patch: { ttlMs: string } }[])[0]?.patch.ttlMs,
    );
    expect(ttls).toEqual(['5m', '1h', '24h', '24h']);
  });
});

describe('a preset', () => {
  test.each<[Preset, Record<string, unknown>]>([
    ['development', { maxTokens: 1000, temperature: 0.5, timeoutMs: 30_000, retryCount: 1, cache: false }],
    ['production', { maxTokens: 2000, temperature: 0.7, timeoutMs: 60_000, retryCount: 3 }],
    ['low-cost', { maxTokens: 500, temperature: 0.3, retryCount: 1 }],
    [
      'high-quality',
      { maxTokens: 4000, temperature: 0.8, topP: 0.95, timeoutMs: 120_000, retryCount: 3, cache: false },
    ],
    ['fast', { maxTokens: 1000, temperature: 0.3, timeoutMs: 15_000, streaming: true, retryCount: 1 }],
  ])('%s sets its whole row', (preset, row) => {
    expect(settings(keep(createClient(withProvider('local'), withPreset(preset))))).toMatchObject(row);
  });

  test('is what the production and development factories begin with', () => {
    expect(settings(keep(createProductionClient('local', undefined)))).toMatchObject({
      retryCount: 3,
      retryDelayMs: 2000,
      maxTokens: 2000,
    });
    expect(settings(keep(createDevelopmentClient('local', '')))).toMatchObject({
      retryCount: 1,
      maxTokens: 1000,
      cache: false,
    });
  });
});

describe('the model', () => {
  test("is the provider's current one of the tier, as of a date, unless one is named", () => {
    const client = keep(createOpenAIClient('k', withUseCase('codegen')));
    const row = client.explain().find(({ key }) => key === 'model');
    expect(row).toMatchObject({
      value: modelOfTier('openai', 'strong'),
      note: expect.stringContaining(modelsAsOf) as string,
    });
    expect(settings(keep(createOpenAIClient('k', withUseCase('codegen'), withModel('gpt-4o'))))['model']).toBe(
      'gpt-4o',
    );
    expect(settings(keep(createDeepSeekClient('k', withUseCase('codegen'))))['model']).toBe(
      modelOfTier('deepseek', 'strong'),
    );
  });

  test.each([
    ['openai', 'claude-3-opus-20240229'],
    ['deepseek', 'gpt-4'],
    ['local', 'gpt-3.5-turbo'],
  ] as const)('of one vendor is never sent to another: %s refuses %s', (provider, model) => {
    const error = problemsOf(withProvider(provider), withAPIKey('k'), withModel(model));
    expect(error.issues).toMatchObject([
      { path: 'model', expected: `a model of ${provider}`, setBy: `withModel('${model}')` },
    ]);
  });

  test('of the responses format is the same as of the chat format', () => {
    expect(settings(keep(createOpenAIResponsesClient('k')))['model']).toBe(modelOfTier('openai', 'balanced'));
    expect(findModel('openai-responses', 'gpt-4o')?.price).toEqual(findModel('openai', 'gpt-4o')?.price);
  });

  test('and the address must be named where they are one’s own', () => {
    expect(problemsOf(withProvider('azure'), withAPIKey('k')).issues.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['baseUrl', 'model']),
    );
    const url = 'https://mine.openai.azure.com/openai/deployments/d?api-version=2024-10-21';
    const client = keep(createAzureClient('k', withBaseURL(url), withModel('d')));
    expect(settings(client)).toMatchObject({ provider: 'azure', baseUrl: url, model: 'd' });
    const vllm = keep(createVLLMClient(withModel('my-model')));
    expect(settings(vllm)).toMatchObject({ provider: 'vllm', model: 'my-model' });
  });

  test('that nobody lists may be anything', () => {
    expect(settings(keep(createOpenAIClient('k', withModel('my-fine-tune'))))['model']).toBe('my-fine-tune');
  });

  test('that refuses a temperature gets none from a preset, and a problem from an option', () => {
    const client = keep(createClient(withProvider('kimi'), withAPIKey('k'), withUseCase('chat')));
    expect(settings(client)).toMatchObject({ model: 'kimi-k3', temperature: undefined, topP: undefined });
    expect(problemsOf(withProvider('kimi'), withAPIKey('k'), withTemperature(0.2)).issues).toMatchObject([
      { path: 'temperature' },
    ]);
  });

  test('has a dated price, those of the guide too', () => {
    const priced = ['gpt-3.5-turbo', 'gpt-3.5-turbo-16k', 'gpt-4', 'gpt-4-turbo', 'gpt-4-2023-06-13'].map(
      (name) => findModel('openai', name)?.price,
    );
    expect(priced.every((price) => price !== undefined && price.input > 0 && price.output >= price.input)).toBe(true);
    expect(findModel('anthropic', 'claude-3-opus-20240229')).toMatchObject({
      price: { input: 15, output: 75 },
      retired: '2026-01-05',
    });
    expect(modelsAsOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('of every tier is one that its provider lists, and is not retired', () => {
    for (const provider of providerNames) {
      for (const tier of ['fast', 'balanced', 'strong'] as const) {
        const model = modelOfTier(provider, tier);
        if (model !== undefined)
          expect(findModel(provider, model), `${provider} ${tier}`).toMatchObject({ retired: undefined });
      }
    }
  });
});

describe('a mistake', () => {
  test('is reported with all others at once, each with who made it', () => {
    const error = problemsOf(
      withProvider('opnai' as never),
      withMaxTokens(0),
      compose('mine', withTemperature(9)),
      withCache(withSettings({ capacity: 0 } as never) as never),
      withCircuitBreaker({ failureThreshold: 0, resetTimeout: 'soon' as never }),
      withSettings({ temprature: 1 } as never),
      withCustomHeaders({ 'bad header': 'x' }),
    );
    expect(error.issues.map(({ path, setBy }) => `${path} [${setBy}]`)).toEqual([
      "provider [withProvider('opnai')]",
      'maxTokens [withMaxTokens(0)]',
      'temperature [mine > withTemperature(9)]',
      'cache.withSettings({...}) [withCache(...) > withSettings({...})]',
      'circuitBreaker.failureThreshold [withCircuitBreaker({...}) > failureThreshold]',
      'circuitBreaker.resetTimeoutMs [withCircuitBreaker({...}) > resetTimeoutMs]',
      'temprature [withSettings({...})]',
      expect.stringContaining('customHeaders') as string,
      'apiKey [default]',
    ]);
    expect(error.message).toContain("did you mean 'openai'?");
    expect(error.message).toContain('did you mean temperature?');
  });

  test('in nested cache options names the setting', () => {
    const error = problemsOf(withProvider('local'), withSettings({ cache: { ttlMs: 'soon' as never } }));
    expect(error.issues).toMatchObject([{ path: 'cache.ttlMs' }]);
  });

  test.each<[string, string, readonly ClientOption[]]>([
    ['a missing key', 'apiKey', [withProvider('groq')]],
    ['a missing base URL', 'baseUrl', [withProvider('custom'), withModel('m')]],
    ['a base URL with a password', 'baseUrl', [withProvider('custom'), withModel('m'), withBaseURL('http://u:p@host')]],
    ['a missing model', 'model', [withProvider('vllm')]],
    ['a fallback without a key', 'fallback', [withProvider('local'), withFallback(['openai'])]],
    ['a fallback to nobody', 'fallback.targets', [withProvider('local'), withFallback([])]],
    ['a limit that never acts', 'firstTokenTimeoutMs', [withProvider('local'), withFirstTokenTimeout('2m')]],
    ['a scope without a cache', 'cacheScope', [withProvider('local'), withCacheScope('x')]],
    [
      'an algorithm without a limit',
      'rateLimitAlgorithm',
      [withProvider('local'), withRateLimitAlgorithm('fixed-window')],
    ],
  ])('like %s is found', (_, path, options) => {
    expect(problemsOf(...options).issues.map((issue) => issue.path)).toContain(path);
  });
});

describe('the environment', () => {
  test('gives keys and addresses, and explain() says so', () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-from-env');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1');
    const rows = keep(createClient()).explain();
    expect(rows.find(({ key }) => key === 'apiKey')).toMatchObject({ value: '***', note: 'from OPENAI_API_KEY' });
    expect(rows.find(({ key }) => key === 'baseUrl')).toMatchObject({
      value: 'http://127.0.0.1:9/v1',
      note: 'from OPENAI_BASE_URL',
    });
  });

  test.each([
    ['localhost', 'http://localhost:11434/'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['gpu.example:80/ollama', 'http://gpu.example:80/ollama'],
    ['0.0.0.0', 'http://127.0.0.1:11434/'],
    ['[::1]', 'http://[::1]:11434/'],
    ['https://ollama.example', 'https://ollama.example'],
  ])('may name the host of Ollama alone: %s is %s', (host, address) => {
    vi.stubEnv('OLLAMA_HOST', host);
    const rows = keep(createOllamaClient()).explain();
    expect(rows.find(({ key }) => key === 'baseUrl')).toMatchObject({ value: address, note: 'from OLLAMA_HOST' });
  });

  test('holds a wrong address of Ollama, and that is a problem like others', () => {
    vi.stubEnv('OLLAMA_HOST', 'not a host');
    expect(problemsOf(withProvider('ollama')).issues).toMatchObject([{ path: 'baseUrl' }]);
  });

  test('gives way to what is written in code', () => {
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:9/v1');
    expect(settings(keep(createClient(withAPIKey('k'), withBaseURL('http://other/v1'))))['baseUrl']).toBe(
      'http://other/v1',
    );
  });
});

describe('a secret', () => {
  const CANARY = 'sk-canary-0123456789';
  const SPELLINGS = [CANARY, Buffer.from(CANARY).toString('base64'), encodeURIComponent(CANARY)];
  const options = [
    withAPIKey(CANARY),
    withSystemPrompt(`prompt ${CANARY}`),
    withCustomHeaders({ 'x-key': CANARY }),
    withCacheScope(CANARY),
    withCache(true),
  ];
  const print = (value: unknown): string => inspect(value, { depth: 9, showHidden: true }) + JSON.stringify(value);

  test('never prints: not in options, clients, explanations, metrics, events or errors', async () => {
    const answer = { id: 'c', choices: [{ index: 0, message: { content: 'fine' }, finish_reason: 'stop' }] };
    const quoting = { error: { message: `bad key ${CANARY}`, type: 'server_error' } };
    const server = await createScriptedServer([
      { status: 500, body: JSON.stringify(quoting) },
      { body: JSON.stringify(answer) },
    ]);
    const client = keep(createClient(...options, withBaseURL(`${server.url}/v1`)));
    const seen: unknown[] = [];
    for (const kind of ['upstream-call', 'cache-hit', 'call-ended', 'retry', 'fallback'] as const) {
      client.on(kind, (event) => seen.push(event));
    }
    const secretive = [userMessage(`ask ${CANARY}`)];
    const error = await rejection(client.chat(secretive));
    await client.chat(secretive);
    expect((await client.chat(secretive)).cached).toBe(true);
    expect(server.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${CANARY}`, 'x-key': CANARY });
    const figures = [client.explain(), client.metrics(), client.diagnose(), client.cacheKey(secretive)];
    const printed = [client, ...figures, ...seen, error].map(print).join('\n');
    for (const spelling of SPELLINGS) expect(printed).not.toContain(spelling);
    expect(seen.length).toBe(6);
    await server.close();
  });

  test('never prints in the option that carries it', () => {
    expect(options.map(({ label }) => label).join('\n')).not.toContain(CANARY);
    const wrapped = [
      withAPIKey(CANARY),
      withSystemPrompt(CANARY),
      withProxy(CANARY),
      withSettings({ apiKey: CANARY, systemPrompt: CANARY, fallback: [{ provider: 'openai', apiKey: CANARY }] }),
      withFallback([{ provider: 'openai', apiKey: CANARY }]),
    ];
    const client = keep(createClient(withProvider('local'), withFallback([{ provider: 'openai', apiKey: CANARY }])));
    expect(print(client.explain())).not.toContain(CANARY);
    expect(wrapped.map(print).join('\n')).not.toContain(CANARY);
  });

  test('never prints when it is wrong', () => {
    const error = problemsOf(
      withAPIKey(42 as never),
      withCustomHeaders({ 'x-key': `${CANARY}\n` }),
      withProxy({ url: CANARY } as never),
      withProvider('local'),
    );
    expect(print(error)).not.toContain(CANARY);
    expect(error.message).not.toContain('42');
  });

  test('that cannot be sent is refused without being quoted', async () => {
    const client = keep(createOpenAIClient(`${CANARY}\u2028`, withBaseURL('http://127.0.0.1:9/v1')));
    const error = await rejection(client.chat(question));
    expect(print(error)).not.toContain(CANARY);
    expect((error as Error).message).toContain('apiKey');
  });
});

test('a client without options is one of OpenAI', () => {
  vi.stubEnv('OPENAI_API_KEY', 'k');
  expect(settings(keep(createClient()))).toMatchObject({
    provider: 'openai',
    model: modelOfTier('openai', 'balanced'),
    temperature: 0.7,
    topP: 1,
    maxTokens: 2000,
    timeoutMs: 60_000,
    retryCount: 0,
    cache: false,
  });
});

test('every provider is known by name, the embedded one too', async () => {
  expect(providerNames).toContain('local');
  expect((await keep(createLocalClient()).chat([userMessage('Rain is wet. What is rain?')])).provider).toBe('local');
});
