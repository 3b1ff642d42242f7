/**
 * Random replacement: every held slot is equally likely to be the next victim. The held slots lie side by side in an
 * array; the last fills the place of one that leaves. Every operation O(1).
 */
import { NONE } from '../../core/bits.js';
import type { Random } from '../../core/random.js';
import { growInt32, NO_INT32 } from '../../structures/columns.js';
import type { Policy } from '../policy.js';

export class RandomPolicy implements Policy {
  age = 0;
  size = 0;
  readonly reorders = false;
  private readonly random: Random;
  private held: Int32Array = NO_INT32;
  private placeOf: Int32Array = NO_INT32;
  /** Place of the victim drawn since the last change, or NONE. */
  private drawn: number = NONE;

  constructor(random: Random) {
    this.random = random;
  }

  grow(slotCount: number): void {
    this.held = growInt32(this.held, slotCount);
    this.placeOf = growInt32(this.placeOf, slotCount);
  }

  insert(slot: number, _hash: number): void {
    this.held[this.size] = slot;
    this.placeOf[slot] = this.size++;
    this.drawn = NONE;
  }

  hit(_slot: number, _hash: number): void {}

  update(_slot: number, _hash: number): void {}

  remove(slot: number): void {
    const place = this.placeOf[slot] as number;
    const last = this.held[--this.size] as number;
    this.held[place] = last;
    this.placeOf[last] = place;
    this.drawn = NONE;
  }

  victim(except: number): number {
    if (this.size === 0) return NONE;
    if (this.drawn === NONE) this.drawn = this.random.nextInt(this.size);
    const slot = this.held[this.drawn] as number;
    if (slot !== except) return slot;
    return this.size === 1 ? NONE : (this.held[(this.drawn + 1) % this.size] as number);
  }

  evicting(_slot: number, _hash: number): void {}

  /** Any will do, since all are equal. */
  lastToLeave(): number {
    return this.size === 0 ? NONE : (this.held[this.size - 1] as number);
  }

  stateOf(_slot: number): number {
    return 0;
  }

  adopt(slot: number, _state: number, hash: number): void {
    this.insert(slot, hash);
  }

  priorityOf(_slot: number): number {
    return 0;
  }
}
