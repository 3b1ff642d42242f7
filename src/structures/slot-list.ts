/**
 * Doubly linked list of slot numbers, kept in the order of a rank (priority, tick), least first. Links and ranks are
 * columns indexed by slot, so a list of a million slots is four arrays and no objects.
 * Invariant: ranks never fall from first to last; the caller keeps it by appending and inserting at the right place,
 * `adopt` by searching. Slots passed in lie below the last `grow`, which makes every `as number` here sound.
 */
import { NONE } from '../core/bits.js';
import { growFloat64, growUint32 } from './columns.js';

export class SlotList {
  size = 0;
  first: number = NONE;
  last: number = NONE;
  private next: Uint32Array = new Uint32Array(0);
  private prev: Uint32Array = new Uint32Array(0);
  private ticks: Float64Array = new Float64Array(0);
  private priorities: Float64Array = new Float64Array(0);
  private readonly hasPriorities: boolean;
  /** Where the last adopted slot went: the search for the next one starts here. NONE: before the first. */
  private cursor: number = NONE;

  /** Without priorities, all are 0 and take no memory. */
  constructor(options: { readonly hasPriorities: boolean }) {
    this.hasPriorities = options.hasPriorities;
  }

  grow(slotCount: number): void {
    this.next = growUint32(this.next, slotCount);
    this.prev = growUint32(this.prev, slotCount);
    this.ticks = growFloat64(this.ticks, slotCount, 0);
    if (this.hasPriorities) this.priorities = growFloat64(this.priorities, slotCount, 0);
  }

  /** The slot behind `slot`, or NONE. */
  after(slot: number): number {
    return this.next[slot] as number;
  }

  /** The slot in front of `slot`, or NONE. */
  before(slot: number): number {
    return this.prev[slot] as number;
  }

  /** The first slot that is not `except` (NONE excepts none), or NONE. */
  firstOtherThan(except: number): number {
    return this.first !== except || except === NONE ? this.first : this.after(except);
  }

  priorityOf(slot: number): number {
    return this.hasPriorities ? (this.priorities[slot] as number) : 0;
  }

  tickOf(slot: number): number {
    return this.ticks[slot] as number;
  }

  /** Changes the rank of a slot that may keep its place. */
  setRank(slot: number, priority: number, tick: number): void {
    this.ticks[slot] = tick;
    if (this.hasPriorities) this.priorities[slot] = priority;
  }

  /** Links a slot behind all others. O(1). */
  append(slot: number, priority: number, tick: number): void {
    this.insertAfter(this.last, slot, priority, tick);
  }

  /** Links a slot behind `place`, or in front of all when `place` is NONE. O(1). */
  insertAfter(place: number, slot: number, priority: number, tick: number): void {
    this.setRank(slot, priority, tick);
    const following = place === NONE ? this.first : (this.next[place] as number);
    this.next[slot] = following;
    this.prev[slot] = place;
    if (place === NONE) this.first = slot;
    else this.next[place] = slot;
    if (following === NONE) this.last = slot;
    else this.prev[following] = slot;
    this.size++;
  }

  /** Unlinks a slot of the list. O(1). */
  unlink(slot: number): void {
    const following = this.next[slot] as number;
    const preceding = this.prev[slot] as number;
    if (preceding === NONE) this.first = following;
    else this.next[preceding] = following;
    if (following === NONE) this.last = preceding;
    else this.prev[following] = preceding;
    if (this.cursor === slot) this.cursor = preceding;
    this.size--;
  }

  /** Links a slot where its rank belongs, behind equals. Walks from the place of the last adopted one: a feed in rank order costs O(1) a slot, amortised. */
  adopt(slot: number, priority: number, tick: number): void {
    let place = this.cursor;
    while (place !== NONE && this.exceeds(place, priority, tick)) place = this.prev[place] as number;
    let following = place === NONE ? this.first : (this.next[place] as number);
    while (following !== NONE && !this.exceeds(following, priority, tick)) {
      place = following;
      following = this.next[following] as number;
    }
    this.insertAfter(place, slot, priority, tick);
    this.cursor = slot;
  }

  clear(): void {
    this.size = 0;
    this.first = NONE;
    this.last = NONE;
    this.cursor = NONE;
  }

  private exceeds(slot: number, priority: number, tick: number): boolean {
    const own = this.priorityOf(slot);
    return own > priority || (own === priority && (this.ticks[slot] as number) > tick);
  }
}
