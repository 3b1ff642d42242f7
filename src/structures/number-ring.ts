/** The last `capacity` numbers pushed, oldest first. Fixed memory; pushing into a full ring forgets the oldest. */
import { assert } from '../core/assert.js';

export class NumberRing {
  readonly capacity: number;
  size = 0;
  private readonly numbers: Float64Array;
  private head = 0;

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a ring holds at least one number');
    this.capacity = capacity;
    this.numbers = new Float64Array(capacity);
  }

  /** O(1). */
  push(value: number): void {
    this.numbers[this.head] = value;
    this.head = this.head + 1 === this.capacity ? 0 : this.head + 1;
    if (this.size < this.capacity) this.size++;
  }

  /** The number at `index` from the oldest; undefined outside 0..size-1. */
  at(index: number): number | undefined {
    if (index < 0 || index >= this.size) return undefined;
    return this.numbers[(this.head - this.size + index + this.capacity) % this.capacity];
  }

  get oldest(): number | undefined {
    return this.at(0);
  }

  get newest(): number | undefined {
    return this.at(this.size - 1);
  }

  /** O(size): summed anew, so no rounding error builds up. 0 when empty. */
  sum(): number {
    let sum = 0;
    // The order does not matter and unused places are 0.
    for (let i = 0; i < this.capacity; i++) sum += this.numbers[i] ?? 0;
    return sum;
  }

  /** 0 when empty. */
  mean(): number {
    return this.size === 0 ? 0 : this.sum() / this.size;
  }

  clear(): void {
    this.numbers.fill(0);
    this.size = 0;
    this.head = 0;
  }
}
