/**
 * The guide's troubleshooting table for the client (004, "LLM Performance Issues") as pure rules: each needs the
 * symptom in the figures and its cause in the figures or settings, and names the option to change.
 */
import { formatDuration } from '../core/units.js';
import { applyRules, type DiagnosisRule, type Finding } from './finding.js';
import { durationLiteral, percent } from './wording.js';

export interface LlmFigures {
  /** Finished calls since the start. */
  readonly requests: number;
  /** Finished calls a second. */
  readonly requestRate: number;
  /** Milliseconds. */
  readonly avgLatency: number;
  readonly p99Latency: number;
  /** Upstream attempts since the start, how many ended with a 429, and how many in a timeout. */
  readonly attempts: number;
  readonly rateLimited: number;
  readonly timeouts: number;
  /** Mean tokens of a call that was answered. */
  readonly avgInputTokens: number;
  readonly avgOutputTokens: number;
  /** Dollars. */
  readonly costPerRequest: number;
  /** Upstream answers to a question answered before, and how many of them differ from the answer before. */
  readonly repeatedAnswers: number;
  readonly differingAnswers: number;
}

export interface LlmSettings {
  readonly model: string;
  /** A smaller model of the same provider; undefined when the model in use is the smallest known. */
  readonly fasterModel: string | undefined;
  /** Our own limit in requests a minute; undefined without one. */
  readonly requestsPerMinute: number | undefined;
  readonly timeoutMs: number;
  readonly maxTokens: number;
  readonly hasCache: boolean;
  readonly temperature: number;
}

const ENOUGH_CALLS = 20;
const ENOUGH_CALLS_FOR_P99 = 100;
const SLOW_MEAN_MS = 5000;
const SLOW_P99_MS = 30_000;
/** Shares of the attempts from which a trouble counts. */
const OFTEN_RATE_LIMITED = 0.01;
const OFTEN_TIMED_OUT = 0.01;
/** Share of the allowed tokens from which answers count as long: only then does a lower maximum save time. */
const LONG_ANSWER = 0.5;
const COSTLY_DOLLARS = 0.5;
/** Repeated answers needed, and the share of them that may differ. */
const ENOUGH_REPEATS = 20;
const OFTEN_DIFFERENT = 0.1;
/** The guide's temperature for consistent output. */
const CONSISTENT_TEMPERATURE = 0.2;
/** The guide's TTL for aggressive caching. */
const LONG_TTL = "'24h'";

/** What the figures say is wrong, and which option would change it. Empty when nothing is. */
export function diagnoseLlm(figures: LlmFigures, settings: LlmSettings): readonly Finding[] {
  return applyRules(RULES, figures, settings);
}

const RULES: readonly DiagnosisRule<LlmFigures, LlmSettings>[] = [
  modelIsLarge,
  providerLimitsRate,
  callsTimeOut,
  answersAreNotCached,
  answersDiffer,
];

function modelIsLarge(figures: LlmFigures, settings: LlmSettings): Finding | undefined {
  const slowMean = figures.requests >= ENOUGH_CALLS && figures.avgLatency > SLOW_MEAN_MS;
  const slowTail = figures.requests >= ENOUGH_CALLS_FOR_P99 && figures.p99Latency > SLOW_P99_MS;
  if (settings.fasterModel === undefined || !(slowMean || slowTail)) return undefined;
  return {
    id: 'high-llm-latency',
    symptom: 'high latency',
    cause: 'the model is large',
    evidence: `mean ${formatDuration(figures.avgLatency)}, p99 ${formatDuration(figures.p99Latency)} over ${figures.requests} calls of ${settings.model}`,
    solution: `withModel('${settings.fasterModel}')`,
  };
}

function providerLimitsRate(figures: LlmFigures, settings: LlmSettings): Finding | undefined {
  if (figures.attempts < ENOUGH_CALLS || figures.rateLimited < figures.attempts * OFTEN_RATE_LIMITED) return undefined;
  const limited = figures.rateLimited / figures.attempts;
  const current = settings.requestsPerMinute;
  const sustained = Math.min(current ?? Number.POSITIVE_INFINITY, figures.requestRate * 60) * (1 - limited);
  return {
    id: 'rate-limited',
    symptom: 'rate limit errors',
    cause: 'too many requests reach the provider',
    evidence: `${figures.rateLimited} of ${figures.attempts} attempts (${percent(limited)}) ended with 429; own limit ${current === undefined ? 'none' : `${current} a minute`}`,
    solution: `withRateLimiting(${Math.max(1, Math.floor(sustained))})`,
  };
}

function callsTimeOut(figures: LlmFigures, settings: LlmSettings): Finding | undefined {
  if (figures.attempts < ENOUGH_CALLS || figures.timeouts < figures.attempts * OFTEN_TIMED_OUT) return undefined;
  const answersAreLong = figures.avgOutputTokens >= settings.maxTokens * LONG_ANSWER;
  const fewerTokens = Math.max(1, Math.floor(settings.maxTokens / 2));
  return {
    id: 'timeouts',
    symptom: 'timeouts',
    cause: `the ${answersAreLong ? 'answers are' : 'context is'} long for the time allowed`,
    evidence: `${figures.timeouts} of ${figures.attempts} attempts timed out; limit ${formatDuration(settings.timeoutMs)}, mean ${Math.round(figures.avgInputTokens)} tokens in and ${Math.round(figures.avgOutputTokens)} out, at most ${settings.maxTokens} out`,
    solution: answersAreLong
      ? `withMaxTokens(${fewerTokens})`
      : `withTimeout(${durationLiteral(settings.timeoutMs * 2)})`,
  };
}

function answersAreNotCached(figures: LlmFigures, settings: LlmSettings): Finding | undefined {
  if (settings.hasCache || figures.requests < ENOUGH_CALLS || figures.costPerRequest <= COSTLY_DOLLARS)
    return undefined;
  return {
    id: 'high-cost',
    symptom: 'high costs',
    cause: 'answers are not cached',
    evidence: `$${figures.costPerRequest.toFixed(2)} a request over ${figures.requests} calls; no cache`,
    solution: `withCache(true, ${LONG_TTL})`,
  };
}

function answersDiffer(figures: LlmFigures, settings: LlmSettings): Finding | undefined {
  const { repeatedAnswers, differingAnswers } = figures;
  if (repeatedAnswers < ENOUGH_REPEATS || differingAnswers < repeatedAnswers * OFTEN_DIFFERENT) return undefined;
  if (settings.temperature <= CONSISTENT_TEMPERATURE) return undefined;
  return {
    id: 'inconsistent-output',
    symptom: 'inconsistent output',
    cause: 'the temperature is high',
    evidence: `${differingAnswers} of ${repeatedAnswers} answers to a repeated question differ from the one before; temperature ${settings.temperature}`,
    solution: `withTemperature(${CONSISTENT_TEMPERATURE})`,
  };
}
