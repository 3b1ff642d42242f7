/**
 * The clients of the run, put together as the guide tells: one for each use case over one shared cache that tunes
 * itself; for chat two in tiers, a fast model for simple questions and a strong one for those that are complex or failed.
 */
import {
  withAutoTuneHysteresis,
  withAutoTuneInterval,
  withAutoTuning,
  withSeed as withCacheSeed,
  withWorkloadType,
} from '../cache/behaviour-options.js';
import { createShardedCache } from '../cache/create-sharded-cache.js';
import { withCapacity, withTTL } from '../cache/storage-options.js';
import type { ShardedCache } from '../cache/types.js';
import type { StoredAnswer } from '../llm/answer-cache.js';
import { withCache, withCacheScope, withSeed } from '../llm/answer-options.js';
import { withCircuitBreaker } from '../llm/breaker-options.js';
import type { ClientOption } from '../llm/create-client.js';
import { createClientForUseCase } from '../llm/factories.js';
import { withFallback, withRetryCount, withRetryDelay } from '../llm/protection-options.js';
import { withBaseURL, withModel } from '../llm/request-options.js';
import { createTieredClient } from '../llm/tiered-client.js';
import type { ChatClient, Client } from '../llm/types.js';
import type { Message } from '../protocol/chat.js';
import type { UseCase } from './events.js';
import { recordOf } from './records.js';
import type { DemoSettings } from './settings.js';
import { JOBS, type Job, type Upstream } from './upstream.js';

export type RunCache = ShardedCache<StoredAnswer>;

export interface Checkers {
  readonly byJob: Readonly<Record<Job, Client>>;
  close(): Promise<void>;
}

export interface DemoClients extends Checkers {
  /** Who is asked in each use case. */
  readonly of: Readonly<Record<UseCase, ChatClient>>;
}

const CACHE_CAPACITY = 10_000;
const SCOPE = 'demo';
const WORDS_OF_A_SIMPLE_QUESTION = 70;
const USE_CASE_OF_JOB: Readonly<Record<Job, UseCase>> = {
  chat: 'chat',
  'chat-complex': 'chat',
  codegen: 'codegen',
  docs: 'docs',
};

/** The cache that all clients share. */
export function createRunCache(settings: DemoSettings): RunCache {
  return createShardedCache<StoredAnswer>(
    withWorkloadType('read-heavy'),
    withCapacity(CACHE_CAPACITY),
    withTTL('1h'),
    withAutoTuning(true),
    withAutoTuneInterval(settings.tunerIntervalMs),
    withAutoTuneHysteresis(settings.tunerHysteresis),
    withCacheSeed(settings.seed),
  );
}

/** The clients that serve the workload, over `cache`. */
export function createClients(upstream: Upstream, settings: DemoSettings, cache: RunCache): DemoClients {
  const byJob = recordOf(JOBS, (job) =>
    createJobClient(
      upstream,
      job,
      withCache(cache),
      withCacheScope(SCOPE),
      withSeed(settings.seed),
      withRetryCount(1),
      withRetryDelay('50ms'),
      withCircuitBreaker({ successThreshold: 1, resetTimeout: settings.breakerResetMs }),
      ...fallbackOf(upstream, job),
    ),
  );
  const chat = createTieredClient(byJob.chat, byJob['chat-complex'], isComplex, { escalateOnError: true });
  return {
    of: { chat, codegen: byJob.codegen, docs: byJob.docs },
    byJob,
    close: () => closeAll(byJob),
  };
}

/** Clients that ask the provider every time and keep nothing: for checking what the others answer. */
export function createCheckers(upstream: Upstream): Checkers {
  const byJob = recordOf(JOBS, (job) => createJobClient(upstream, job, withCache(false)));
  return { byJob, close: () => closeAll(byJob) };
}

/** Who does a job is the same for all; how well it is protected and what is kept is the caller's. */
function createJobClient(upstream: Upstream, job: Job, ...options: readonly ClientOption[]): Client {
  const { provider, baseUrl } = upstream;
  const model = upstream.modelOf(job);
  return createClientForUseCase(
    provider,
    undefined,
    USE_CASE_OF_JOB[job],
    ...(baseUrl === undefined ? [] : [withBaseURL(baseUrl)]),
    ...(model === undefined ? [] : [withModel(model)]),
    ...options,
  );
}

/** The fast model has no fallback of its own: what it fails goes to the strong model, which has one. */
function fallbackOf({ provider, fallback }: Upstream, job: Job): readonly ClientOption[] {
  if (fallback === undefined || job === 'chat') return [];
  return [withFallback([{ provider, baseUrl: fallback.baseUrl, model: fallback.modelOf(job) }])];
}

/** A question of many words is taken for a complex one. */
export function isComplex(messages: readonly Message[]): boolean {
  const question = messages.at(-1)?.content;
  return typeof question === 'string' && question.split(/\s+/).length > WORDS_OF_A_SIMPLE_QUESTION;
}

async function closeAll(clients: Readonly<Record<Job, Client>>): Promise<void> {
  await Promise.all(Object.values(clients).map((client) => client.close()));
}
