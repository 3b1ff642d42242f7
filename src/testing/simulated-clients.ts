/**
 * The clients that the simulator is run over in this house, each in a weather of its own: by the tests, and by
 * `sherd simulate`. What must hold of them is the oracles' business.
 */
import { withCapacity, withDefaultTTL, withShardCount } from '../cache/storage-options.js';
import { withCache, withClock, withSeed } from '../llm/answer-options.js';
import { withCircuitBreaker } from '../llm/breaker-options.js';
import { type ClientOption, createClient } from '../llm/create-client.js';
import { withAdaptiveConcurrency, withQueue, withRateLimiting } from '../llm/limit-options.js';
import {
  withFallback,
  withFirstTokenTimeout,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withStreamIdleTimeout,
  withTimeout,
  withTotalTimeout,
} from '../llm/protection-options.js';
import { withModel, withProvider } from '../llm/request-options.js';
import type { Client } from '../llm/types.js';
import type { ScriptedProvider } from './scripted-provider.js';
import type { SimulationOptions } from './simulate.js';
import type { SimulationLimits, SimulationParts } from './simulation.js';

/** A client, what it is put through, and what it promises. */
export interface SimulatedSetting extends Omit<SimulationOptions, 'seed' | 'trace'> {
  /** One word, for the command line. */
  readonly name: string;
}

/** The parts of a run as options: the first provider, the others behind it. */
export function basicOptions(
  { seed, clock, providers }: SimulationParts,
  mode: Parameters<typeof withFallback>[1] = {},
): readonly ClientOption[] {
  const [primary, ...others] = providers.map((provider) => ({ provider, model: 'sim' }));
  return [
    withProvider((primary as { provider: ScriptedProvider }).provider),
    withModel('sim'),
    ...(others.length === 0 ? [] : [withFallback(others, mode)]),
    withClock(clock),
    withSeed(seed),
    withRetryDelay(200),
  ];
}

export const simulatedTimeouts: readonly ClientOption[] = [
  withTimeout(8_000),
  withFirstTokenTimeout(3_000),
  withStreamIdleTimeout(1_000),
];
const answers = withCache(withShardCount(1), withCapacity(100), withDefaultTTL('5s'));
const breaker = withCircuitBreaker({ failureThreshold: 3, successThreshold: 2, resetTimeout: 1_000 });
const totalTimeout = withTotalTimeout(20_000);

function clientOf(
  parts: SimulationParts,
  mode: Parameters<typeof withFallback>[1],
  ...options: readonly ClientOption[]
): Client {
  return createClient(...basicOptions(parts, mode), ...simulatedTimeouts, breaker, ...options);
}

/** Cache, retries, fallback, breaker and all timeouts. */
export function createGuardedClient(parts: SimulationParts): Client {
  return clientOf(parts, {}, answers, totalTimeout, withRetryCount(2));
}
const PATIENT_RETRIES = 3;

/** What it promises, over two providers. */
export const guardedLimits: SimulationLimits = {
  attemptsPerCall: 6,
  retries: { share: 0.2, minPerSecond: 3 },
  callMs: 20_000,
};

export const simulatedSettings: readonly SimulatedSetting[] = [
  {
    name: 'guarded',
    client: createGuardedClient,
    scenario: { questions: 20, uncached: 0.3 },
    limits: guardedLimits,
  },
  {
    // Without cache and fallback, under heavy faults.
    name: 'alone',
    client: (parts) => clientOf(parts, {}, withRetryCount(3)),
    scenario: {
      providers: 1,
      calls: 150,
      outages: { everyMs: 5_000, lastMs: 1_000 },
      faults: { unavailable: 0.2, throttled: 0.2, cut: 0.15, stall: 0.1, error: 0.15 },
    },
    limits: { attemptsPerCall: 4, retries: { share: 0.2, minPerSecond: 3 } },
  },
  {
    // All ask the same question, and many leave.
    name: 'stampede',
    client: createGuardedClient,
    scenario: {
      questions: 1,
      uncached: 0.5,
      faults: { cut: 0.15, throttled: 0.1 },
      tenants: 0,
      everyMs: { minMs: 0, maxMs: 20 },
      aborts: 0.5,
      leaves: 0.2,
      outages: { everyMs: 400, lastMs: 200 },
    },
    limits: guardedLimits,
  },
  {
    // Three targets, no retries.
    name: 'fallback',
    client: (parts) => clientOf(parts, {}, answers),
    scenario: { providers: 3, streams: 0.3, outages: { everyMs: { minMs: 500, maxMs: 4_000 }, lastMs: 3_000 } },
    limits: { attemptsPerCall: 3 },
  },
  {
    name: 'race',
    client: (parts) => clientOf(parts, { mode: 'race' }, answers, totalTimeout),
    scenario: { questions: 20, uncached: 0.3 },
    limits: { attemptsPerCall: 2, callMs: 20_000 },
  },
  {
    // With a queue, a rate limit and concurrency that adapts.
    name: 'hedge',
    client: (parts) =>
      clientOf(
        parts,
        { mode: 'hedge', hedgeDelay: 400, hedgeShare: 0.5 },
        answers,
        totalTimeout,
        withRetryCount(1),
        withRateLimiting(600),
        withAdaptiveConcurrency(),
        withQueue({ maxSize: 20 }),
      ),
    scenario: { questions: 20, uncached: 0.3, everyMs: { minMs: 0, maxMs: 100 } },
    limits: { attemptsPerCall: 4, callMs: 20_000 },
  },
  {
    // Few questions, asked by the patient and the impatient at the same time, before one place and a slow rate.
    name: 'patience',
    client: (parts) =>
      createClient(
        ...basicOptions(parts),
        ...simulatedTimeouts,
        withCache(withShardCount(1), withCapacity(100), withDefaultTTL(200)),
        withRetryCount(PATIENT_RETRIES),
        withRetryBudget({ share: 1, minPerSecond: 1_000 }),
        withRateLimiting({ requestsPerMinute: 90, requestBurst: 3 }),
        withAdaptiveConcurrency({ min: 2, max: 2, initial: 2 }),
        withQueue(),
      ),
    scenario: {
      providers: 1,
      calls: 90,
      questions: 3,
      tenants: 0,
      patience: { share: 0.8, totalTimeoutMs: { minMs: 200, maxMs: 30_000 } },
      faults: { unavailable: 0.2, throttled: 0.2, slow: 0.15, error: 0.1, cut: 0.1 },
    },
    limits: {
      attemptsPerCall: 1 + PATIENT_RETRIES,
      owedRetries: { count: PATIENT_RETRIES, jitterMs: 200 * 2 ** (PATIENT_RETRIES - 1) },
    },
  },
];
