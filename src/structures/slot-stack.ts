/**
 * Hands out slot numbers: those given back first (last in, first out), then fresh ones in ascending order.
 * Invariant: a slot is either out or free, never both; every number below `highWater` has been out at least once.
 */
import { growInt32, NO_INT32 } from './columns.js';

export class SlotStack {
  /** Fresh slots begin here. */
  highWater = 0;
  private free: Int32Array = NO_INT32;
  private freeCount = 0;

  /** Slots that are out. */
  get size(): number {
    return this.highWater - this.freeCount;
  }

  /** Makes room for slots 0..slotCount-1 to lie on the stack. */
  grow(slotCount: number): void {
    if (slotCount > this.free.length) this.free = growInt32(this.free, slotCount);
  }

  /** A slot that is not out. O(1). */
  take(): number {
    // In bounds: freeCount > 0 entries have been given.
    return this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.highWater++;
  }

  /** Takes back a slot that is out. O(1). */
  give(slot: number): void {
    this.free[this.freeCount++] = slot;
  }

  /** The free slots below highWater. O(free); for checks. */
  freeSlots(): number[] {
    return Array.from(this.free.subarray(0, this.freeCount));
  }

  clear(): void {
    this.highWater = 0;
    this.freeCount = 0;
  }
}
