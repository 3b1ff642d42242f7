/**
 * The levels of an LFU list: for each priority that entries have, its last slot. Numbered, so that an entry names its
 * level by an integer. There are mostly far fewer than entries, so they have columns of their own, which grow as needed.
 * Levels passed in are open, which makes every `as number` here sound.
 */
import { NONE } from '../../core/bits.js';
import { growFloat64, growInt32, NO_FLOAT64, NO_INT32 } from '../../structures/columns.js';

const FIRST_COLUMN_LENGTH = 8;

export class LfuLevels {
  private priorities: Float64Array = NO_FLOAT64;
  /** Of a closed level: the one that was closed before it, or NONE. */
  private lasts: Int32Array = NO_INT32;
  /** The level that was closed last, or NONE. */
  private closed: number = NONE;
  /** Levels that have been open so far. */
  private count = 0;

  priorityOf(level: number): number {
    return this.priorities[level] as number;
  }

  lastOf(level: number): number {
    return this.lasts[level] as number;
  }

  setLast(level: number, slot: number): void {
    this.lasts[level] = slot;
  }

  /** Adds 1 to the priority of a level. */
  raise(level: number): void {
    this.priorities[level] = (this.priorities[level] as number) + 1;
  }

  /** The number of a new level. O(1), amortised. */
  open(priority: number, last: number): number {
    let level = this.closed;
    if (level === NONE) {
      level = this.count++;
      if (level === this.lasts.length) this.grow(Math.max(FIRST_COLUMN_LENGTH, 2 * level));
    } else {
      this.closed = this.lasts[level] as number;
    }
    this.priorities[level] = priority;
    this.lasts[level] = last;
    return level;
  }

  close(level: number): void {
    this.lasts[level] = this.closed;
    this.closed = level;
  }

  private grow(length: number): void {
    this.priorities = growFloat64(this.priorities, length);
    this.lasts = growInt32(this.lasts, length);
  }
}
