/**
 * The order of LRU where entries differ in worth: GreedyDual-Size (Cao, Irani, USENIX Symposium on Internet Technologies
 * and Systems 1997) with worths a byte rounded to powers of two, the coarsest rounding of CAMP (Ghandeharizadeh, Irani,
 * Lam, Yap, Middleware 2014). Whenever an entry comes or is used, it becomes due at L + its worth a byte, where L, the age, is the greatest
 * due of all that was evicted. The entry that is due first leaves; of equals the one of the lower rank, then the least
 * recently used.
 *
 * The rounded worth is a rank, and the entries of a rank are a queue. As the age never falls, a queue is in order of
 * dues, so the victim is the first of one of the queues. Every operation O(1), but for `victim` and `last`, O(ranks in use).
 *
 *     rank 30  [due 4.25 a] [4.75 b]       L = 4.5, value of the rank 0.25
 *     rank 33  [due 4.5 c] [6.5 d]         value 2; b was used last, d is 2 away from leaving
 *
 * Dues are floating-point sums: beside an age 2^53 times its worth, an entry counts as worth nothing.
 */
import { NONE } from '../../core/bits.js';
import { growFloat64, growUint8, NO_FLOAT64, NO_UINT8 } from '../../structures/columns.js';
import { SlotList } from '../../structures/slot-list.js';
import { MIDDLE_RANK, RANK_COUNT } from '../policy.js';

/** What a rank adds to the age: a power of two, and nothing for rank 0. */
const VALUES: Float64Array = /* @__PURE__ */ Float64Array.from({ length: RANK_COUNT }, (_, rank) =>
  rank === 0 ? 0 : 2 ** (rank - MIDDLE_RANK),
);

/** When an entry of the middle rank is due that comes at `age`. */
export function middleDue(age: number): number {
  return age + (VALUES[MIDDLE_RANK] as number);
}

export class RankedQueues {
  size: number;
  /** By rank; undefined where no entry had it yet. All keep their links in the column of the middle one. */
  private readonly queues: (SlotList | undefined)[];
  private readonly middle: SlotList;
  private lowest: number = MIDDLE_RANK;
  private highest: number = MIDDLE_RANK;
  private ranks: Uint8Array = NO_UINT8;
  private dues: Float64Array = NO_FLOAT64;

  /** Takes over a queue, as that of the middle rank, all due as if used now. O(slots). */
  constructor(middle: SlotList, slotCount: number, age: number) {
    this.size = middle.size;
    this.middle = middle;
    this.queues = Array.from({ length: RANK_COUNT }, () => undefined);
    this.queues[MIDDLE_RANK] = middle;
    this.ranks = new Uint8Array(slotCount).fill(MIDDLE_RANK);
    this.dues = new Float64Array(slotCount).fill(middleDue(age));
  }

  /** After the queue of the middle rank has grown. */
  grow(slotCount: number): void {
    for (const queue of this.queues) if (queue !== this.middle) queue?.shareLinksOf(this.middle);
    this.ranks = growUint8(this.ranks, slotCount);
    this.dues = growFloat64(this.dues, slotCount);
  }

  add(slot: number, rank: number, age: number): void {
    this.ranks[slot] = rank;
    this.dues[slot] = age + (VALUES[rank] as number);
    this.queueOf(rank).append(slot);
    this.size++;
  }

  hit(slot: number, age: number): void {
    const rank = this.ranks[slot] as number;
    this.dues[slot] = age + (VALUES[rank] as number);
    this.queueOf(rank).moveToLast(slot);
  }

  remove(slot: number): void {
    this.queueOf(this.ranks[slot] as number).unlink(slot);
    this.size--;
  }

  dueOf(slot: number): number {
    return this.dues[slot] as number;
  }

  victim(except: number): number {
    let victim: number = NONE;
    for (let rank = this.lowest; rank <= this.highest; rank++) {
      const first = this.queues[rank]?.firstOtherThan(except) ?? NONE;
      if (first !== NONE && (victim === NONE || this.dueOf(first) < this.dueOf(victim))) victim = first;
    }
    return victim;
  }

  last(): number {
    let last: number = NONE;
    for (let rank = this.lowest; rank <= this.highest; rank++) {
      const other = this.queues[rank]?.last ?? NONE;
      if (other !== NONE && (last === NONE || this.dueOf(other) >= this.dueOf(last))) last = other;
    }
    return last;
  }

  /**
   * Rank and due in one number: twice the distance from the middle rank, and the share of its worth, 0 to 1, that
   * ageing has used up since the entry was used. Shares hold for an age of whatever shard. 0: the middle rank, used now.
   */
  stateOf(slot: number, age: number): number {
    const rank = this.ranks[slot] as number;
    const value = VALUES[rank] as number;
    const spent = value === 0 ? 0 : 1 - (this.dueOf(slot) - age) / value;
    return 2 * (rank - MIDDLE_RANK) + Math.min(Math.max(spent, 0), 1);
  }

  /** Puts an entry in front of those of its rank, due no later than they are. */
  adopt(slot: number, state: number, age: number): void {
    // Of a state with nothing left, the share is 1: ranks are two apart.
    const distance = Math.floor(state / 2);
    const rank = MIDDLE_RANK + distance;
    const due = age + (1 - (state - 2 * distance)) * (VALUES[rank] as number);
    const queue = this.queueOf(rank);
    this.ranks[slot] = rank;
    this.dues[slot] = queue.first === NONE ? due : Math.min(due, this.dueOf(queue.first));
    queue.prepend(slot);
    this.size++;
  }

  private queueOf(rank: number): SlotList {
    const known = this.queues[rank];
    if (known !== undefined) return known;
    const queue = new SlotList();
    queue.shareLinksOf(this.middle);
    this.queues[rank] = queue;
    this.lowest = Math.min(this.lowest, rank);
    this.highest = Math.max(this.highest, rank);
    return queue;
  }
}
