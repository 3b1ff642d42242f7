/**
 * Finds the slot of a key: open addressing with linear probing and Robin Hood order (Celis, Larson, Munro, 1985) over
 * 32-bit words. A word holds a slot number, how far it stands from its home, and in the bits left over a tag of the
 * key's hash; so most foreign words are told apart without a look at their key, a search for a key that is not there
 * ends early even in a full table, and a removal shifts words back without a look at any hash. Keys and values lie side
 * by side in one array, cells: a key and what belongs to it share a cache line.
 *
 *     words   [ tag | distance | slot+1 ] [ 0 ] [ tag | distance | slot+1 ] ...
 *     cells   [ key 0, value 0, key 1, value 1, ... ]                 full keys are always compared
 *
 * Invariant: between a key's home and its word, no word is 0 or stands nearer to its home than the key would there.
 * There are no tombstones: churn costs no memory. A key that would come to stand MAX_PROBES from its home goes to an
 * overflow Map: no hash, however bad, loses a key or makes another wait for more than that many words. The Map goes when
 * it is empty.
 */
import { NONE } from '../core/bits.js';
import { growInt32, NO_INT32 } from './columns.js';

const MAX_PROBES = 256;
/** Of the words, at most this share is taken. */
const MAX_LOAD = 0.78;
const DISTANCE_BITS = 5;
/** Stands for itself and all greater distances. */
const FAR = 2 ** DISTANCE_BITS - 1;
/** Keys of equal hashes are counted in windows of so many additions. */
const TWIN_WINDOW = 512;
const MAX_TWIN_SLOTS = 64;
const EMPTY = /* @__PURE__ */ new Int32Array(8);

export class KeyIndex<V> {
  size = 0;
  /** The key of a slot at 2 x slot, its value behind it; undefined when free. */
  cells: (string | V | undefined)[] = [];
  /** Of taken slots. Free slots may keep what they like in it. */
  hashes: Int32Array = NO_INT32;
  /** Additions of keys whose whole hash another key had, in the current window: many mean that the hash is too weak. */
  twins = 0;
  /** Of some of these keys, each followed by one that it met; a slot may come again, or have been freed since. */
  readonly twinSlots: number[] = [];
  private words: Int32Array = EMPTY;
  /** The length is quarters x 2^(29 - shift); quarters is 4..8. */
  private quarters = 4;
  private shift = 28;
  private slotBits = 4;
  private additions = 0;
  private overflow: Map<string, number> | undefined = undefined;

  /** Keys in the overflow Map. */
  get overflowSize(): number {
    return this.overflow === undefined ? 0 : this.overflow.size;
  }
  /** Slots that there are cells for. */
  get room(): number {
    return this.cells.length >>> 1;
  }

  /** Makes room for slots 0..slotCount-1. O(slotCount). */
  grow(slotCount: number): void {
    const former = this.hashes.length;
    this.reserve(slotCount);
    this.hashes = growInt32(this.hashes, slotCount);
    this.rebuild(slotCount, former);
  }

  /** Lets later calls of grow() up to `slotCount` find their cells made, which are most of their work. O(slotCount). */
  reserve(slotCount: number): void {
    if (slotCount <= this.room) return;
    const cells = new Array<string | V | undefined>(2 * slotCount);
    // Makes it an array of anything at once, as every other.
    cells[0] = undefined;
    for (let i = 0; i < this.cells.length; i++) cells[i] = this.cells[i];
    this.cells = cells;
  }

  /** The slot of a key, or NONE. */
  find(key: string, hash: number): number {
    const { words, cells, slotBits } = this;
    const tagShift = slotBits + DISTANCE_BITS;
    const slotMask = (1 << slotBits) - 1;
    let place = Math.imul(hash >>> 3, this.quarters) >>> this.shift;
    for (let distance = 0; distance < MAX_PROBES; distance++) {
      const word = words[place] as number;
      if (word === 0) break;
      if ((word ^ (hash << tagShift)) >>> tagShift === 0) {
        const slot = (word & slotMask) - 1;
        if (cells[2 * slot] === key) return slot;
      }
      if (((word >>> slotBits) & FAR) < Math.min(distance, FAR)) break;
      if (++place === words.length) place = 0;
    }
    return this.overflow === undefined ? NONE : this.findOverflow(key);
  }

  /** Gives a free slot to a key that is not there. */
  add(slot: number, key: string, hash: number): void {
    if (++this.additions === TWIN_WINDOW) this.forgetTwins();
    this.cells[2 * slot] = key;
    this.hashes[slot] = hash;
    this.size++;
    this.place(slot, hash);
  }

  /** Begins a new window. */
  forgetTwins(): void {
    this.additions = 0;
    this.twins = 0;
    this.twinSlots.length = 0;
  }

  /** Takes a key out of its slot, and its value with it. */
  remove(slot: number): void {
    const { words, cells } = this;
    const slotMask = (1 << this.slotBits) - 1;
    let place = this.placeOf(this.hashes[slot] as number);
    let distance = 0;
    while (((words[place] as number) & slotMask) !== slot + 1 && distance < MAX_PROBES) {
      distance++;
      if (++place === words.length) place = 0;
    }
    if (distance < MAX_PROBES) this.closeGap(place);
    else this.leaveOverflow(cells[2 * slot] as string);
    cells[2 * slot] = undefined;
    cells[2 * slot + 1] = undefined;
    this.size--;
  }

  /** Shifts the words behind `gap` back over it, up to the next that is at home. */
  private closeGap(gap: number): void {
    const { words, slotBits } = this;
    const one = 1 << slotBits;
    let hole = gap;
    for (;;) {
      const place = hole + 1 === words.length ? 0 : hole + 1;
      const word = words[place] as number;
      const distance = (word >>> slotBits) & FAR;
      if (word === 0 || distance === 0) break;
      words[hole] = distance === FAR && this.distanceOf(word, place) > FAR ? word : word - one;
      hole = place;
    }
    words[hole] = 0;
  }

  /** How far a word at `place` stands from its home; for words that say FAR. */
  private distanceOf(word: number, place: number): number {
    const { length } = this.words;
    const home = this.placeOf(this.hashes[(word & ((1 << this.slotBits) - 1)) - 1] as number);
    return (place - home + length) % length;
  }

  private placeOf(hash: number): number {
    return Math.imul(hash >>> 3, this.quarters) >>> this.shift;
  }

  /** Puts a word in at its home or behind; words that stand nearer to theirs make way. */
  private place(slot: number, hash: number): void {
    const { words, slotBits } = this;
    const tagShift = slotBits + DISTANCE_BITS;
    const slotMask = (1 << slotBits) - 1;
    let carried = (hash << tagShift) | (slot + 1);
    let isOwn = true;
    let place = this.placeOf(hash);
    for (let distance = 0; distance < MAX_PROBES; distance++) {
      const word = words[place] as number;
      if (word === 0) {
        words[place] = carried | (Math.min(distance, FAR) << slotBits);
        return;
      }
      let other = (word >>> slotBits) & FAR;
      if (other === FAR && distance > FAR) other = this.distanceOf(word, place);
      if (other < distance) {
        words[place] = carried | (Math.min(distance, FAR) << slotBits);
        carried = word & ~(FAR << slotBits);
        distance = other;
        isOwn = false;
      } else if (isOwn && (word ^ carried) >>> tagShift === 0) {
        const other = (word & slotMask) - 1;
        if (this.hashes[other] === (hash | 0)) this.noteTwins(slot, other);
      }
      if (++place === words.length) place = 0;
    }
    const last = (carried & slotMask) - 1;
    this.overflow ??= new Map();
    this.overflow.set(this.cells[2 * last] as string, last);
  }

  private noteTwins(slot: number, other: number): void {
    this.twins++;
    if (this.twinSlots.length < MAX_TWIN_SLOTS) this.twinSlots.push(slot, other);
  }

  private findOverflow(key: string): number {
    const slot = this.overflow?.get(key);
    return slot === undefined ? NONE : slot;
  }

  private leaveOverflow(key: string): void {
    this.overflow?.delete(key);
    if (this.overflow?.size === 0) this.overflow = undefined;
  }

  /** Words for `slotCount` slots, of which the first `former` may be taken, filled anew. */
  private rebuild(slotCount: number, former: number): void {
    const least = Math.max(8, Math.ceil(slotCount / MAX_LOAD));
    const exponent = 29 - Math.clz32(least);
    this.quarters = Math.ceil(least / 2 ** exponent);
    this.shift = 29 - exponent;
    this.words = new Int32Array(this.quarters * 2 ** exponent);
    this.slotBits = 32 - Math.clz32(slotCount);
    this.overflow = undefined;
    const { twins, twinSlots } = this;
    const noted = twinSlots.length;
    for (let slot = 0; slot < former; slot++) {
      if (this.cells[2 * slot] !== undefined) this.place(slot, this.hashes[slot] as number);
    }
    // Met before.
    this.twins = twins;
    twinSlots.length = noted;
  }
}
