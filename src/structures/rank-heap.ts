/**
 * Binary min-heap of numbered items by rank (priority, tick). Three columns, no objects.
 * Invariant: no item ranks below its parent. Ranks are those given, so a caller whose ranks only grow may refresh
 * the top lazily: when the top's rank is still true, it is the least of all.
 */
import { growFloat64, growUint32 } from './columns.js';

export class RankHeap {
  size = 0;
  private ids: Uint32Array = new Uint32Array(0);
  private priorities: Float64Array = new Float64Array(0);
  private ticks: Float64Array = new Float64Array(0);

  /** The item of the least rank; meaningless while the heap is empty, as are its priority and tick. */
  get topId(): number {
    return this.ids[0] ?? 0;
  }
  get topPriority(): number {
    return this.priorities[0] ?? 0;
  }
  get topTick(): number {
    return this.ticks[0] ?? 0;
  }

  /** O(log size). */
  push(id: number, priority: number, tick: number): void {
    if (this.size === this.ids.length) this.grow(Math.max(8, 2 * this.size));
    let position = this.size++;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.exceeds(parent, priority, tick)) break;
      this.copy(parent, position);
      position = parent;
    }
    this.write(position, id, priority, tick);
  }

  /** Gives the top item a new rank. O(log size). */
  replaceTop(priority: number, tick: number): void {
    this.sink(this.topId, priority, tick);
  }

  /** Removes the top item. O(log size). */
  pop(): void {
    const last = --this.size;
    if (last > 0) this.sink(this.ids[last] ?? 0, this.priorities[last] ?? 0, this.ticks[last] ?? 0);
  }

  /** Puts an item in at the hole on top. */
  private sink(id: number, priority: number, tick: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.size) break;
      const sibling = child + 1;
      if (sibling < this.size && this.exceeds(child, this.priorities[sibling] ?? 0, this.ticks[sibling] ?? 0)) {
        child = sibling;
      }
      // An equal child stays below: the top of equals does not change places.
      const childPriority = this.priorities[child] ?? 0;
      const childTick = this.ticks[child] ?? 0;
      if (childPriority > priority || (childPriority === priority && childTick >= tick)) break;
      this.copy(child, hole);
      hole = child;
    }
    this.write(hole, id, priority, tick);
  }

  private exceeds(position: number, priority: number, tick: number): boolean {
    const own = this.priorities[position] ?? 0;
    return own > priority || (own === priority && (this.ticks[position] ?? 0) > tick);
  }

  private copy(from: number, to: number): void {
    this.write(to, this.ids[from] ?? 0, this.priorities[from] ?? 0, this.ticks[from] ?? 0);
  }

  private write(position: number, id: number, priority: number, tick: number): void {
    this.ids[position] = id;
    this.priorities[position] = priority;
    this.ticks[position] = tick;
  }

  private grow(length: number): void {
    this.ids = growUint32(this.ids, length);
    this.priorities = growFloat64(this.priorities, length, 0);
    this.ticks = growFloat64(this.ticks, length, 0);
  }
}
