/**
 * Doubly linked list of slot numbers. Both links of a slot lie side by side in one column, so that a list of a million
 * slots is one array and no objects, and a relinked slot costs few cache lines. All links but `grow` are O(1).
 * Slots passed in lie below the last `grow`, which makes every `as number` here sound.
 */
import { NONE } from '../core/bits.js';
import { growInt32, NO_INT32 } from './columns.js';

export class SlotList {
  size = 0;
  /** NONE when empty, as is `last`. */
  first: number = NONE;
  last: number = NONE;
  /** The slot behind: at 2 x slot. The slot in front: at 2 x slot + 1. */
  private links: Int32Array = NO_INT32;

  grow(slotCount: number): void {
    this.links = growInt32(this.links, 2 * slotCount);
  }

  /** Keeps its links in the column of another list, until either grows. Only for lists of which a slot is on one at a time. */
  shareLinksOf(other: SlotList): void {
    this.links = other.links;
  }

  /** The slot behind `slot`, or NONE. */
  after(slot: number): number {
    return this.links[2 * slot] as number;
  }

  /** The slot in front of `slot`, or NONE. */
  before(slot: number): number {
    return this.links[2 * slot + 1] as number;
  }

  /** The first slot that is not `except` (NONE excepts none), or NONE. */
  firstOtherThan(except: number): number {
    return this.first !== except || except === NONE ? this.first : this.after(except);
  }

  /** Links a slot behind all others. */
  append(slot: number): void {
    const { links, last } = this;
    links[2 * slot] = NONE;
    links[2 * slot + 1] = last;
    if (last === NONE) this.first = slot;
    else links[2 * last] = slot;
    this.last = slot;
    this.size++;
  }

  /** Links a slot in front of all others. */
  prepend(slot: number): void {
    this.insertAfter(NONE, slot);
  }

  /** Links a slot behind `place`, or in front of all when `place` is NONE. */
  insertAfter(place: number, slot: number): void {
    const { links } = this;
    const following = place === NONE ? this.first : (links[2 * place] as number);
    links[2 * slot] = following;
    links[2 * slot + 1] = place;
    if (place === NONE) this.first = slot;
    else links[2 * place] = slot;
    if (following === NONE) this.last = slot;
    else links[2 * following + 1] = slot;
    this.size++;
  }

  /** Unlinks a slot of the list. */
  unlink(slot: number): void {
    const { links } = this;
    const following = links[2 * slot] as number;
    const preceding = links[2 * slot + 1] as number;
    if (preceding === NONE) this.first = following;
    else links[2 * preceding] = following;
    if (following === NONE) this.last = preceding;
    else links[2 * following + 1] = preceding;
    this.size--;
  }

  /** Takes a slot of the list behind all others. */
  moveToLast(slot: number): void {
    const { links, last } = this;
    if (slot === last) return;
    const following = links[2 * slot] as number;
    const preceding = links[2 * slot + 1] as number;
    if (preceding === NONE) this.first = following;
    else links[2 * preceding] = following;
    links[2 * following + 1] = preceding;
    links[2 * slot] = NONE;
    links[2 * slot + 1] = last;
    links[2 * last] = slot;
    this.last = slot;
  }

  clear(): void {
    this.size = 0;
    this.first = NONE;
    this.last = NONE;
  }
}
