/** The vocabulary of a simulation: what is asked, what goes wrong, what happens, and what may never happen. Types only. */
import type { ClientEvents } from '../llm/event-types.js';
import type { ChatClient, ChatResponse, Client } from '../llm/types.js';
import type { FakeClock } from './fake-clock.js';
import type { Latency } from './latency.js';
import type { ScriptedProvider } from './scripted-provider.js';

export type SimulatedFault = 'unavailable' | 'throttled' | 'reset' | 'error' | 'cut' | 'stall' | 'slow';

/** The load and the weather. Shares are 0 to 1. */
export interface SimulationScenario {
  /** Default 60. */
  readonly calls?: number;
  /** Time between two calls. Default 0 to 300 ms. */
  readonly everyMs?: Latency;
  /** Different questions; few of them make many equal calls. Default 8. */
  readonly questions?: number;
  /** Callers that must not see each other's answers: each names its `scope`. 0: no call names one. Default 2. */
  readonly tenants?: number;
  /** The first is the primary. Default 2. */
  readonly providers?: number;
  /** Calls that are streams. Default 0.6. */
  readonly streams?: number;
  /** Calls whose signal aborts some time after their begin, if they still run then. Default 0.15. */
  readonly aborts?: number;
  /** Streams that their reader leaves after a few chunks. Default 0.05. */
  readonly leaves?: number;
  /** Calls with `cache: false`. Default 0.1. */
  readonly uncached?: number;
  /** Calls that name a total timeout of their own, and which. Default: 0.3 of them, 0.5 to 15 s. */
  readonly patience?: { readonly share: number; readonly totalTimeoutMs: Latency };
  /** Most words of an answer beside its mark and checksum. Default 8. */
  readonly words?: number;
  /** Of healthy attempts. Default a median of 150 ms with a 99th percentile of 900 ms, and 0 to 40 ms a chunk. */
  readonly latency?: { readonly firstMs: Latency; readonly chunkMs: Latency };
  /** Share of attempts that each fault strikes. Default 0.06 each. */
  readonly faults?: Partial<Record<SimulatedFault, number>>;
  /** Times in which a provider fails every attempt. Default: every 2 to 12 s, for 0.5 to 5 s. */
  readonly outages?: { readonly everyMs: Latency; readonly lastMs: Latency };
}

/** What is promised; left out is what is not. */
export interface SimulationLimits {
  /** Attempts that one call may cause: targets, times 1 + retries. */
  readonly attemptsPerCall?: number;
  /** Retries over all calls: a share of the calls, plus so many a second (withRetryBudget). */
  readonly retries?: { readonly share: number; readonly minPerSecond: number };
  /** Longest time of a call that names none of its own (withTotalTimeout). */
  readonly callMs?: number;
  /**
   * Retries that a call is owed before it fails of a refusal, as long as it has time for the wait that was asked for, and
   * so much jitter. For clients of one provider, without a breaker, whose retry budget is never used up.
   */
  readonly owedRetries?: { readonly count: number; readonly jitterMs: number };
}

/** What a client is to be made of. */
export interface SimulationParts {
  readonly seed: number;
  readonly clock: FakeClock;
  readonly providers: readonly ScriptedProvider[];
}

/** What can be simulated: a client, or what wraps one. */
export type SimulatedClient = ChatClient & Partial<Pick<Client, 'on' | 'metrics'>>;

export interface SimulatedCall {
  readonly id: number;
  readonly question: number;
  readonly tenant: number;
  readonly kind: 'chat' | 'stream';
  readonly isCached: boolean;
  /** The total timeout that it names; undefined: the client's own holds. */
  readonly totalTimeoutMs: number | undefined;
  readonly startedAtMs: number;
  /** When its signal aborted while it ran. */
  readonly abortedAtMs: number | undefined;
  readonly settledAtMs: number | undefined;
  /** 'left': its reader left the stream. */
  readonly outcome: 'running' | 'answered' | 'failed' | 'aborted' | 'left';
  /** What has come of the text. */
  readonly text: string;
  readonly response: ChatResponse | undefined;
  /** What it was rejected with. */
  readonly error: unknown;
  readonly signal: AbortSignal;
}

export interface SimulatedAttempt {
  /** From 0, over all providers. */
  readonly id: number;
  readonly provider: string;
  readonly question: number;
  readonly tenant: number;
  readonly fault: SimulatedFault | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** 'answered' only once the provider has finished. */
  readonly outcome: 'running' | 'answered' | 'failed' | 'aborted';
}

export type SimulationEvent =
  | { readonly kind: 'call-started' | 'call-chunk' | 'call-aborted' | 'call-settled'; readonly call: SimulatedCall }
  | { readonly kind: 'attempt-started' | 'attempt-chunk' | 'attempt-ended'; readonly attempt: SimulatedAttempt }
  | ClientEvent;

/** What the client tells of itself, if it tells. */
export type ClientEvent = {
  readonly [K in WatchedEvent]: { readonly kind: K; readonly event: ClientEvents[K] };
}[WatchedEvent];
export type WatchedEvent = 'retry' | 'fallback' | 'breaker-changed' | 'cache-hit' | 'upstream-call' | 'call-ended';

/** What an oracle may look at. */
export interface SimulationView {
  readonly clock: FakeClock;
  readonly limits: SimulationLimits;
  readonly providers: readonly ScriptedProvider[];
  readonly calls: readonly SimulatedCall[];
  readonly attempts: readonly SimulatedAttempt[];
  /** Abort listeners on the signals of the calls. */
  listeners(): number;
  /** Calls under way by the client's own count; undefined where it tells none. */
  active(): number | undefined;
}

/** A rule that must hold in every run. */
export interface Oracle {
  readonly name: string;
  /** Begins to watch one run. */
  watch(view: SimulationView): OracleWatch;
}

/** Each says what is wrong; undefined when nothing is. */
export interface OracleWatch {
  /** Asked after every event. */
  after?(event: SimulationEvent): string | undefined;
  /** Asked once all calls have settled, nothing is under way any more, and the client is closed. */
  atEnd?(): string | undefined;
}

export interface Violation {
  readonly oracle: string;
  readonly problem: string;
  readonly atMs: number;
  /** Number of the event, from 1. */
  readonly event: number;
}

export interface SimulationResult {
  readonly seed: number;
  /** Over all events, their moments and their order: equal for equal seeds. */
  readonly hash: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly attempts: number;
  readonly outcomes: Readonly<Record<Exclude<SimulatedCall['outcome'], 'running'>, number>>;
  /** Attempts struck by each fault. */
  readonly faults: Readonly<Partial<Record<SimulatedFault, number>>>;
  /** The first of each oracle, in their order; empty when every oracle held. */
  readonly violations: readonly Violation[];
  /** Empty unless it was asked for. */
  readonly trace: readonly string[];
}
