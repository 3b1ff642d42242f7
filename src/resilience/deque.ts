/**
 * A first-in-first-out queue on mnemonist's FixedDeque that doubles when full.
 * mnemonist's subpaths carry the `require` condition only, hence createRequire; its root would cost the whole library.
 */
import { createRequire } from 'node:module';
import type * as mnemonist from 'mnemonist/fixed-deque';

const FixedDeque = createRequire(import.meta.url)('mnemonist/fixed-deque') as typeof mnemonist.default.default;

const INITIAL_CAPACITY = 16;

/** Amortised O(1) at both ends. A shifted item may stay referenced until its place is used again. */
export class Deque<T> {
  #items = new FixedDeque<T>(Array, INITIAL_CAPACITY);

  get size(): number {
    return this.#items.size;
  }
  push(item: T): void {
    if (this.#items.size === this.#items.capacity) this.#rebuild(this.#items.capacity * 2, () => true);
    this.#items.push(item);
  }
  shift(): T | undefined {
    return this.#items.shift();
  }
  first(): T | undefined {
    return this.#items.peekFirst();
  }
  last(): T | undefined {
    return this.#items.peekLast();
  }
  /** Drops the items that `isKept` refuses; the order of the others stays. O(size). */
  keep(isKept: (item: T) => boolean): void {
    this.#rebuild(this.#items.capacity, isKept);
  }
  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  #rebuild(capacity: number, isKept: (item: T) => boolean): void {
    const rebuilt = new FixedDeque<T>(Array, capacity);
    for (const item of this.#items) if (isKept(item)) rebuilt.push(item);
    this.#items = rebuilt;
  }
}
