/**
 * The events of clients on node:diagnostics_channel, as `sherd:llm:<kind>`. Every kind goes there: none holds a prompt, an
 * answer, a key or a scope.
 */
import { createDiagnostics, type Diagnostics } from '../telemetry/diagnostics.js';
import type { ClientEvents } from './event-types.js';

/** An object, so that a kind that is missing does not compile. */
const KINDS: Readonly<Record<keyof ClientEvents, true>> = {
  'call-started': true,
  'call-ended': true,
  'upstream-call': true,
  'cache-hit': true,
  'breaker-changed': true,
  'contest-won': true,
  'alert-cleared': true,
  retry: true,
  fallback: true,
  'route-chosen': true,
  hedge: true,
  alert: true,
  closed: true,
};

export const clientDiagnostics: Diagnostics<ClientEvents> = /* @__PURE__ */ createDiagnostics<ClientEvents>(
  'llm',
  Object.keys(KINDS) as (keyof ClientEvents)[],
);
