/**
 * LRU and FIFO: one queue of slots in the order of their ticks, the victim in front. LRU takes an entry to the back
 * whenever it is read or written, FIFO leaves it where its insertion put it. One class for both, since every further
 * class behind the shard's call sites slows down all of them. Every operation O(1).
 */
import { SlotList } from '../../structures/slot-list.js';
import type { Policy } from '../policy.js';

export class QueuePolicy implements Policy {
  age = 0;
  private readonly list: SlotList = new SlotList({ hasPriorities: false });
  private readonly movesOnAccess: boolean;

  /** Moving on access makes it exact LRU, else it is FIFO. */
  constructor(options: { readonly movesOnAccess: boolean }) {
    this.movesOnAccess = options.movesOnAccess;
  }

  get size(): number {
    return this.list.size;
  }

  grow(slotCount: number): void {
    this.list.grow(slotCount);
  }

  insert(slot: number, tick: number): void {
    this.list.append(slot, 0, tick);
  }

  hit(slot: number, tick: number): void {
    if (!this.movesOnAccess) return;
    if (slot === this.list.last) {
      this.list.setRank(slot, 0, tick);
      return;
    }
    this.list.unlink(slot);
    this.list.append(slot, 0, tick);
  }

  update(slot: number, tick: number): void {
    this.hit(slot, tick);
  }

  remove(slot: number): void {
    this.list.unlink(slot);
  }

  victim(except: number): number {
    return this.list.firstOtherThan(except);
  }

  evicting(_slot: number): void {}

  priorityOf(_slot: number): number {
    return 0;
  }

  tickOf(slot: number): number {
    return this.list.tickOf(slot);
  }

  adopt(slot: number, _priority: number, tick: number): void {
    this.list.adopt(slot, 0, tick);
  }
}
