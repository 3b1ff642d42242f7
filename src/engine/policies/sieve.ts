/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi, NSDI 2024): one queue and a hand that walks from the oldest entry to the
 * newest and round again. It evicts the first entry that was not read since it last came by, and lets the others off,
 * where they are. New entries queue behind the newest. A hit sets a byte and links nothing.
 *
 * A resize moves the circle from behind the hand backwards. So what the hand had passed lies behind the newest entry
 * then, and is looked at in the same order as before. Every operation O(1), but for `victim`, which is so amortised over
 * hits: it lets each entry off once at most before it has its victim.
 */
import { NONE } from '../../core/bits.js';
import { growUint8, NO_UINT8 } from '../../structures/columns.js';
import { SlotList } from '../../structures/slot-list.js';
import type { Policy } from '../policy.js';

export class SievePolicy implements Policy {
  age = 0;
  readonly reorders = false;
  private readonly list: SlotList = new SlotList();
  private visited: Uint8Array = NO_UINT8;
  /** The slot to look at next; NONE: the oldest. */
  private hand: number = NONE;

  get size(): number {
    return this.list.size;
  }

  grow(slotCount: number): void {
    this.list.grow(slotCount);
    this.visited = growUint8(this.visited, slotCount);
  }

  insert(slot: number, _hash: number): void {
    this.visited[slot] = 0;
    this.list.append(slot);
  }

  hit(slot: number, _hash: number): void {
    this.visited[slot] = 1;
  }

  update(slot: number, _hash: number): void {
    this.visited[slot] = 1;
  }

  remove(slot: number): void {
    if (slot === this.hand) this.hand = this.list.after(slot);
    this.list.unlink(slot);
  }

  victim(except: number): number {
    const { list, visited } = this;
    if (list.firstOtherThan(except) === NONE) return NONE;
    for (;;) {
      const slot = this.hand === NONE ? list.first : this.hand;
      if (slot !== except) {
        if (visited[slot] === 0) return slot;
        visited[slot] = 0;
      }
      this.hand = list.after(slot);
    }
  }

  evicting(_slot: number, _hash: number): void {}

  lastToLeave(): number {
    const passed = this.hand === NONE ? NONE : this.list.before(this.hand);
    return passed === NONE ? this.list.last : passed;
  }

  stateOf(slot: number): number {
    return this.visited[slot] as number;
  }

  adopt(slot: number, state: number, _hash: number): void {
    this.visited[slot] = state;
    this.list.insertAfter(this.hand === NONE ? NONE : this.list.before(this.hand), slot);
    this.hand = slot;
  }

  priorityOf(_slot: number): number {
    return 0;
  }
}
