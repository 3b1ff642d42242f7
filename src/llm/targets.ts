/** Makes the targets of a client: providers over shared transports, each with its limiter. */
import { ConfigError } from '../core/errors.js';
import { transportSettings } from '../profiles/transport.js';
import { createLocalProvider } from '../providers/local/provider.js';
import type { Provider } from '../providers/provider.js';
import { createVendorProvider } from '../providers/vendor-provider.js';
import { vendors } from '../providers/vendors.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import type { TransportSettings } from '../transport/settings.js';
import type { LlmConfig } from './config.js';
import type { ProviderName } from './provider-names.js';
import { resolveTarget, type Target, type TargetSettings } from './target.js';

export interface Targets {
  /** The primary first. */
  readonly list: readonly [Target, ...Target[]];
  /** Closes what was made here: limiters, and providers but those of the caller. Idempotent. */
  close(): Promise<void>;
}

/** Throws a ConfigError for what the settings did not show: headers or URLs that a provider refuses. */
export function createTargets(config: Readonly<LlmConfig>): Targets {
  const list: Target[] = [];
  const made: Provider[] = [];
  const close = async (): Promise<void> => {
    for (const { limiter } of list) limiter?.close();
    await Promise.allSettled(made.map((provider) => provider.close?.()));
  };
  try {
    for (const settings of settingsOfTargets(config)) {
      const { apiKey, model, name } = resolveTarget(settings);
      if (model === undefined) throw missingModel(name);
      const provider =
        typeof settings.provider === 'string' ? createProvider(settings.provider, settings, config) : settings.provider;
      if (provider !== settings.provider) made.push(provider);
      list.push(Object.freeze({ index: list.length, provider, apiKey, model, limiter: createLimiter(config) }));
    }
  } catch (error) {
    void close();
    throw error;
  }
  // The settings of the primary come first, so there is at least one.
  return { list: Object.freeze(list) as unknown as Targets['list'], close };
}

function settingsOfTargets(config: Readonly<LlmConfig>): readonly TargetSettings[] {
  const others = config.fallback?.targets ?? [];
  return [config, ...others.map((target) => ({ ...target, modelTier: target.modelTier ?? config.modelTier }))];
}

function createProvider(name: ProviderName, target: TargetSettings, config: Readonly<LlmConfig>): Provider {
  if (name === 'local') return createLocalProvider();
  const vendor = vendors.get(name);
  if (vendor === undefined)
    throw new ConfigError('provider', [
      { path: 'provider', expected: 'a known provider', received: name, setBy: 'withProvider' },
    ]);
  // Headers and organization may be credentials of the primary's vendor: nobody else gets them.
  const own = target === config ? { organization: config.organizationId, headers: config.customHeaders } : {};
  return createVendorProvider(vendor, {
    ...own,
    settings: connectionSettings(config),
    baseURL: target.baseUrl,
    httpProxy: config.proxyUrl?.reveal(),
    clock: config.clock,
  });
}

function connectionSettings({ transport, connectionPool }: Readonly<LlmConfig>): TransportSettings {
  const settings = transportSettings(transport);
  if (connectionPool === undefined) return settings;
  const maxConnections = Math.max(connectionPool, settings.maxConnections);
  return transportSettings(
    transport,
    { maxConnectionsPerOrigin: connectionPool, maxConnections },
    'withConnectionPool',
  );
}

function createLimiter({ requestsPerMinute, rateLimitAlgorithm, clock }: Readonly<LlmConfig>): RateLimiter | undefined {
  if (requestsPerMinute === undefined) return undefined;
  return new RateLimiter({ clock, limit: requestsPerMinute, algorithm: rateLimitAlgorithm });
}

function missingModel(name: string): ConfigError {
  return new ConfigError('llm options', [
    { path: 'model', expected: `a model for ${name} by withModel`, received: 'none', setBy: 'default' },
  ]);
}
