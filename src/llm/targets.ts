/** Makes the targets of a client: shared providers, each behind a gate of the client's own. */
import { assert } from '../core/assert.js';
import { transportSettings } from '../profiles/transport.js';
import { createLocalProvider } from '../providers/local/provider.js';
import type { Provider } from '../providers/provider.js';
import { createVendorProvider } from '../providers/vendor-provider.js';
import { vendors } from '../providers/vendors.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import type { TransportSettings } from '../transport/settings.js';
import type { LlmConfig, QueueSettings, TransportChoice } from './config.js';
import { Gate, type GateParts } from './gate.js';
import { KeyRing } from './key-ring.js';
import type { ClientCounters } from './metrics.js';
import { Places } from './places.js';
import { instanceKey, providerInstances } from './provider-instances.js';
import type { ProviderName } from './provider-names.js';
import { resolveTarget, type TargetSettings } from './resolve-target.js';
import { Spending } from './spending.js';
import type { Target } from './target.js';

export interface Targets {
  /** The primary first, then the candidates of the router, then the targets of the fallback. */
  readonly list: readonly [Target, ...Target[]];
  /** Closes what was made here: limiters, and providers but those of the caller. Idempotent. */
  close(): Promise<void>;
}

/** Before places that find their number, when no queue is asked for. */
const DEFAULT_QUEUE: QueueSettings = { maxSize: 1000, mode: 'drop', maxWaitMs: undefined };

/** For a config that was checked. Throws a ConfigError for what shows only now: headers that cannot be sent, a bad proxy. */
export function createTargets(config: Readonly<LlmConfig>, counters: ClientCounters): Targets {
  const made: Provider[] = [];
  const others: Target[] = [];
  const spending = config.budget === undefined ? undefined : new Spending(config.budget, config.clock);
  async function close(): Promise<void> {
    for (const { gate } of [primary, ...others]) gate.close();
    await Promise.allSettled(made.map((provider) => provider.close?.()));
  }
  function create(index: number, settings: TargetSettings): Target {
    const { apiKey, baseUrl, model } = resolveTarget(settings);
    assert(model.value !== undefined, 'a checked target has a model');
    let { provider } = settings;
    if (typeof provider === 'string') {
      provider = createProvider(provider, index, baseUrl.value, config);
      made.push(provider);
    }
    const { clock } = config;
    const keys = new KeyRing(provider.name, apiKey.value ?? [], clock);
    const places = createPlaces(config);
    const { name } = provider;
    const gate = new Gate({ clock, counters, provider: name, keys, spending, places, ...createLimiters(config) });
    return Object.freeze({ index, provider, model: model.value, gate });
  }

  const primary = create(0, config);
  try {
    for (const target of [...(config.router?.candidates ?? []), ...(config.fallback?.targets ?? [])]) {
      others.push(create(others.length + 1, { ...target, modelTier: target.modelTier ?? config.modelTier }));
    }
  } catch (error) {
    void close();
    throw error;
  }
  return { list: [primary, ...others], close };
}

function createProvider(
  name: ProviderName,
  index: number,
  baseURL: string | undefined,
  config: Readonly<LlmConfig>,
): Provider {
  if (name === 'local') return createLocalProvider();
  const vendor = vendors.get(name);
  assert(vendor !== undefined, 'every provider but the local one has a row');
  const settings = connectionSettings(config);
  const options = {
    // They may be credentials of the primary's vendor: nobody else gets them.
    ...(index === 0 ? { organization: config.organizationId, headers: config.customHeaders } : {}),
    settings,
    baseURL,
    httpProxy: config.proxyUrl?.reveal(),
  };
  const { clock } = config;
  return providerInstances.acquire({
    key: instanceKey({ name, clock, ...options }),
    create: () => createVendorProvider(vendor, { ...options, clock }),
    lingerMs: settings.lingerMs ?? 0,
  });
}

function connectionSettings({ transport, connectionPool }: Readonly<LlmConfig>): TransportSettings {
  const { profile, ...overrides }: TransportChoice = typeof transport === 'string' ? { profile: transport } : transport;
  const settings = transportSettings(profile, overrides);
  if (connectionPool === undefined) return settings;
  const maxConnections = Math.max(connectionPool, settings.maxConnections);
  return Object.freeze({ ...settings, maxConnectionsPerOrigin: connectionPool, maxConnections });
}

function createLimiters(config: Readonly<LlmConfig>): Pick<GateParts, 'requests' | 'tokens'> {
  const { requestsPerMinute, requestBurst, tokensPerMinute, tokenBurst, rateLimitAlgorithm: algorithm, clock } = config;
  const limiterOf = (limit: number | undefined, burst: number | undefined): RateLimiter | undefined =>
    limit === undefined ? undefined : new RateLimiter({ clock, limit, burst, algorithm });
  return { requests: limiterOf(requestsPerMinute, requestBurst), tokens: limiterOf(tokensPerMinute, tokenBurst) };
}

function createPlaces(config: Readonly<LlmConfig>): Places | undefined {
  const { clock, queue, adaptiveConcurrency: adaptive } = config;
  if (queue === undefined && adaptive === undefined) return undefined;
  const permits = connectionSettings(config).maxConnectionsPerOrigin;
  return new Places({ clock, queue: queue ?? DEFAULT_QUEUE, adaptive, permits });
}
