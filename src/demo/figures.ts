/**
 * Every figure of the report as a pure function of the event log. The live report, the HTML page and --verify all
 * call it, so a figure that is shown can be recomputed by anyone who has the log.
 *
 * Definitions. A request is a repeat when the same question of the same use case was issued earlier in the run or was
 * warmed before it; attainable hit ratio = repeats / requests. Cached latency is that of hits; uncached latency that of
 * misses which the primary answered, so that the outage does not flatter the comparison. Money is tokens at list price.
 */
import {
  type Call,
  type Checked,
  type DemoEvent,
  eventsOf,
  type ListPrice,
  USE_CASES,
  type UseCase,
  type Warmed,
} from './events.js';
import { recordOf } from './records.js';
import { identityOf, repeatsOf } from './repeats.js';
import { nearestRank, ratio, sum } from './statistics.js';

export interface Latency {
  readonly count: number;
  /** 0 without samples, as is p99Ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Figures of a set of requests: the whole run, one use case or one phase. */
export interface Traffic {
  readonly requests: number;
  readonly hits: number;
  /** Rode on another request's flight: no upstream call of their own, yet the wait for one. */
  readonly shared: number;
  readonly misses: number;
  readonly failed: number;
  readonly repeats: number;
  /** hits / requests, 0..1. */
  readonly hitRatio: number;
  /** repeats / requests, 0..1. */
  readonly attainableHitRatio: number;
  readonly cached: Latency;
  readonly uncached: Latency;
}

/** US dollars. */
export interface Money {
  /** Had every request gone upstream. */
  readonly withoutCacheUsd: number;
  /** For what did go upstream, warmup included. */
  readonly spentUsd: number;
  readonly savedUsd: number;
}

export interface Figures {
  /** How the run ended. */
  readonly ended: string;
  readonly durationMs: number;
  readonly total: Traffic;
  readonly byUseCase: Readonly<Record<UseCase, Traffic>>;
  readonly byPhase: Readonly<Record<string, Traffic>>;
  /** hitRatio / attainableHitRatio. */
  readonly shareOfAttainable: number;
  /** Uncached p50 / cached p50. */
  readonly speedup: number;
  readonly warmedQuestions: number;
  /** Attempts at a provider, failed ones, retries and warmup included, answer checks not. */
  readonly upstreamAttempts: number;
  /** Requests answered without an upstream answer of their own, less the answers warmup asked for. */
  readonly upstreamCallsSaved: number;
  readonly money: Readonly<Record<UseCase | 'total', Money>>;
  readonly fallbacks: number;
  readonly fallbackAnswers: number;
  readonly escalations: number;
  readonly breakerOpenings: number;
  /** Times a breaker closed after a probe. */
  readonly breakerRecoveries: number;
  readonly resizes: number;
  readonly tunerDecisions: number;
  /** Questions asked once more past the cache. */
  readonly questionsReasked: number;
  /** Answers held against what the provider gave for the same question and model. */
  readonly answersCompared: number;
  readonly mismatches: number;
}

export function figuresOf(events: readonly DemoEvent[]): Figures {
  const calls = eventsOf(events, 'call').toSorted((a, b) => a.sequence - b.sequence);
  const warmed = eventsOf(events, 'warmed');
  const repeats = repeatsOf(events);
  const traffic = (isWanted: (call: Call) => boolean): Traffic => trafficOf(calls.filter(isWanted), repeats);
  const total = traffic(() => true);
  const warmedQuestions = sum(warmed.map((event) => event.questions.length));
  const breakers = eventsOf(events, 'breaker');
  const phases = eventsOf(events, 'phase-began').map((event) => event.phase);
  const end = eventsOf(events, 'run-ended').at(-1);

  return {
    ended: end?.reason ?? 'cut',
    durationMs: events.at(-1)?.atMs ?? 0,
    total,
    byUseCase: recordOf(USE_CASES, (useCase) => traffic((call) => call.useCase === useCase)),
    byPhase: recordOf(phases, (phase) => traffic((call) => call.phase === phase)),
    shareOfAttainable: ratio(total.hitRatio, total.attainableHitRatio),
    speedup: ratio(total.uncached.p50Ms, total.cached.p50Ms),
    warmedQuestions,
    upstreamAttempts: eventsOf(events, 'upstream').length,
    upstreamCallsSaved: total.hits + total.shared - warmedQuestions,
    money: moneyOf(calls, warmed, eventsOf(events, 'run-started')[0]?.prices),
    fallbacks: eventsOf(events, 'fallback').length,
    fallbackAnswers: calls.filter((call) => call.answeredBy === 'fallback' && call.outcome !== 'failed').length,
    escalations: eventsOf(events, 'escalated').length,
    breakerOpenings: breakers.filter((event) => event.from === 'closed' && event.to === 'open').length,
    breakerRecoveries: breakers.filter((event) => event.from === 'half-open' && event.to === 'closed').length,
    resizes: eventsOf(events, 'resized').length,
    tunerDecisions: eventsOf(events, 'tuner').length,
    ...checksOf(calls, eventsOf(events, 'checked')),
  };
}

function trafficOf(calls: readonly Call[], repeatSequences: ReadonlySet<number>): Traffic {
  const withOutcome = (outcome: Call['outcome']): readonly Call[] => calls.filter((call) => call.outcome === outcome);
  const hits = withOutcome('hit');
  const misses = withOutcome('miss');
  const repeats = calls.filter((call) => repeatSequences.has(call.sequence)).length;
  return {
    requests: calls.length,
    hits: hits.length,
    shared: withOutcome('shared').length,
    misses: misses.length,
    failed: withOutcome('failed').length,
    repeats,
    hitRatio: ratio(hits.length, calls.length),
    attainableHitRatio: ratio(repeats, calls.length),
    cached: latencyOf(hits),
    uncached: latencyOf(misses.filter((call) => call.answeredBy === 'primary')),
  };
}

function latencyOf(calls: readonly Call[]): Latency {
  const latencies = calls.map((call) => call.latencyMs);
  return { count: latencies.length, p50Ms: nearestRank(latencies, 0.5), p99Ms: nearestRank(latencies, 0.99) };
}

function moneyOf(
  calls: readonly Call[],
  warmed: readonly Warmed[],
  prices: Readonly<Record<string, ListPrice>> = {},
): Figures['money'] {
  const byUseCase = recordOf(USE_CASES, (useCase): Money => {
    const own = calls.filter((call) => call.useCase === useCase);
    const cost = (usage: Usage): number => costOf(usage, prices[usage.job]);
    const withoutCacheUsd = sum(own.map(cost));
    const warmupUsd = sum(warmed.filter((event) => event.useCase === useCase).map(cost));
    const spentUsd = sum(own.filter((call) => call.outcome === 'miss').map(cost)) + warmupUsd;
    return { withoutCacheUsd, spentUsd, savedUsd: withoutCacheUsd - spentUsd };
  });
  const all = Object.values(byUseCase);
  const total = {
    withoutCacheUsd: sum(all.map((money) => money.withoutCacheUsd)),
    spentUsd: sum(all.map((money) => money.spentUsd)),
    savedUsd: sum(all.map((money) => money.savedUsd)),
  };
  return { ...byUseCase, total };
}

type Usage = Pick<Call, 'job' | 'inputTokens' | 'outputTokens'>;

function costOf({ inputTokens = 0, outputTokens = 0 }: Usage, price: ListPrice | undefined): number {
  if (price === undefined) return 0;
  return (inputTokens * price.inputPerMillion + outputTokens * price.outputPerMillion) / 1e6;
}

/**
 * Holds every answer against the provider's own to the same question by the same model: the one asked past the cache
 * where there is one, else those that came from upstream in the run. An answer is never held against itself.
 */
function checksOf(
  calls: readonly Call[],
  checks: readonly Checked[],
): Pick<Figures, 'questionsReasked' | 'answersCompared' | 'mismatches'> {
  const reasked = new Map(checks.map((check) => [answerOf(check), new Set([check.digest])]));
  const fresh = new Map<string, Set<string>>();
  for (const call of calls) {
    if (call.outcome !== 'miss' || call.digest === undefined) continue;
    fresh.set(answerOf(call), (fresh.get(answerOf(call)) ?? new Set()).add(call.digest));
  }
  const expectedFor = (call: Call): ReadonlySet<string> | undefined =>
    reasked.get(answerOf(call)) ?? (call.outcome === 'miss' ? undefined : fresh.get(answerOf(call)));

  let answersCompared = 0;
  let mismatches = 0;
  for (const call of calls) {
    const expected = expectedFor(call);
    if (call.digest === undefined || expected === undefined) continue;
    answersCompared++;
    if (!expected.has(call.digest)) mismatches++;
  }
  return { questionsReasked: checks.length, answersCompared, mismatches };
}

function answerOf(event: Pick<Call, 'useCase' | 'question' | 'model'>): string {
  return `${identityOf(event.useCase, event.question)}/${event.model ?? ''}`;
}
