/** What the auto-tuner reports. Types only. */

/**
 * One thing the auto-tuner did or said.
 * applied: settings changed. waiting: it would change them, but not yet. kept: a change stands after being watched.
 * undone: a change was taken back. advice: something only a person can change.
 */
export interface TunerDecision {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  readonly action: 'applied' | 'kept' | 'undone' | 'waiting' | 'advice';
  readonly reason: string;
  /** Requests a second over the interval that led to it. */
  readonly requestRate: number;
  /** Traffic tier of that rate. */
  readonly tier: string;
  /** Settings in force before and after the decision; equal when it changed nothing. */
  readonly before: TunerSettings;
  readonly after: TunerSettings;
  /** Figures of the interval that led to it. */
  readonly figures: TunerFigures;
  /** Only with kept and undone: the figures of the interval before the change that was watched. */
  readonly figuresBefore?: TunerFigures;
  /** Only with advice: the option to change, ready to paste. */
  readonly solution?: string;
}
export interface TunerSettings {
  readonly shardCount: number;
  readonly cleanupIntervalMs: number;
}
export interface TunerFigures {
  /** Hits a read over the interval, 0..1; 0 without reads. */
  readonly hitRate: number;
  /** Milliseconds, over the measured reads of the interval; 0 without any. */
  readonly p99GetLatency: number;
  /** Requests a second over the interval. */
  readonly requestRate: number;
}
