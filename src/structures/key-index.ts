/**
 * Finds the slot of a key: open addressing with linear probing over 32-bit words that hold a slot number and, in the
 * bits left of it, a tag of the key's hash; so most foreign words are told apart without a look at their key. Keys and
 * values lie side by side in one array, cells: a key's slot and what belongs to it share a cache line.
 *
 *     words   [ tag | slot+1 ] [ 0 ] [ tag | slot+1 ] ...      place = hash scaled to the length, then the next free word
 *     cells   [ key 0, value 0, key 1, value 1, ... ]          full keys are always compared
 *
 * Invariant: between a key's place and its word no word is 0 (removal shifts later words back: there are no tombstones,
 * so churn costs no memory). A key that finds no free word within MAX_PROBES goes to an overflow Map: no hash, however
 * bad, loses a key or makes another wait for more than that many words.
 */
import { NONE } from '../core/bits.js';
import { growInt32 } from './columns.js';

const MAX_PROBES = 256;
/** Of the words, at most this share is taken: linear probing slows down steeply beyond. */
const MAX_LOAD = 0.78;
/** Keys of equal hashes are counted in windows of so many additions. */
const TWIN_WINDOW = 512;
const EMPTY = /* @__PURE__ */ new Int32Array(8);

export class KeyIndex<V> {
  size = 0;
  /** The key of a slot at 2 x slot, its value behind it; undefined when free. */
  cells: (string | V | undefined)[] = [];
  /** Of taken slots. Free slots may keep what they like in it. */
  hashes: Int32Array = new Int32Array(0);
  /** Additions of keys whose whole hash another key had, in the current window: many mean that the hash is too weak. */
  twins = 0;
  private words: Int32Array = EMPTY;
  /** The length is quarters x 2^(29 - shift); quarters is 4..8. */
  private quarters = 4;
  private shift = 28;
  private slotBits = 4;
  private additions = 0;
  private overflow: Map<string, number> | undefined = undefined;

  /** Makes room for slots 0..slotCount-1. O(slotCount). */
  grow(slotCount: number): void {
    const cells = new Array<string | V | undefined>(2 * slotCount);
    for (let i = 0; i < this.cells.length; i++) cells[i] = this.cells[i];
    for (let i = this.cells.length; i < cells.length; i++) cells[i] = undefined;
    this.cells = cells;
    this.hashes = growInt32(this.hashes, slotCount);
    this.rebuild(slotCount);
  }

  /** The slot of a key, or NONE. */
  find(key: string, hash: number): number {
    const { words, cells, slotBits } = this;
    const tag = hash << slotBits;
    const slotMask = (1 << slotBits) - 1;
    let place = Math.imul(hash >>> 3, this.quarters) >>> this.shift;
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const word = words[place] as number;
      if (word === 0) break;
      if (((word ^ tag) & ~slotMask) === 0) {
        const slot = (word & slotMask) - 1;
        if (cells[2 * slot] === key) return slot;
      }
      if (++place === words.length) place = 0;
    }
    return this.overflow === undefined ? NONE : this.findOverflow(key);
  }

  /** Gives a free slot to a key that is not there. */
  add(slot: number, key: string, hash: number): void {
    if (++this.additions === TWIN_WINDOW) {
      this.additions = 0;
      this.twins = 0;
    }
    this.cells[2 * slot] = key;
    this.hashes[slot] = hash;
    this.size++;
    this.place(slot, hash);
  }

  /** Takes a key out of its slot, and its value with it. */
  remove(slot: number): void {
    const { words, hashes, cells } = this;
    const slotMask = (1 << this.slotBits) - 1;
    let place = this.placeOf(hashes[slot] as number);
    let probes = 0;
    while (((words[place] as number) & slotMask) !== slot + 1 && probes < MAX_PROBES) {
      probes++;
      if (++place === words.length) place = 0;
    }
    if (probes < MAX_PROBES) this.closeGap(place, slotMask);
    else this.overflow?.delete(cells[2 * slot] as string);
    cells[2 * slot] = undefined;
    cells[2 * slot + 1] = undefined;
    this.size--;
  }

  /** Shifts words back over the one at `gap` until the chain ends. */
  private closeGap(gap: number, slotMask: number): void {
    const { words, hashes } = this;
    const { length } = words;
    let hole = gap;
    let place = gap;
    for (;;) {
      if (++place === length) place = 0;
      const word = words[place] as number;
      if (word === 0) break;
      const home = this.placeOf(hashes[(word & slotMask) - 1] as number);
      const distanceFromHome = place >= home ? place - home : place - home + length;
      const distanceFromHole = place >= hole ? place - hole : place - hole + length;
      if (distanceFromHome >= distanceFromHole) {
        words[hole] = word;
        hole = place;
      }
    }
    words[hole] = 0;
  }

  private placeOf(hash: number): number {
    return Math.imul(hash >>> 3, this.quarters) >>> this.shift;
  }

  private place(slot: number, hash: number): void {
    const { words, slotBits } = this;
    const tag = hash << slotBits;
    const slotMask = (1 << slotBits) - 1;
    let place = this.placeOf(hash);
    for (let probes = 0; probes < MAX_PROBES; probes++) {
      const word = words[place] as number;
      if (word === 0) {
        words[place] = tag | (slot + 1);
        return;
      }
      if (((word ^ tag) & ~slotMask) === 0 && this.hashes[(word & slotMask) - 1] === hash) this.twins++;
      if (++place === words.length) place = 0;
    }
    this.overflow ??= new Map();
    this.overflow.set(this.cells[2 * slot] as string, slot);
  }

  private findOverflow(key: string): number {
    const slot = this.overflow?.get(key);
    return slot === undefined ? NONE : slot;
  }

  /** Words for `slotCount` slots, filled anew. */
  private rebuild(slotCount: number): void {
    const least = Math.max(8, Math.ceil(slotCount / MAX_LOAD));
    const exponent = 29 - Math.clz32(least);
    this.quarters = Math.ceil(least / 2 ** exponent);
    this.shift = 29 - exponent;
    this.words = new Int32Array(this.quarters * 2 ** exponent);
    this.slotBits = 32 - Math.clz32(slotCount);
    this.overflow = undefined;
    const { twins } = this;
    for (let slot = 0; slot < slotCount; slot++) {
      if (this.cells[2 * slot] !== undefined) this.place(slot, this.hashes[slot] as number);
    }
    this.twins = twins;
  }
}
