/**
 * Tells what a cache decided: to its listeners, and to whoever subscribed to node:diagnostics_channel under
 * `sherd:cache:<kind>`. Only events without keys and values go to the channels, which any package may read.
 */
import { createDiagnostics } from '../telemetry/diagnostics.js';
import type { Emitter } from '../telemetry/emitter.js';
import type { CacheEvents } from './types.js';

type Announced = Pick<CacheEvents<unknown>, 'shards-resized' | 'tuner-decided' | 'alert' | 'alert-cleared'>;
export type Announce = <K extends keyof Announced>(kind: K, event: Announced[K]) => void;

const diagnostics = /* @__PURE__ */ createDiagnostics<Announced>('cache', [
  'shards-resized',
  'tuner-decided',
  'alert',
  'alert-cleared',
]);

export function createAnnounce<V>(emitter: Emitter<CacheEvents<V>>): Announce {
  return (kind, event) => {
    emitter.emit(kind, event as CacheEvents<V>[typeof kind]);
    if (diagnostics.hasSubscribers(kind)) diagnostics.publish(kind, event);
  };
}
