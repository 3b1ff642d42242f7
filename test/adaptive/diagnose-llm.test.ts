import { describe, expect, test } from 'vitest';
import { diagnoseLlm, type LlmFigures, type LlmSettings } from '../../src/adaptive/diagnose-llm.js';

const FIGURES: LlmFigures = {
  requests: 100,
  requestRate: 2,
  avgLatency: 800,
  p99Latency: 2000,
  attempts: 100,
  rateLimited: 0,
  timeouts: 0,
  avgInputTokens: 900,
  avgOutputTokens: 300,
  costPerRequest: 0.01,
  repeatedAnswers: 0,
  differingAnswers: 0,
};
const SETTINGS: LlmSettings = {
  model: 'large-1',
  fasterModel: 'small-1',
  requestsPerMinute: undefined,
  timeoutMs: 60_000,
  maxTokens: 2000,
  hasCache: false,
  temperature: 0.7,
};

interface Case {
  readonly figures?: Partial<LlmFigures>;
  readonly settings?: Partial<LlmSettings>;
}
const diagnose = ({ figures, settings }: Case): string[] =>
  diagnoseLlm({ ...FIGURES, ...figures }, { ...SETTINGS, ...settings }).map(({ id, solution }) => `${id}: ${solution}`);

test('healthy figures give no finding', () => {
  expect(diagnose({})).toEqual([]);
});

describe('R6, high latency from a large model', () => {
  test.each<[string, Case, string[]]>([
    ['mean above 5 s', { figures: { avgLatency: 5001 } }, ["high-llm-latency: withModel('small-1')"]],
    ['p99 above 30 s', { figures: { p99Latency: 30_001 } }, ["high-llm-latency: withModel('small-1')"]],
    ['mean of 5 s and p99 of 30 s', { figures: { avgLatency: 5000, p99Latency: 30_000 } }, []],
    ['just enough calls', { figures: { requests: 20, avgLatency: 9000 } }, ["high-llm-latency: withModel('small-1')"]],
    ['too few calls', { figures: { requests: 19, avgLatency: 9000 } }, []],
    ['too few calls for a p99', { figures: { requests: 99, p99Latency: 60_000 } }, []],
    ['no smaller model is known', { figures: { avgLatency: 9000 }, settings: { fasterModel: undefined } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});

describe('R7, rate limit errors from too many requests', () => {
  test.each<[string, Case, string[]]>([
    ['10 % of the attempts', { figures: { rateLimited: 10 } }, ['rate-limited: withRateLimiting(108)']],
    ['below 1 %', { figures: { attempts: 1000, rateLimited: 9 } }, []],
    ['just enough attempts', { figures: { attempts: 20, rateLimited: 2 } }, ['rate-limited: withRateLimiting(108)']],
    ['too few attempts', { figures: { attempts: 19, rateLimited: 19 } }, []],
    [
      'a limit of our own that is too high',
      { figures: { rateLimited: 10 }, settings: { requestsPerMinute: 100 } },
      ['rate-limited: withRateLimiting(90)'],
    ],
    [
      'at least one a minute is left',
      { figures: { rateLimited: 100, requestRate: 0.001 } },
      ['rate-limited: withRateLimiting(1)'],
    ],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});

test.each([
  [undefined, 'own limit none'],
  [600, 'own limit 600 a minute'],
])('the evidence of R7 tells the limit of our own, %s', (requestsPerMinute, expected) => {
  const [finding] = diagnoseLlm({ ...FIGURES, rateLimited: 10 }, { ...SETTINGS, requestsPerMinute });
  expect(finding?.evidence).toContain(expected);
});

describe('R8, timeouts from long context', () => {
  test.each<[string, Case, string[]]>([
    ['1 % of the attempts', { figures: { timeouts: 1 } }, ["timeouts: withTimeout('2m')"]],
    ['long answers', { figures: { timeouts: 1, avgOutputTokens: 1000 } }, ['timeouts: withMaxTokens(1000)']],
    ['answers just below half', { figures: { timeouts: 1, avgOutputTokens: 999 } }, ["timeouts: withTimeout('2m')"]],
    ['below 1 %', { figures: { attempts: 101, timeouts: 1 } }, []],
    ['just enough attempts', { figures: { attempts: 20, timeouts: 1 } }, ["timeouts: withTimeout('2m')"]],
    ['too few attempts', { figures: { attempts: 19, timeouts: 19 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });

  test('the evidence quotes the tokens', () => {
    const [finding] = diagnoseLlm({ ...FIGURES, timeouts: 5 }, SETTINGS);
    expect(finding?.evidence).toContain('mean 900 tokens in and 300 out, at most 2000 out');
  });
});

describe('R9, high costs without caching', () => {
  test.each<[string, Case, string[]]>([
    ['above $0.50 without a cache', { figures: { costPerRequest: 0.51 } }, ["high-cost: withCache(true, '24h')"]],
    ['$0.50', { figures: { costPerRequest: 0.5 } }, []],
    ['with a cache', { figures: { costPerRequest: 5 }, settings: { hasCache: true } }, []],
    ['just enough calls', { figures: { requests: 20, costPerRequest: 5 } }, ["high-cost: withCache(true, '24h')"]],
    ['too few calls', { figures: { requests: 19, costPerRequest: 5 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});

describe('R10, inconsistent output from a high temperature', () => {
  const differing = { repeatedAnswers: 20, differingAnswers: 2 };
  test.each<[string, Case, string[]]>([
    ['10 % of repeated answers differ', { figures: differing }, ['inconsistent-output: withTemperature(0.2)']],
    ['fewer differ', { figures: { ...differing, differingAnswers: 1 } }, []],
    ['too few repeats', { figures: { repeatedAnswers: 19, differingAnswers: 19 } }, []],
    ['the temperature is low already', { figures: differing, settings: { temperature: 0.2 } }, []],
  ])('%s', (_name, given, expected) => {
    expect(diagnose(given)).toEqual(expected);
  });
});
