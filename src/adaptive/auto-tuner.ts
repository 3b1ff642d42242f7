/**
 * Follows the guide's traffic tiers while the cache runs: each interval it takes the request rate, finds the tier, and
 * after enough equal verdicts sets that tier's cleanup interval, and its shard count as far as the size of the cache
 * bears it. It changes nothing else, watches what came of each change, and undoes one that hurt. It counts nothing and
 * stores nothing: all of that is its target's.
 * An explicit withShardCount() is a start, not a bar: whoever turns tuning on asks for this.
 */
import type { Clock } from '../core/clock.js';
import { ChangeMemory } from './change-memory.js';
import { type ChangeWatch, sameSettings, watchChange } from './change-watch.js';
import { type TrafficInterval, type TrafficSample, trafficBetween } from './traffic-interval.js';
import { boundedShardCount } from './traffic-tiers.js';
import { adviceFor } from './tuner-advice.js';
import type { TunerDecision, TunerSettings } from './tuner-decision.js';
import { VerdictStreak } from './verdict-streak.js';

/** What the tuner steers. */
export interface TunerTarget {
  sample(): TrafficSample;
  /** Settings in force; of a resize under way, its target. */
  settings(): TunerSettings;
  /** Puts both settings in force, or throws and changes nothing. */
  apply(settings: TunerSettings, reason: string): void;
}

export interface AutoTunerOptions {
  readonly clock: Clock;
  /** CPUs the process may use, at least 1. */
  readonly cpus: number;
  /** Milliseconds between two looks. Default 60,000. */
  readonly intervalMs?: number;
  /** Equal verdicts in a row before it acts; 1 is the guide's own loop. Default 2. */
  readonly hysteresis?: number;
  /** True leaves the cleanup interval alone: for one set explicitly. Default false. */
  readonly keepCleanupInterval?: boolean;
  /** Told of each decision. Errors it throws are contained and counted. */
  readonly onDecision?: (decision: TunerDecision) => void;
}

export interface AutoTuner {
  /** Decisions, oldest first, at most 1,000. */
  history(): readonly TunerDecision[];
  /** Errors of the target and of onDecision that were contained. */
  readonly containedErrors: number;
  /** Ends the timer. Idempotent; the history stays. */
  stop(): void;
}

export const MAX_DECISIONS = 1000;
/** A hit ratio that still moves holds a change up for so many looks, then it counts as its nature. */
export const MAX_UNSTEADY_LOOKS = 10;
const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_HYSTERESIS = 2;

/** Starts tuning at once; the first look is one interval away. The timer never holds the process. */
export function createAutoTuner(target: TunerTarget, options: AutoTunerOptions): AutoTuner {
  return new TierFollower(target, options);
}

class TierFollower implements AutoTuner {
  readonly #target: TunerTarget;
  readonly #options: AutoTunerOptions;
  readonly #decisions: TunerDecision[] = [];
  readonly #givenAdvice = new Set<string>();
  readonly #memory = new ChangeMemory();
  readonly #streak = new VerdictStreak();
  #lastSample: TrafficSample | undefined;
  #lastSampleAtMs = 0;
  #looks = 0;
  #watch: ChangeWatch | undefined;
  #cancelTimer: (() => void) | undefined;
  #containedErrors = 0;

  constructor(target: TunerTarget, options: AutoTunerOptions) {
    this.#target = target;
    this.#options = options;
    this.#contain(() => this.#takeSample());
    this.#arm();
  }

  get containedErrors(): number {
    return this.#containedErrors;
  }
  history(): readonly TunerDecision[] {
    return [...this.#decisions];
  }
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #arm(): void {
    this.#cancelTimer = this.#options.clock.setTimer(this.#options.intervalMs ?? DEFAULT_INTERVAL_MS, () => {
      this.#arm(); // first, so that a listener may stop the tuner for good
      this.#contain(() => this.#look());
    });
  }

  #look(): void {
    const interval = this.#takeSample();
    if (interval === undefined) return;
    this.#looks++;
    this.#advise(interval);
    const isUndone = this.#judgeChange(interval);
    const isStopped = this.#cancelTimer === undefined; // by a listener, just now
    // One change at a time, else nobody could tell which of two did harm.
    if (!isUndone && !isStopped && this.#watch === undefined) this.#followTraffic(interval);
  }

  /** Moves the baseline on; the interval since the last one, when there is one. */
  #takeSample(): TrafficInterval | undefined {
    const nowMs = this.#options.clock.nowMs();
    const sample = this.#target.sample();
    const last = this.#lastSample;
    const elapsedMs = nowMs - this.#lastSampleAtMs;
    this.#lastSample = sample;
    this.#lastSampleAtMs = nowMs;
    return last === undefined ? undefined : trafficBetween(last, sample, elapsedMs, this.#options.cpus);
  }

  #advise(interval: TrafficInterval): void {
    const advice = adviceFor(interval);
    for (const { id, reason, solution } of advice) {
      if (this.#givenAdvice.has(id)) continue;
      const inForce = this.#target.settings();
      this.#record(interval, { action: 'advice', reason, before: inForce, after: inForce, solution });
    }
    this.#givenAdvice.clear();
    for (const { id } of advice) this.#givenAdvice.add(id);
  }

  /** True when a change was undone: this look has decided. */
  #judgeChange(interval: TrafficInterval): boolean {
    const watch = this.#watch;
    if (watch === undefined) return false;
    const inForce = this.#target.settings();
    const verdict = watch.look(interval, inForce);
    if (verdict.kind === 'watching') return false;
    this.#watch = undefined;
    const figuresBefore = watch.baseline.figures;
    if (verdict.kind === 'kept') {
      if (verdict.judged) this.#memory.approve(watch.after);
      const { reason } = verdict;
      this.#record(interval, { action: 'kept', reason, before: inForce, after: inForce, figuresBefore });
      return false;
    }
    const looks = this.#memory.rest(watch.after, this.#looks);
    const refusal = this.#apply(watch.before, verdict.reason);
    const reason = refusal ?? `${verdict.reason}; not tried again for ${looks} intervals`;
    const action = refusal === undefined ? 'undone' : 'kept';
    this.#record(interval, { action, reason, before: inForce, after: this.#target.settings(), figuresBefore });
    return true;
  }

  #followTraffic(interval: TrafficInterval): void {
    const before = this.#target.settings();
    const wanted = this.#wantedFor(interval, before);
    if (sameSettings(wanted, before) || this.#memory.isResting(wanted, this.#looks)) {
      this.#streak.clear();
      return;
    }
    this.#streak.add(interval);
    const waitingFor = this.#notYet(interval, wanted);
    if (waitingFor === undefined) this.#change(interval, before, wanted);
    else this.#record(interval, { action: 'waiting', reason: waitingFor, before, after: before });
  }

  #wantedFor(interval: TrafficInterval, inForce: TunerSettings): TunerSettings {
    const { shardCount, cleanupIntervalMs } = interval.recommended;
    const keepsInterval = this.#options.keepCleanupInterval === true;
    return {
      shardCount: boundedShardCount(shardCount, interval),
      cleanupIntervalMs: keepsInterval ? inForce.cleanupIntervalMs : cleanupIntervalMs,
    };
  }

  /** Why a change that the traffic asks for has to wait; undefined when it need not. */
  #notYet(interval: TrafficInterval, wanted: TunerSettings): string | undefined {
    const { tier } = interval.recommended;
    const verdicts = this.#streak.length;
    const needed = this.#memory.verdictsNeeded(wanted, this.#options.hysteresis ?? DEFAULT_HYSTERESIS, this.#looks);
    if (verdicts < needed) return `${tier} traffic, verdict ${verdicts} of ${needed}`;
    if (this.#streak.isSteady || verdicts >= needed + MAX_UNSTEADY_LOOKS) return undefined;
    return `${tier} traffic, but the hit ratio still moves: what a change does to it could not be told`;
  }

  #change(interval: TrafficInterval, before: TunerSettings, wanted: TunerSettings): void {
    const rate = Math.round(interval.figures.requestRate);
    const reason = `${interval.recommended.tier} traffic (${rate} requests/s)`;
    const baseline = this.#streak.baseline();
    const refusal = this.#apply(wanted, reason);
    const after = this.#target.settings();
    // Else a target that refuses or rounds what it is told would be told again at every look.
    if (!sameSettings(after, wanted)) this.#memory.rest(wanted, this.#looks);
    if (refusal !== undefined) {
      this.#record(interval, { action: 'waiting', reason: refusal, before, after });
      return;
    }
    this.#streak.clear();
    this.#memory.noteChange(before, after, this.#looks);
    this.#watch = watchChange(before, after, baseline);
    this.#record(interval, { action: 'applied', reason, before, after });
  }

  /** Undefined when done; else why the target refused. */
  #apply(settings: TunerSettings, reason: string): string | undefined {
    try {
      this.#target.apply(settings, `auto-tuner: ${reason}`);
      return undefined;
    } catch (error) {
      this.#containedErrors++;
      return `refused by the cache: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #record(interval: TrafficInterval, decision: Omit<TunerDecision, 'atMs' | 'requestRate' | 'tier' | 'figures'>): void {
    const { figures, recommended } = interval;
    const atMs = this.#options.clock.wallMs();
    const record: TunerDecision = Object.freeze({
      atMs,
      requestRate: figures.requestRate,
      tier: recommended.tier,
      figures,
      ...decision,
    });
    if (this.#decisions.length === MAX_DECISIONS) this.#decisions.shift();
    this.#decisions.push(record);
    this.#contain(() => this.#options.onDecision?.(record));
  }

  #contain(step: () => void): void {
    try {
      step();
    } catch {
      this.#containedErrors++;
    }
  }
}
