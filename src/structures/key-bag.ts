/**
 * Keys in places: whoever puts one in gets the number of its place, by which it is taken out again. It compares nothing
 * and hashes nothing, so a key may be in it twice. In chunks: no addition copies what is there.
 */
import { NONE } from '../core/bits.js';

const CHUNK_BITS = 10;
const CHUNK_MASK = 2 ** CHUNK_BITS - 1;

export class KeyBag {
  size = 0;
  /** A number is a free place: it names the next one, or NONE. */
  private chunks: (string | number)[][] = [];
  /** Every place below it has been taken at least once. */
  private highWater = 0;
  private firstFree: number = NONE;

  /** The place of the key, free ones first. O(1). */
  add(key: string): number {
    const place = this.firstFree === NONE ? this.highWater++ : this.firstFree;
    const chunk = this.chunkOf(place);
    if (place === this.firstFree) this.firstFree = chunk[place & CHUNK_MASK] as number;
    chunk[place & CHUNK_MASK] = key;
    this.size++;
    return place;
  }

  /** Takes out what is in a place that is taken. O(1). */
  remove(place: number): void {
    this.chunkOf(place)[place & CHUNK_MASK] = this.firstFree;
    this.firstFree = place;
    if (--this.size === 0) this.clear();
  }

  /** O(1). */
  clear(): void {
    this.size = 0;
    this.chunks = [];
    this.highWater = 0;
    this.firstFree = NONE;
  }

  /**
   * The keys in the order of their places. While it walks, one that is put in may be among them; one that is taken out
   * before its turn is not, but for clear().
   */
  *keys(): IterableIterator<string> {
    for (const chunk of this.chunks) {
      for (const item of chunk) if (typeof item === 'string') yield item;
    }
  }

  private chunkOf(place: number): (string | number)[] {
    const id = place >>> CHUNK_BITS;
    const known = this.chunks[id];
    if (known !== undefined) return known;
    const chunk: (string | number)[] = [];
    this.chunks.push(chunk);
    return chunk;
  }
}
