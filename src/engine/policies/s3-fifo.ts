/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi, SOSP 2023). New entries pass through a small queue, a tenth of all. Those read
 * twice on the way go over to the main queue. The others leave, and their hashes are remembered, as many as main may
 * hold: who comes back meanwhile enters main at once. In main an entry goes round again once for each read, 3 at most.
 * A hit counts and links nothing.
 *
 * The paper is followed but for two things, since a store asks for a victim before it inserts, and may ask twice. Shares
 * are of the entries held, so that a limit in bytes works too. And small gives entries only as long as it holds its
 * share, also while it passes entries on to main: so the same victim is found again without a note of it.
 * Every operation O(1), but for `victim`, which is so amortised over hits.
 */
import { NONE } from '../../core/bits.js';
import { growUint8, NO_UINT8 } from '../../structures/columns.js';
import { RecentHashes } from '../../structures/recent-hashes.js';
import { SlotList } from '../../structures/slot-list.js';
import type { Policy } from '../policy.js';

/** One part of so many is small. */
const SMALL_PART = 10;
/** Bits of an entry's state: its reads, up to 3, since it came to its place; and its queue. */
const READS = 3;
const IN_MAIN = 4;

export class S3FifoPolicy implements Policy {
  age = 0;
  readonly reorders = false;
  private readonly small: SlotList = new SlotList();
  private readonly main: SlotList = new SlotList();
  private readonly ghosts: RecentHashes = new RecentHashes();
  private states: Uint8Array = NO_UINT8;

  get size(): number {
    return this.small.size + this.main.size;
  }

  grow(slotCount: number): void {
    this.main.grow(slotCount);
    this.small.shareLinksOf(this.main);
    this.ghosts.grow(slotCount - Math.floor(slotCount / SMALL_PART));
    this.states = growUint8(this.states, slotCount);
  }

  insert(slot: number, hash: number): void {
    const isBack = this.ghosts.take(hash);
    this.states[slot] = isBack ? IN_MAIN : 0;
    (isBack ? this.main : this.small).append(slot);
  }

  hit(slot: number, _hash: number): void {
    const state = this.states[slot] as number;
    if ((state & READS) < READS) this.states[slot] = state + 1;
  }

  update(slot: number, hash: number): void {
    this.hit(slot, hash);
  }

  remove(slot: number): void {
    this.queueOf(slot).unlink(slot);
  }

  victim(except: number): number {
    for (;;) {
      const isSmallDue = this.small.size >= this.smallShare();
      let slot = (isSmallDue ? this.small : this.main).firstOtherThan(except);
      if (slot === NONE) slot = (isSmallDue ? this.main : this.small).firstOtherThan(except);
      if (slot === NONE) return NONE;
      const state = this.states[slot] as number;
      if (state >= IN_MAIN) {
        if (state === IN_MAIN) return slot;
        this.main.moveToLast(slot);
        this.states[slot] = state - 1;
      } else {
        if (state < 2) return slot;
        this.small.unlink(slot);
        this.main.append(slot);
        this.states[slot] = IN_MAIN;
      }
    }
  }

  evicting(slot: number, hash: number): void {
    if ((this.states[slot] as number) >= IN_MAIN) return;
    this.ghosts.limit = this.size - this.smallShare();
    this.ghosts.add(hash);
  }

  lastToLeave(): number {
    // In turn, so that the shape is kept, here and where the entries go.
    const isFromSmall = this.small.size > this.smallShare() || this.main.size === 0;
    return isFromSmall ? this.small.last : this.main.last;
  }

  stateOf(slot: number): number {
    return this.states[slot] as number;
  }

  adopt(slot: number, state: number, _hash: number): void {
    this.states[slot] = state;
    this.queueOf(slot).prepend(slot);
  }

  priorityOf(_slot: number): number {
    return 0;
  }

  private queueOf(slot: number): SlotList {
    return (this.states[slot] as number) < IN_MAIN ? this.small : this.main;
  }

  private smallShare(): number {
    return Math.max(1, Math.floor(this.size / SMALL_PART));
  }
}
