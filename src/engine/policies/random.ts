/**
 * Random replacement: every held slot is equally likely to be the next victim. The held slots lie side by side in an
 * array; the last fills the place of one that leaves. Every operation O(1).
 * Ranks: within a shard all are equal; between shards the fuller one ranks lower, so it gives first.
 */
import { NONE } from '../../core/bits.js';
import type { Random } from '../../core/random.js';
import { growUint32 } from '../../structures/columns.js';
import type { Policy } from '../policy.js';

export class RandomPolicy implements Policy {
  age = 0;
  size = 0;
  private readonly random: Random;
  private held: Uint32Array = new Uint32Array(0);
  private placeOf: Uint32Array = new Uint32Array(0);
  /** Place of the victim drawn since the last change, or NONE. */
  private drawn: number = NONE;

  constructor(random: Random) {
    this.random = random;
  }

  grow(slotCount: number): void {
    this.held = growUint32(this.held, slotCount);
    this.placeOf = growUint32(this.placeOf, slotCount);
  }

  insert(slot: number, _tick: number): void {
    this.held[this.size] = slot;
    this.placeOf[slot] = this.size++;
    this.drawn = NONE;
  }

  hit(_slot: number, _tick: number): void {}

  update(_slot: number, _tick: number): void {}

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

  evicting(_slot: number): void {}

  priorityOf(_slot: number): number {
    return -this.size;
  }

  tickOf(_slot: number): number {
    return 0;
  }

  adopt(slot: number, _priority: number, tick: number): void {
    this.insert(slot, tick);
  }
}
