/** Builds a client from options: resolves them, makes the parts, wires them once. */
import { withClock } from '../cache/behaviour-options.js';
import { type CacheOption, createShardedCache } from '../cache/create-sharded-cache.js';
import type { ShardedCache } from '../cache/types.js';
import { createStopwatch, systemClock } from '../core/clock.js';
import { createRandom, createSeed } from '../core/random.js';
import type { Option } from '../options/option.js';
import { resolve } from '../options/resolve.js';
import { RetryBudget } from '../resilience/retry-budget.js';
import { ShareBudget } from '../resilience/share-budget.js';
import { Emitter } from '../telemetry/emitter.js';
import { watchAlerts } from './alert-timer.js';
import { clientDiagnostics } from './announced.js';
import { type AnswerCache, isAnswerCache, type StoredAnswer } from './answer-cache.js';
import { Breakers } from './breakers.js';
import { baseScope, CacheScopes } from './cache-scopes.js';
import { LlmClient } from './client.js';
import type { LlmConfig } from './config.js';
import { createEmbedder } from './embed/embedder.js';
import type { ClientEvents } from './event-types.js';
import { ClientLog } from './metrics.js';
import { createPipeline, type PipelineParts } from './pipeline.js';
import { RepeatWatch } from './repeats.js';
import { createRoute } from './router.js';
import { Runs } from './runs.js';
import { llmScope } from './scope.js';
import { TargetWatch } from './target-watch.js';
import { createTargets } from './targets.js';
import type { Client } from './types.js';
import { UpstreamFigures } from './upstream-figures.js';

/** Any option of the client. */
export type ClientOption = Option<'llm', Partial<LlmConfig>>;

/**
 * A client for chat models. Without options: OpenAI, its balanced model, the key from OPENAI_API_KEY, no cache, no retries.
 * Throws one ConfigError that lists every bad option.
 */
export function createClient(...options: readonly ClientOption[]): Client {
  const resolved = resolve(llmScope, options);
  const { config } = resolved;
  const { clock } = config;
  const log = new ClientLog(config.metrics, clock);
  const { counters } = log;
  const targets = createTargets(config, counters);
  const upstream = new UpstreamFigures(targets.list);
  const emitter = new Emitter<ClientEvents>(clientDiagnostics);
  const own = createOwnCache(config);
  const isShared = isAnswerCache(config.cache);
  const cache: AnswerCache | undefined = isAnswerCache(config.cache) ? config.cache : own;
  const breakers = new Breakers({
    settings: config.circuitBreaker,
    clock,
    onTransition(guarded, { from, to, atMs }) {
      if (to === 'open') counters.breakerOpenings++;
      emitter.emit('breaker-changed', { ...guarded, from, to, atMs });
    },
  });
  const stopwatch = createStopwatch(clock);
  // On an injected clock nobody is late.
  const runs = new Runs(clock, config.metrics && clock === systemClock);
  const watch = config.router !== undefined || config.fallback?.mode === 'hedge' ? new TargetWatch(clock) : undefined;
  const route =
    config.router === undefined || watch === undefined
      ? undefined
      : createRoute({
          settings: config.router,
          model: config.model,
          targets: targets.list,
          watch,
          breakers,
          clock,
          stopwatch,
          onRoute(event) {
            log.routeChosen(event);
            emitter.emit('route-chosen', event);
          },
        });
  const parts: PipelineParts = {
    clock,
    stopwatch,
    random: createRandom(config.seed ?? createSeed()),
    targets: targets.list,
    plugins: config.plugins,
    cache,
    negativeCache: config.negativeCache,
    semanticCache: config.semanticCache,
    runs,
    breakers,
    counters,
    budget: new RetryBudget({ clock, ...config.retryBudget }),
    fallback: config.fallback,
    watch,
    route,
    hedges: config.fallback?.mode === 'hedge' ? new ShareBudget({ share: config.fallback.hedgeShare }) : undefined,
    onHit: (event) => emitter.emit('cache-hit', event),
    onRetry: (event) => emitter.emit('retry', event),
    onFallback(event) {
      counters.fallbacks++;
      emitter.emit('fallback', event);
    },
    onHedge(event) {
      counters.hedges++;
      emitter.emit('hedge', event);
    },
    onContestWon(event) {
      if (event.isHedge) counters.hedgeWins++;
      emitter.emit('contest-won', event);
    },
    onUpstream(event, error) {
      log.upstreamEnded(event, error);
      upstream.record(event, config.metrics);
      emitter.emit('upstream-call', event);
    },
    onStart: (event) => emitter.emit('call-started', event),
    onEnd(event) {
      log.callEnded(event);
      emitter.emit('call-ended', event);
    },
  };
  const alerts = config.alerts === undefined ? undefined : watchAlerts(config.alerts, log, emitter, clock);
  return new LlmClient({
    resolved,
    targets,
    pipeline: createPipeline(parts),
    embedder: createEmbedder(parts),
    stopwatch,
    runs,
    scopes: new CacheScopes(baseScope(config.cacheScope, config, isShared)),
    log,
    repeats: new RepeatWatch(),
    breakers,
    upstream,
    alerts,
    emitter,
    async dispose() {
      alerts?.end();
      await own?.close();
    },
  });
}

/** The cache that only this client uses, on the client's clock; undefined when there is none or it was given one. */
function createOwnCache({ cache, clock }: Readonly<LlmConfig>): ShardedCache<StoredAnswer> | undefined {
  if (cache === false || isAnswerCache(cache)) return undefined;
  // The options were checked, their scope included, when the client's were.
  return createShardedCache<StoredAnswer>(withClock(clock), ...(cache as readonly CacheOption<StoredAnswer>[]));
}
