/**
 * LRU and FIFO: one queue of slots, the victim in front. LRU takes an entry to the back whenever it is read or written,
 * FIFO leaves it where its insertion put it. One class for both, since every further class behind the shard's call
 * sites slows down all of them. Every operation O(1).
 *
 * LRU keeps what is worth more: as soon as an entry comes that has not the middle rank, the one queue becomes that of
 * the middle rank, beside those of the others. FIFO knows no ranks.
 */
import { SlotList } from '../../structures/slot-list.js';
import { MIDDLE_RANK, type Policy } from '../policy.js';
import { middleDue, RankedQueues } from './ranked-queues.js';

export class QueuePolicy implements Policy {
  age = 0;
  readonly reorders: boolean;
  private readonly list: SlotList = new SlotList();
  private slotCount = 0;
  /** From the first entry of another rank on, instead of the list. */
  private ranked: RankedQueues | undefined = undefined;
  /** True for LRU before that. */
  private movesInList: boolean;

  /** Moving on access makes it exact LRU, else it is FIFO. */
  constructor(options: { readonly movesOnAccess: boolean }) {
    this.reorders = options.movesOnAccess;
    this.movesInList = options.movesOnAccess;
  }

  get size(): number {
    return this.ranked === undefined ? this.list.size : this.ranked.size;
  }

  grow(slotCount: number): void {
    this.slotCount = slotCount;
    this.list.grow(slotCount);
    this.ranked?.grow(slotCount);
  }

  insert(slot: number, _hash: number, rank: number = MIDDLE_RANK): void {
    if (this.isPlain(rank)) this.list.append(slot);
    else this.rankedQueues().add(slot, rank, this.age);
  }

  hit(slot: number, _hash: number): void {
    if (this.movesInList) this.list.moveToLast(slot);
    else if (this.ranked !== undefined) this.ranked.hit(slot, this.age);
  }

  update(slot: number, hash: number, rank: number = MIDDLE_RANK): void {
    if (this.isPlain(rank)) {
      this.hit(slot, hash);
      return;
    }
    const ranked = this.rankedQueues();
    ranked.remove(slot);
    ranked.add(slot, rank, this.age);
  }

  remove(slot: number): void {
    if (this.ranked === undefined) this.list.unlink(slot);
    else this.ranked.remove(slot);
  }

  victim(except: number): number {
    return this.ranked === undefined ? this.list.firstOtherThan(except) : this.ranked.victim(except);
  }

  evicting(slot: number, _hash: number): void {
    if (this.ranked !== undefined) this.age = Math.max(this.age, this.ranked.dueOf(slot));
  }

  lastToLeave(): number {
    return this.ranked === undefined ? this.list.last : this.ranked.last();
  }

  stateOf(slot: number): number {
    return this.ranked === undefined ? 0 : this.ranked.stateOf(slot, this.age);
  }

  adopt(slot: number, state: number, _hash: number): void {
    if (this.ranked === undefined && state === 0) this.list.prepend(slot);
    else this.rankedQueues().adopt(slot, state, this.age);
  }

  /** Its due; entries of one queue are alike, and count as used now. */
  priorityOf(slot: number): number {
    return this.ranked === undefined ? middleDue(this.age) : this.ranked.dueOf(slot);
  }

  private isPlain(rank: number): boolean {
    return this.ranked === undefined && (rank === MIDDLE_RANK || !this.reorders);
  }

  private rankedQueues(): RankedQueues {
    this.movesInList = false;
    this.ranked ??= new RankedQueues(this.list, this.slotCount, this.age);
    return this.ranked;
  }
}
