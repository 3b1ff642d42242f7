/**
 * A world in which nothing is left to chance: one clock that stands still until it is moved, randomness from one seed, and
 * a trace of all that happens with its hash. Invariant: equal seeds and equal code give equal hashes.
 */
import { createHash } from 'node:crypto';
import { hashString } from '../core/hash.js';
import { createRandom, type Random } from '../core/random.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';

export interface SimulatorOptions {
  /** 0 to 2^53-1. */
  readonly seed: number;
  /** Whether the lines of the trace are kept, beside their hash. Default: no. */
  readonly trace?: 'keep' | 'hash';
}

export interface Simulator {
  readonly seed: number;
  readonly clock: FakeClock;
  /** A generator for each purpose: one that draws more often does not change what the others draw. */
  random(purpose: string): Random;
  /** Notes that something happened now. */
  note(what: string): void;
  /** What was noted so far: how often, and a hash over the moments and words. */
  readonly events: number;
  hash(): string;
  /** The lines, one an event; empty unless they are kept. */
  readonly trace: readonly string[];
  /** Moves time on until `isDone`, at most by `maxMs`. Whether it is done. */
  run(isDone: () => boolean, maxMs: number): Promise<boolean>;
}

/** Time moves in steps of this length, and to every timer inside them. */
const STEP_MS = 500;

export function createSimulator(options: SimulatorOptions): Simulator {
  const { seed } = options;
  const clock = createFakeClock();
  const hash = createHash('sha256');
  const trace: string[] = [];
  let events = 0;

  return {
    seed,
    clock,
    // The seed as a whole, apart for each purpose.
    random: (purpose) => createRandom(hashString(`${seed} ${purpose}`, 0) * 2 ** 20 + (seed % 2 ** 20)),
    note(what) {
      const line = `${clock.nowMs()} ${what}`;
      events++;
      hash.update(`${line}\n`);
      if (options.trace === 'keep') trace.push(line);
    },
    get events() {
      return events;
    },
    hash: () => hash.copy().digest('hex'),
    trace,
    async run(isDone, maxMs) {
      const endMs = clock.nowMs() + maxMs;
      await clock.advanceAsync(0);
      while (!isDone() && clock.nowMs() < endMs) await clock.advanceAsync(Math.min(STEP_MS, endMs - clock.nowMs()));
      return isDone();
    },
  };
}
