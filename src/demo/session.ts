/** What the steps of one run share. */
import type { Checkers, DemoClients, RunCache } from './clients.js';
import type { EventLog } from './event-log.js';
import type { Question } from './questions.js';
import type { ProviderServer } from './server-process.js';
import type { DemoSettings } from './settings.js';
import type { Terminal } from './terminal.js';
import type { Upstream } from './upstream.js';

export interface Session {
  readonly settings: DemoSettings;
  readonly upstream: Upstream;
  /** The server that the outage takes down; undefined when the provider is a real one. */
  readonly primary: ProviderServer | undefined;
  readonly cache: RunCache;
  readonly clients: DemoClients;
  readonly checkers: Checkers;
  /** The most popular first. */
  readonly questions: readonly Question[];
  readonly log: EventLog;
  readonly terminal: Terminal;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Aborting it ends the run with what there is. */
  readonly signal: AbortSignal;
}
