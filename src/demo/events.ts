/**
 * What the event log of the main job holds: one record for each thing that happened, in order of time.
 * Every figure of the report is computed from these records and from nothing else. Questions appear by their number
 * and answers by their digest: no prompt and no answer is logged.
 */

export type UseCase = 'chat' | 'codegen' | 'docs';
export const USE_CASES: readonly UseCase[] = ['chat', 'codegen', 'docs'];

/** 'hit': from the cache. 'shared': rode on another caller's flight. 'miss': went upstream. 'failed': no answer. */
export type Outcome = 'hit' | 'shared' | 'miss' | 'failed';
export type TargetName = 'primary' | 'fallback';
export type BreakerState = 'closed' | 'open' | 'half-open';

/** US dollars a million tokens of a model, as listed on a day. */
export interface ListPrice {
  readonly provider: string;
  readonly model: string;
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  readonly asOf: string;
}

export interface RunStarted {
  readonly kind: 'run-started';
  readonly atMs: number;
  /** Calendar time in ISO 8601. */
  readonly startedAt: string;
  readonly version: string;
  readonly node: string;
  readonly cpus: number;
  readonly seed: number;
  readonly provider: string;
  /** The law of the repeats: question of rank k is asked in proportion to 1 / k ** zipfExponent. */
  readonly zipfExponent: number;
  readonly tunerIntervalMs: number;
  readonly tunerHysteresis: number;
  /** The models that would do each job, by the job's name. */
  readonly prices: Readonly<Record<string, ListPrice>>;
}
export interface CorpusRead {
  readonly kind: 'corpus-read';
  readonly atMs: number;
  readonly packages: number;
  readonly documents: number;
  readonly bytes: number;
  readonly questions: Readonly<Record<UseCase, number>>;
}
/** The questions answered by warmupCache() before the workload began. */
export interface Warmed {
  readonly kind: 'warmed';
  readonly atMs: number;
  readonly useCase: UseCase;
  readonly questions: readonly string[];
  readonly failed: number;
  readonly job: string;
  /** Tokens of all the answers it asked for. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}
export interface PhaseBegan {
  readonly kind: 'phase-began';
  readonly atMs: number;
  readonly phase: string;
  readonly title: string;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
}
/** One request of the workload. */
export interface Call {
  readonly kind: 'call';
  /** When the answer was complete. */
  readonly atMs: number;
  /** Place in the order of issue, from 0. */
  readonly sequence: number;
  readonly phase: string;
  readonly useCase: UseCase;
  readonly question: string;
  readonly outcome: Outcome;
  readonly stream: boolean;
  /** From the call to the whole answer. */
  readonly latencyMs: number;
  /** Key of RunStarted.prices. */
  readonly job: string;
  readonly answeredBy?: TargetName;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** First 16 hex digits of the answer's SHA-256. */
  readonly digest?: string;
  readonly errorCode?: string;
}
/** One attempt at a provider, as the client made it. */
export interface UpstreamCalled {
  readonly kind: 'upstream';
  readonly atMs: number;
  readonly job: string;
  readonly target: TargetName;
  readonly model: string;
  /** 'ok' or the code of the error. */
  readonly result: string;
}
export interface FellBack {
  readonly kind: 'fallback';
  readonly atMs: number;
  readonly job: string;
  /** Models. */
  readonly from: string;
  readonly to: string;
  /** Code of the error. */
  readonly reason: string;
}
/** A simple question that the strong model answered, since the fast one failed. */
export interface Escalated {
  readonly kind: 'escalated';
  readonly atMs: number;
  readonly useCase: UseCase;
  readonly question: string;
}
export interface BreakerChanged {
  readonly kind: 'breaker';
  readonly atMs: number;
  readonly job: string;
  readonly target: TargetName;
  readonly model: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}
export interface TunerFigures {
  readonly hitRatio: number;
  /** Of the cache's own reads. */
  readonly p99GetMs: number;
}
export interface TunerDecided {
  readonly kind: 'tuner';
  readonly atMs: number;
  readonly action: string;
  readonly reason: string;
  readonly tier: string;
  readonly requestRate: number;
  readonly shardsBefore: number;
  readonly shardsAfter: number;
  readonly cleanupBeforeMs: number;
  readonly cleanupAfterMs: number;
  /** Of the interval that led to it. */
  readonly figures: TunerFigures;
  /** Of the interval before the change that was watched; with 'kept' and 'undone' only. */
  readonly figuresBefore?: TunerFigures;
}
export interface Resized {
  readonly kind: 'resized';
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  readonly durationMs: number;
}
export interface Outage {
  readonly kind: 'outage';
  readonly atMs: number;
  readonly state: 'began' | 'ended';
}
/** The state of the cache, once a second. */
export interface Sample {
  readonly kind: 'sample';
  readonly atMs: number;
  readonly shardCount: number;
  readonly entries: number;
  readonly bytes: number;
  /** Cache operations a second, as the cache and its tuner see them. */
  readonly requestRate: number;
}
/** A question asked once more past the cache, of the model that had answered it. */
export interface Checked {
  readonly kind: 'checked';
  readonly atMs: number;
  readonly useCase: UseCase;
  readonly question: string;
  readonly model: string;
  readonly digest: string;
}
/** One setting, and who set it. */
export interface Setting {
  readonly kind: 'setting';
  readonly atMs: number;
  readonly subject: string;
  readonly key: string;
  readonly value: string;
  readonly setBy: string;
  readonly shadowed: readonly string[];
}
export interface RunEnded {
  readonly kind: 'run-ended';
  readonly atMs: number;
  readonly reason: 'finished' | 'interrupted';
}

export type DemoEvent =
  | RunStarted
  | CorpusRead
  | Warmed
  | PhaseBegan
  | Call
  | UpstreamCalled
  | FellBack
  | Escalated
  | BreakerChanged
  | TunerDecided
  | Resized
  | Outage
  | Sample
  | Checked
  | Setting
  | RunEnded;

export type EventOf<K extends DemoEvent['kind']> = Extract<DemoEvent, { readonly kind: K }>;

/** The events of one kind, in order. */
export function eventsOf<K extends DemoEvent['kind']>(events: readonly DemoEvent[], kind: K): readonly EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}
