/**
 * Gives slots to 32-bit hashes, and finds them again: open addressing with linear probing over a table of slot numbers
 * that is at most half full. Removal shifts what follows back, so there are no tombstones. Two keys of one hash are one.
 */
import { ceilPowerOfTwo, NONE } from '../core/bits.js';
import { mix32 } from '../core/hash.js';
import { growInt32 } from './columns.js';
import { SlotStack } from './slot-stack.js';

export class HashSlots {
  /** Room: slots are 0..slotCount-1. */
  slotCount = 0;
  private readonly slots: SlotStack = new SlotStack();
  private hashes: Int32Array = new Int32Array(0);
  /** Slot + 1, or 0. */
  private table: Int32Array = new Int32Array(1);

  get size(): number {
    return this.slots.size;
  }

  /** Makes room for slots 0..slotCount-1. O(slotCount). */
  grow(slotCount: number): void {
    const former = this.table;
    this.slotCount = slotCount;
    this.slots.grow(slotCount);
    this.hashes = growInt32(this.hashes, slotCount);
    this.table = new Int32Array(ceilPowerOfTwo(2 * slotCount));
    for (const entry of former) if (entry !== 0) this.enter(entry - 1);
  }

  /** The slot of a hash, or NONE. O(1). */
  find(hash: number): number {
    const { table, hashes } = this;
    const mask = table.length - 1;
    for (let place = mix32(hash) & mask; ; place = (place + 1) & mask) {
      const slot = (table[place] as number) - 1;
      if (slot === NONE || hashes[slot] === (hash | 0)) return slot;
    }
  }

  /** A slot for a hash that has none; there must be room. O(1). */
  add(hash: number): number {
    const slot = this.slots.take();
    this.hashes[slot] = hash;
    this.enter(slot);
    return slot;
  }

  hashOf(slot: number): number {
    return this.hashes[slot] as number;
  }

  /** Takes back a slot. O(1). */
  remove(slot: number): void {
    const { table } = this;
    const mask = table.length - 1;
    let hole = this.placeOf(slot);
    while (table[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; table[place] !== 0; place = (place + 1) & mask) {
      const entry = table[place] as number;
      // An entry fills the hole unless it stands between the hole and its own place.
      if (((place - this.placeOf(entry - 1)) & mask) < ((place - hole) & mask)) continue;
      table[hole] = entry;
      hole = place;
    }
    table[hole] = 0;
    this.slots.give(slot);
  }

  private enter(slot: number): void {
    const { table } = this;
    const mask = table.length - 1;
    let place = this.placeOf(slot);
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = slot + 1;
  }

  private placeOf(slot: number): number {
    return mix32(this.hashes[slot] as number) & (this.table.length - 1);
  }
}
