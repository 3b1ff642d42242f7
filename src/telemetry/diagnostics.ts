/**
 * Events on node:diagnostics_channel, one channel a kind, named `sherd:<area>:<kind>`. Costs a property read while
 * nobody has subscribed. What a subscriber throws is Node's business: it becomes an uncaught exception, later.
 */
import { type Channel, channel } from 'node:diagnostics_channel';

/** `Events` maps each kind to its message. */
export interface Diagnostics<Events extends object> {
  /** Ask before building a message. */
  hasSubscribers(kind: keyof Events): boolean;
  publish<K extends keyof Events>(kind: K, message: Events[K]): void;
}

/** The channels of one area; the list of kinds has to name them all. */
export function createDiagnostics<Events extends object>(
  area: string,
  kinds: readonly (keyof Events & string)[],
): Diagnostics<Events> {
  const channels = new Map<keyof Events, Channel>(kinds.map((kind) => [kind, channel(`sherd:${area}:${kind}`)]));
  return {
    hasSubscribers: (kind) => channels.get(kind)?.hasSubscribers ?? false,
    publish: (kind, message) => channels.get(kind)?.publish(message),
  };
}
