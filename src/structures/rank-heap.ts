/**
 * Binary min-heap of numbered items by rank. Two columns, no objects.
 * Invariant: no item ranks below its parent.
 */
import { growFloat64, growInt32, NO_INT32 } from './columns.js';

export class RankHeap {
  size: number;
  private ids: Int32Array;
  private ranks: Float64Array;

  /** A heap of these items, all of rank 0; it takes the column over. O(size). */
  constructor(ids: Int32Array = NO_INT32) {
    this.size = ids.length;
    this.ids = ids;
    this.ranks = new Float64Array(ids.length);
  }

  /** The item of the least rank; meaningless while the heap is empty, as is its rank. */
  get topId(): number {
    return this.ids[0] ?? 0;
  }
  get topRank(): number {
    return this.ranks[0] ?? 0;
  }

  /** O(log size). */
  push(id: number, rank: number): void {
    if (this.size === this.ids.length) this.grow(Math.max(8, 2 * this.size));
    let position = this.size++;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if ((this.ranks[parent] as number) <= rank) break;
      this.copy(parent, position);
      position = parent;
    }
    this.write(position, id, rank);
  }

  /** Gives the top item a new rank. O(log size). */
  replaceTop(rank: number): void {
    this.sink(this.topId, rank);
  }

  /** Removes the top item. O(log size). */
  pop(): void {
    const last = --this.size;
    if (last > 0) this.sink(this.ids[last] as number, this.ranks[last] as number);
  }

  /** Puts an item in at the hole on top. */
  private sink(id: number, rank: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.size) break;
      const sibling = child + 1;
      if (sibling < this.size && (this.ranks[sibling] as number) < (this.ranks[child] as number)) child = sibling;
      // An equal child stays below: the top of equals does not change places.
      if ((this.ranks[child] as number) >= rank) break;
      this.copy(child, hole);
      hole = child;
    }
    this.write(hole, id, rank);
  }

  private copy(from: number, to: number): void {
    this.write(to, this.ids[from] as number, this.ranks[from] as number);
  }

  private write(position: number, id: number, rank: number): void {
    this.ids[position] = id;
    this.ranks[position] = rank;
  }

  private grow(length: number): void {
    this.ids = growInt32(this.ids, length);
    this.ranks = growFloat64(this.ranks, length);
  }
}
