/**
 * Runs cleanup rounds: bounded batches with the event loop's turn in between, on the plan of the strategy or on request.
 * It does not know what an entry is: its target sweeps. Invariant: at most one batch chain runs, however many rounds
 * are open; every batch counts for all of them. Nothing it does throws into a timer.
 */
import type { Clock } from '../core/clock.js';
import { type CleanupStrategy, cleanupPlan, nextCleanupInterval } from './cleanup-planner.js';

export interface SweepTarget {
  /** Examines up to `maxEntries` entries from where the last call ended, removes the expired ones, returns how many. */
  sweep(maxEntries: number): number;
  /** Entries a full round has to examine now. */
  roundSize(): number;
  /** How full the cache is, 0..1: by entries or by bytes, whichever is fuller. */
  loadFactor(): number;
  readonly capacity: number;
}

export interface CleanupSettings {
  readonly strategy: CleanupStrategy;
  /** Milliseconds from the end of a round to the next; 0 runs none in the background. */
  readonly intervalMs: number;
  /** Entries examined in one go. */
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
   * A full round from now on; resolves to how many entries it removed. It shares the batches of rounds under way, else
   * its first batch runs at once. Rejects with the target's error. Closing resolves it with what it had so far; after
   * closing it resolves to 0.
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

interface Round {
  /** Entries still to examine. */
  remaining: number;
  removed: number;
  readonly onEnd: (removed: number) => void;
  readonly onError: (error: unknown) => void;
}

class RoundRunner implements CleanupScheduler {
  readonly #target: SweepTarget;
  readonly #clock: Clock;
  readonly #yieldTurn: (step: () => void) => () => void;
  #settings: CleanupSettings;
  #intervalMs: number;
  #rounds: Round[] = [];
  #cancelTimer: (() => void) | undefined;
  #cancelStep: (() => void) | undefined;
  /** A chain of batches is under way. */
  #sweeping = false;
  /** One of the open rounds is the background's. */
  #inBackground = false;
  /** Whether noteGrowth() has to look at the load. */
  #watchesLoad = false;
  /** The load factor has been below the threshold since the last early round. */
  #mayStartEarly = true;
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
    return new Promise((resolve, reject) => this.#open(resolve, reject));
  }

  close(): void {
    this.#closed = true;
    this.#watchesLoad = false;
    this.#sweeping = false;
    this.#cancelTimer?.();
    this.#cancelStep?.();
    this.#cancelTimer = undefined;
    this.#cancelStep = undefined;
    for (const round of this.#takeRounds()) round.onEnd(round.removed);
  }

  #runsInBackground(): boolean {
    return !this.#closed && this.#settings.intervalMs > 0 && cleanupPlan(this.#settings.strategy).runsRounds;
  }

  #startsEarly(): boolean {
    return this.#runsInBackground() && cleanupPlan(this.#settings.strategy).startsEarly;
  }

  /** Sets the timer of the next background round, in place of any other; a round that is open sets it at its end. */
  #arm(delayMs: number = this.#intervalMs): void {
    if (this.#inBackground) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!this.#runsInBackground()) return;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#cancelTimer = undefined;
      this.#runBackgroundRound();
    });
  }

  #runBackgroundRound(): void {
    this.#inBackground = true;
    this.#open(
      (removed) => this.#endBackgroundRound(() => this.#adapt(removed)),
      (error) =>
        this.#endBackgroundRound(() => {
          throw error;
        }),
    );
  }

  #endBackgroundRound(step: () => void): void {
    this.#inBackground = false;
    try {
      step();
    } catch {
      this.#containedErrors++;
    }
    this.#arm();
  }

  #adapt(removed: number): void {
    if (!cleanupPlan(this.#settings.strategy).movesInterval || this.#closed) return;
    this.#intervalMs = nextCleanupInterval(this.#intervalMs, this.#settings.intervalMs, {
      removed,
      loadFactor: this.#target.loadFactor(),
      capacity: this.#target.capacity,
    });
  }

  #open(onEnd: Round['onEnd'], onError: Round['onError']): void {
    let remaining: number;
    try {
      remaining = this.#target.roundSize();
    } catch (error) {
      onError(error);
      return;
    }
    this.#rounds.push({ remaining, removed: 0, onEnd, onError });
    if (!this.#sweeping) this.#step();
  }

  /** One batch, counted for every round open at its start; then the next one after a turn of the event loop. */
  #step(): void {
    this.#sweeping = true;
    this.#cancelStep = undefined;
    const sharing = [...this.#rounds]; // a listener of the sweep may open another, which must not count this batch
    const longest = sharing.reduce((most, round) => Math.max(most, round.remaining), 0);
    const batchSize = Math.min(this.#settings.batchSize, longest);
    let removed: number;
    try {
      removed = batchSize === 0 ? 0 : this.#target.sweep(batchSize);
    } catch (error) {
      this.#sweeping = false;
      for (const round of this.#takeRounds()) round.onError(error);
      return;
    }
    for (const round of sharing) {
      round.remaining -= batchSize;
      round.removed += removed;
    }
    const ended = this.#rounds.filter((round) => round.remaining <= 0);
    this.#rounds = this.#rounds.filter((round) => round.remaining > 0);
    this.#sweeping = this.#rounds.length > 0;
    if (this.#sweeping) this.#cancelStep = this.#yieldTurn(() => this.#step());
    for (const round of ended) round.onEnd(round.removed);
  }

  #takeRounds(): Round[] {
    const rounds = this.#rounds;
    this.#rounds = [];
    return rounds;
  }
}
