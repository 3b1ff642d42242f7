import { expect, test } from 'vitest';
import type { Call, DemoEvent } from '../../src/demo/events.js';
import { figuresOf } from '../../src/demo/figures.js';
import { goalsOf } from '../../src/demo/goals.js';
import { nearestRank } from '../../src/demo/statistics.js';

const PRICE = { provider: 'vendor', model: 'm', inputPerMillion: 2, outputPerMillion: 10, asOf: '2026-01-01' };
const START: DemoEvent = {
  kind: 'run-started',
  atMs: 0,
  startedAt: '2026-01-01T00:00:00Z',
  version: '0.0.0',
  node: 'v20',
  cpus: 2,
  seed: 1,
  provider: 'local',
  zipfExponent: 1,
  tunerIntervalMs: 2000,
  tunerHysteresis: 2,
  prices: { chat: PRICE, docs: { ...PRICE, inputPerMillion: 4 } },
};
const WARMED: DemoEvent = {
  kind: 'warmed',
  atMs: 1,
  useCase: 'chat',
  job: 'chat',
  questions: ['chat-0'],
  failed: 0,
  inputTokens: 1_000_000,
  outputTokens: 0,
};

let sequence = 0;
function call(question: string, outcome: Call['outcome'], more: Partial<Call> = {}): Call {
  return {
    kind: 'call',
    atMs: 100,
    sequence: sequence++,
    phase: 'steady',
    useCase: 'chat',
    job: 'chat',
    question,
    outcome,
    stream: false,
    latencyMs: 1,
    answeredBy: 'primary',
    model: 'm',
    inputTokens: 1_000_000,
    outputTokens: 100_000,
    digest: `digest of ${question}`,
    ...more,
  };
}

const CALLS: readonly Call[] = [
  call('chat-0', 'hit', { latencyMs: 0.1 }), // warmed: a repeat
  call('chat-1', 'miss', { latencyMs: 5 }),
  call('chat-1', 'hit', { latencyMs: 0.2 }), // a repeat
  call('chat-2', 'miss', { latencyMs: 9, answeredBy: 'fallback', phase: 'outage' }),
  call('chat-2', 'shared', { latencyMs: 8, answeredBy: 'fallback', phase: 'outage' }), // a repeat
  call('chat-1', 'hit', { latencyMs: 0.3, useCase: 'docs', job: 'docs', phase: 'outage' }), // another use case: no repeat
  call('chat-3', 'miss', { latencyMs: 7 }),
  call('chat-3', 'miss', { latencyMs: 6 }), // a repeat that missed
];

test('figures of a log made by hand are the ones worked out by hand', () => {
  const figures = figuresOf([
    START,
    WARMED,
    { kind: 'phase-began', atMs: 2, phase: 'steady', title: '', durationMs: 1, requestsPerSecond: 1 },
    ...CALLS,
  ]);
  expect(figures.total).toEqual({
    requests: 8,
    hits: 3,
    shared: 1,
    misses: 4,
    failed: 0,
    repeats: 4,
    hitRatio: 3 / 8,
    attainableHitRatio: 4 / 8,
    cached: { count: 3, p50Ms: 0.2, p99Ms: 0.3 },
    uncached: { count: 3, p50Ms: 6, p99Ms: 7 },
  });
  expect(figures.shareOfAttainable).toBe(0.75);
  expect(figures.speedup).toBe(6 / 0.2);
  expect(figures.warmedQuestions).toBe(1);
  expect(figures.upstreamCallsSaved).toBe(3 + 1 - 1);
  expect(figures.fallbackAnswers).toBe(2);
  expect(figures.byUseCase.docs).toMatchObject({ requests: 1, hits: 1, repeats: 0 });
  expect(figures.byPhase).toHaveProperty('steady.requests', 5);
  expect(figures.byPhase).not.toHaveProperty('outage');
  expect(figures.ended).toBe('cut');
  expect(figures.durationMs).toBe(100);
});

test('money is the tokens at the list price of the job; warmup is paid for, hits and shared flights are not', () => {
  const { money } = figuresOf([START, WARMED, ...CALLS]);
  // A chat request costs 2 + 1 dollars, a docs request 4 + 1, the warmup 2.
  expect(money.chat).toEqual({ withoutCacheUsd: 21, spentUsd: 12 + 2, savedUsd: 7 });
  expect(money.docs).toEqual({ withoutCacheUsd: 5, spentUsd: 0, savedUsd: 5 });
  expect(money.total).toEqual({ withoutCacheUsd: 26, spentUsd: 14, savedUsd: 12 });
});

test('repeats follow the order of issue, not the order in which answers came', () => {
  const [first, second] = [call('chat-9', 'miss', { atMs: 300 }), call('chat-9', 'shared', { atMs: 200 })];
  const { total } = figuresOf([START, second, first]);
  expect(total.repeats).toBe(1);
});

test('a hit that differs from the answer the provider gave is a mismatch', () => {
  const good = [call('chat-5', 'miss'), call('chat-5', 'hit')];
  expect(figuresOf([START, ...good])).toMatchObject({ answersCompared: 1, mismatches: 0 });
  const bad = [...good, call('chat-5', 'hit', { digest: 'another' })];
  expect(figuresOf([START, ...bad])).toMatchObject({ answersCompared: 2, mismatches: 1 });
});

test('a question asked once more past the cache is what every answer to it is held against', () => {
  const check: DemoEvent = {
    kind: 'checked',
    atMs: 9,
    useCase: 'chat',
    question: 'chat-5',
    model: 'm',
    digest: 'truth',
  };
  const calls = [call('chat-5', 'miss'), call('chat-5', 'hit'), call('chat-6', 'miss')];
  expect(figuresOf([START, ...calls, check])).toMatchObject({ questionsReasked: 1, answersCompared: 2, mismatches: 2 });
});

test('answers of different models to one question are not compared with each other', () => {
  const calls = [call('chat-5', 'miss'), call('chat-5', 'miss', { model: 'other', digest: 'other' })];
  expect(figuresOf([START, ...calls]).mismatches).toBe(0);
});

test('breaker openings count from closed, recoveries when a probe closes it', () => {
  const states = ['closed', 'open', 'half-open', 'open', 'half-open', 'closed'] as const;
  const events = states.slice(1).map(
    (to, i): DemoEvent => ({
      kind: 'breaker',
      atMs: i,
      job: 'chat',
      target: 'primary',
      model: 'm',
      from: states[i] ?? 'closed',
      to,
    }),
  );
  expect(figuresOf(events)).toMatchObject({ breakerOpenings: 1, breakerRecoveries: 1 });
});

test('a log without events gives zeros, not NaN', () => {
  const numbers = JSON.stringify(figuresOf([])).match(/null/g);
  expect(numbers).toBeNull();
});

test('the p-th value by nearest rank is always one of the samples', () => {
  expect(nearestRank([3, 1, 2], 0.5)).toBe(2);
  expect(nearestRank([4, 3, 1, 2], 0.5)).toBe(2);
  expect(nearestRank([1, 2, 3, 4], 0.99)).toBe(4);
  expect(nearestRank([], 0.5)).toBe(0);
});

test('each goal fails alone when its figure falls short', () => {
  const base = figuresOf([]);
  const good = {
    ...base,
    shareOfAttainable: 0.95,
    speedup: 20,
    resizes: 1,
    mismatches: 0,
    fallbackAnswers: 1,
    breakerOpenings: 1,
    breakerRecoveries: 1,
  };
  const failed = (change: object): readonly string[] =>
    goalsOf({ ...good, ...change }, { hasOutage: true })
      .filter((goal) => !goal.passed)
      .map((goal) => goal.name);
  expect(failed({})).toEqual([]);
  expect(failed({ shareOfAttainable: 0.9499 })).toEqual(['hit ratio beside the attainable one']);
  expect(failed({ speedup: 19.9 })).toEqual(['cached p50 below uncached p50']);
  expect(failed({ resizes: 0 })).toEqual(['shard resizes by the auto-tuner']);
  expect(failed({ mismatches: 1 })).toEqual(['answers that differ from the provider']);
  expect(failed({ fallbackAnswers: 0 })).toEqual(['answers by the fallback']);
  expect(failed({ breakerOpenings: 0 })).toEqual(['circuit breaker openings']);
  expect(failed({ breakerRecoveries: 0 })).toEqual(['circuit breaker recoveries']);
  expect(failed({ total: { ...base.total, failed: 1 } })).toEqual(['requests without an answer']);
});

test('a run without an outage has no goals about one', () => {
  const names = goalsOf(figuresOf([]), { hasOutage: false }).map((goal) => goal.name);
  expect(names).not.toContain('circuit breaker openings');
});
