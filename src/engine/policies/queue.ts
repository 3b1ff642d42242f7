/**
 * LRU and FIFO: one queue of slots, the victim in front. LRU takes an entry to the back whenever it is read or written,
 * FIFO leaves it where its insertion put it. One class for both, since every further class behind the shard's call
 * sites slows down all of them. Every operation O(1).
 */
import { SlotList } from '../../structures/slot-list.js';
import type { Policy } from '../policy.js';

export class QueuePolicy implements Policy {
  age = 0;
  readonly reorders: boolean;
  private readonly list: SlotList = new SlotList();

  /** Moving on access makes it exact LRU, else it is FIFO. */
  constructor(options: { readonly movesOnAccess: boolean }) {
    this.reorders = options.movesOnAccess;
  }

  get size(): number {
    return this.list.size;
  }

  grow(slotCount: number): void {
    this.list.grow(slotCount);
  }

  insert(slot: number, _hash: number): void {
    this.list.append(slot);
  }

  hit(slot: number, _hash: number): void {
    if (this.reorders) this.list.moveToLast(slot);
  }

  update(slot: number, hash: number): void {
    this.hit(slot, hash);
  }

  remove(slot: number): void {
    this.list.unlink(slot);
  }

  victim(except: number): number {
    return this.list.firstOtherThan(except);
  }

  evicting(_slot: number, _hash: number): void {}

  lastToLeave(): number {
    return this.list.last;
  }

  stateOf(_slot: number): number {
    return 0;
  }

  adopt(slot: number, _state: number, _hash: number): void {
    this.list.prepend(slot);
  }

  priorityOf(_slot: number): number {
    return 0;
  }
}
