/**
 * Runs cleanup rounds: bounded batches with the event loop's turn in between, on the plan of the strategy or on request.
 * It does not know what an entry is: its target sweeps, and says when a round has seen everything. Invariant: one round
 * runs at a time; whoever asks meanwhile shares the next one, since this one may have passed their entries already.
 * Nothing it does throws into a timer.
 */
import type { Clock } from '../core/clock.js';
import { type CleanupStrategy, cleanupPlan, nextCleanupInterval } from './cleanup-planner.js';

export interface SweepTarget {
  /** The next sweep begins a round. */
  startRound(): void;
  /** Examines up to `maxEntries` places from where the last call ended, removes the expired entries, returns how many. */
  sweep(maxEntries: number): number;
  /** Places the round has yet to examine; 0 when it has ended. */
  roundRemaining(): number;
  /** How full the cache is, 0..1: by entries or by bytes, whichever is fuller. */
  loadFactor(): number;
  readonly capacity: number;
}

export interface CleanupSettings {
  readonly strategy: CleanupStrategy;
  /** Milliseconds from the end of a round to the next; 0 runs none in the background. */
  readonly intervalMs: number;
  /** Places examined in one go. */
  readonly batchSize: number;
  /** Load factor, 0..1, that starts a round early (adaptive and hybrid). */
  readonly threshold: number;
}

export interface CleanupSchedulerOptions {
  readonly clock: Clock;
  /** Gives the event loop its turn, then runs the step; returns the cancel function. Default: a timer of 0 ms. */
  readonly yieldTurn?: (step: () => void) => () => void;
}

export interface CleanupScheduler {
  /** Interval in force: the configured one, or where the adaptive strategy moved it. Milliseconds. */
  readonly intervalMs: number;
  /** Errors of the target in background rounds. */
  readonly containedErrors: number;
  /** Changes settings while running. A new strategy or interval starts its interval over. */
  configure(settings: Partial<CleanupSettings>): void;
  /** Call after inserts: the first one that finds the load factor at the threshold starts a round early. O(1). */
  noteGrowth(): void;
  /**
   * A full round from now on; resolves to how many entries it removed. Its first batch runs at once, or after the round
   * under way. Rejects with the target's error. Closing resolves it with what it had so far; after closing it resolves
   * to 0.
   */
  runRound(): Promise<number>;
  /** Ends all rounds and timers. Idempotent. */
  close(): void;
}

export function createCleanupScheduler(
  target: SweepTarget,
  settings: CleanupSettings,
  options: CleanupSchedulerOptions,
): CleanupScheduler {
  return new RoundRunner(target, settings, options);
}

/** Someone who waits for the end of a round. */
interface Waiter {
  readonly onEnd: (removed: number) => void;
  readonly onError: (error: unknown) => void;
}

class RoundRunner implements CleanupScheduler {
  readonly #target: SweepTarget;
  readonly #clock: Clock;
  readonly #yieldTurn: (step: () => void) => () => void;
  #settings: CleanupSettings;
  #intervalMs: number;
  /** Empty between rounds. */
  #waiters: Waiter[] = [];
  #waitersForNext: Waiter[] = [];
  /** Entries removed by the round under way. */
  #removed = 0;
  /** A background round is under way, or the next to be. */
  #inBackground = false;
  /** Whether noteGrowth() has to look at the load. */
  #watchesLoad: boolean;
  /** The load factor has been below the threshold since the last early round. */
  #mayStartEarly = true;
  #cancelTimer: (() => void) | undefined;
  #cancelStep: (() => void) | undefined;
  #closed = false;
  #containedErrors = 0;

  constructor(target: SweepTarget, settings: CleanupSettings, options: CleanupSchedulerOptions) {
    this.#target = target;
    this.#clock = options.clock;
    this.#yieldTurn = options.yieldTurn ?? ((step) => this.#clock.setTimer(0, step));
    this.#settings = settings;
    this.#intervalMs = settings.intervalMs;
    this.#watchesLoad = this.#startsEarly();
    this.#arm();
  }

  get intervalMs(): number {
    return this.#intervalMs;
  }
  get containedErrors(): number {
    return this.#containedErrors;
  }

  configure(settings: Partial<CleanupSettings>): void {
    const before = this.#settings;
    this.#settings = { ...before, ...settings };
    if (this.#settings.strategy === before.strategy && this.#settings.intervalMs === before.intervalMs) return;
    this.#intervalMs = this.#settings.intervalMs;
    this.#watchesLoad = this.#startsEarly();
    this.#mayStartEarly = true;
    this.#arm();
  }

  noteGrowth(): void {
    if (!this.#watchesLoad) return;
    if (this.#target.loadFactor() < this.#settings.threshold) {
      this.#mayStartEarly = true;
    } else if (this.#mayStartEarly) {
      this.#mayStartEarly = false; // a full cache of live entries must not sweep at every insert
      this.#arm(0);
    }
  }

  runRound(): Promise<number> {
    if (this.#closed) return Promise.resolve(0);
    return new Promise((resolve, reject) => this.#join({ onEnd: resolve, onError: reject }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watchesLoad = false;
    this.#cancelTimer?.();
    this.#cancelStep?.();
    for (const waiter of this.#waiters.splice(0)) waiter.onEnd(this.#removed);
    for (const waiter of this.#waitersForNext.splice(0)) waiter.onEnd(0);
  }

  #runsInBackground(): boolean {
    return !this.#closed && this.#settings.intervalMs > 0 && cleanupPlan(this.#settings.strategy).runsRounds;
  }

  #startsEarly(): boolean {
    return this.#runsInBackground() && cleanupPlan(this.#settings.strategy).startsEarly;
  }

  /** Sets the timer of the next background round, in place of any other; a round under way sets it at its end. */
  #arm(delayMs: number = this.#intervalMs): void {
    if (this.#inBackground) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#runsInBackground()) {
      this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#runBackgroundRound());
    }
  }

  #runBackgroundRound(): void {
    this.#inBackground = true;
    this.#join({
      onEnd: (removed) => {
        this.#inBackground = false;
        this.#contain(() => this.#adapt(removed));
        this.#arm();
      },
      onError: () => {
        this.#inBackground = false;
        this.#containedErrors++;
        this.#arm();
      },
    });
  }

  #adapt(removed: number): void {
    if (this.#closed || !cleanupPlan(this.#settings.strategy).movesInterval) return;
    this.#intervalMs = nextCleanupInterval(this.#intervalMs, this.#settings.intervalMs, {
      removed,
      loadFactor: this.#target.loadFactor(),
      capacity: this.#target.capacity,
    });
  }

  #join(waiter: Waiter): void {
    if (this.#waiters.length > 0) {
      this.#waitersForNext.push(waiter);
    } else {
      this.#waiters = [waiter];
      this.#beginRound();
    }
  }

  #beginRound(): void {
    this.#removed = 0;
    try {
      this.#target.startRound();
    } catch (error) {
      this.#endRound((waiter) => waiter.onError(error));
      return;
    }
    this.#step();
  }

  #step(): void {
    let remaining: number;
    try {
      this.#removed += this.#target.sweep(this.#settings.batchSize);
      remaining = this.#target.roundRemaining();
    } catch (error) {
      this.#endRound((waiter) => waiter.onError(error));
      return;
    }
    if (this.#closed) return; // by a listener of the sweep
    if (remaining > 0) this.#cancelStep = this.#yieldTurn(() => this.#step());
    else this.#endRound((waiter) => waiter.onEnd(this.#removed));
  }

  #endRound(tell: (waiter: Waiter) => void): void {
    const ended = this.#waiters;
    this.#waiters = this.#waitersForNext;
    this.#waitersForNext = [];
    if (this.#waiters.length > 0) this.#cancelStep = this.#yieldTurn(() => this.#beginRound());
    for (const waiter of ended) tell(waiter);
  }

  #contain(step: () => void): void {
    try {
      step();
    } catch {
      this.#containedErrors++;
    }
  }
}
