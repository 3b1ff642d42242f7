/**
 * One provider, and with it one set of connections, for all clients that reach it in the same way. Counts its users: the
 * last to leave closes it, at once or after a while in which another may come. Creating is synchronous, so no two can
 * create the same; what cannot be created is not remembered.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../core/clock.js';
import { ClosedError } from '../core/errors.js';
import type { Provider } from '../providers/provider.js';
import type { VendorProviderOptions } from '../providers/vendor-provider.js';
import { transportFingerprint } from '../transport/settings.js';

export interface ProviderInstanceMetrics {
  /** Instances that clients use now, and those that wait for another client. */
  readonly inUse: number;
  readonly idle: number;
  /** How often a client found an instance, and how often one was made, failed to be made, or was closed. */
  readonly reused: number;
  readonly created: number;
  readonly failed: number;
  readonly closed: number;
}

export interface Wanted {
  /** Equal for those who may share: `instanceKey`. */
  readonly key: string;
  create(): Provider;
  /** How long the instance waits for another client after the last has left. */
  readonly lingerMs: number;
}

export interface ProviderInstances {
  /** A handle whose close() gives the instance back. Throws what `create` throws. */
  acquire(wanted: Wanted): Provider;
  metrics(): ProviderInstanceMetrics;
}

interface Instance {
  readonly provider: Provider;
  users: number;
  cancelExpiry: (() => void) | undefined;
}

/** `maxIdle` bounds the instances that nobody uses; beyond it the longest idle one is closed. */
export function createProviderInstances(
  options: { readonly maxIdle?: number; readonly clock?: Clock } = {},
): ProviderInstances {
  const { maxIdle = 128, clock = systemClock } = options;
  const inUse = new Map<string, Instance>();
  const idle = new LRUCache<string, Instance>({
    max: maxIdle,
    dispose(instance, _key, reason) {
      instance.cancelExpiry?.();
      if (reason === 'evict') void end(instance);
    },
  });
  const counts = { reused: 0, created: 0, failed: 0, closed: 0 };

  function end({ provider }: Instance): Promise<void> | undefined {
    counts.closed++;
    return provider.close?.();
  }
  function take({ key, create }: Wanted): Instance {
    const known = inUse.get(key) ?? idle.peek(key);
    if (known !== undefined) {
      idle.delete(key);
      counts.reused++;
      return known;
    }
    try {
      const instance: Instance = { provider: create(), users: 0, cancelExpiry: undefined };
      counts.created++;
      return instance;
    } catch (error) {
      counts.failed++;
      throw error;
    }
  }
  function acquire(wanted: Wanted): Provider {
    const { key, lingerMs } = wanted;
    const instance = take(wanted);
    instance.users++;
    inUse.set(key, instance);
    return createHandle(instance.provider, async () => {
      instance.users--;
      if (instance.users > 0) return;
      inUse.delete(key);
      if (lingerMs === 0) {
        await end(instance);
        return;
      }
      idle.set(key, instance);
      instance.cancelExpiry = clock.setTimer(lingerMs, () => {
        idle.delete(key);
        void end(instance);
      });
    });
  }
  return {
    acquire,
    metrics: () => Object.freeze({ inUse: inUse.size, idle: idle.size, ...counts }),
  };
}

/** The instances of this thread. */
export const providerInstances: ProviderInstances = createProviderInstances();

/** What the providers of this thread's clients count. */
export function providerInstanceMetrics(): ProviderInstanceMetrics {
  return providerInstances.metrics();
}

/** What makes a provider what it is. A key is not among it: that comes with each call. */
export type InstanceParts = Omit<VendorProviderOptions, 'clock' | 'transports'> & {
  readonly name: string;
  readonly clock: Clock;
};

/** Equal for equal parts, whatever the order of their fields; a digest, since headers and proxies may hold secrets. O(bytes). */
export function instanceKey({ clock, settings, httpProxy, headers = {}, ...parts }: InstanceParts): string {
  const transport = transportFingerprint(settings, httpProxy);
  const fields = { ...parts, transport, clock: numberOf(clock) };
  return createHash('sha256')
    .update(JSON.stringify([entries(fields), entries(headers)]))
    .digest('hex');
}

function entries(record: object): readonly (readonly [string, unknown])[] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
}

const clockNumbers = new WeakMap<Clock, number>();
let clocks = 0;

/** Clocks are told apart by what they are: two fakes may show the same time and yet go apart. */
function numberOf(clock: Clock): number {
  const known = clockNumbers.get(clock);
  if (known !== undefined) return known;
  clockNumbers.set(clock, ++clocks);
  return clocks;
}

function createHandle(provider: Provider, giveBack: () => Promise<void>): Provider {
  const { name, endpoint, body, embed, maxEmbedTexts, prewarm } = provider;
  let closing: Promise<void> | undefined;
  const closed = (): ClosedError => new ClosedError(`the provider ${name} was closed`);
  return {
    name,
    endpoint,
    body,
    chat: (call) => (closing === undefined ? provider.chat(call) : refuse(closed())),
    ...(embed === undefined
      ? {}
      : { embed: (call) => (closing === undefined ? embed(call) : Promise.reject(closed())) }),
    ...(maxEmbedTexts === undefined ? {} : { maxEmbedTexts }),
    ...(prewarm === undefined ? {} : { prewarm }),
    get connections() {
      return provider.connections ?? 0;
    },
    close() {
      closing ??= giveBack();
      return closing;
    },
  };
}

// biome-ignore lint/correctness/useYield: it has nothing to say but the error.
async function* refuse(error: ClosedError): AsyncGenerator<never, void, undefined> {
  throw error;
}
