/**
 * Frequency sketch: remembers about how often hashes were asked for of late, 0 to 15, without holding them. A count-min
 * sketch of 4-bit counters with ageing (Einziger, Friedman, Manes, TinyLFU, ACM Transactions on Storage 2017). It never
 * says too little, but for ageing, and too much only when strangers share both counters of a hash.
 *
 * A hash picks a block, a cache line of 16 words, and in each half of it one of 64 counters; the lesser of the two is
 * its count. Whoever counts raises the two to a count of his own, so a counter is never above the greatest count that
 * was put into it. All counters are halved each time so many accesses have passed.
 */
import { mix32 } from '../core/hash.js';

export const MAX_FREQUENCY = 15;

/** Words of 8 counters. A block is two halves. */
const BLOCK_WORDS = 16;
const HALF_WORDS = 8;
/** A word an entry is enough for a large cache; a small one can have more for next to nothing. */
const WORDS_PER_ENTRY_WHEN_SMALL = 16;
const SMALL_WORDS = 2 ** 14;
/** A larger sketch is halved in steps, one an access, so that no access waits long. */
const WORDS_HALVED_AT_ONCE: number = SMALL_WORDS;
/** Beyond so many entries counters are shared by more hashes instead. */
const MAX_ENTRIES = 2 ** 24;
/** Of a word, to clear the bits that a shift moved from one counter into the next. */
const LOW_BITS = 0x77777777;

export class FrequencySketch {
  /** How often counters have been halved: whoever has counts of his own halves them as often. */
  halvings = 0;
  private words: Int32Array = new Int32Array(BLOCK_WORDS);
  private blockCount = 1;
  /** Accesses from one halving to the next, and until the next. */
  private period = 1;
  private untilHalving = 1;
  /** Where a halving goes on that is under way; else 0. */
  private halvingWord = 0;

  /**
   * Takes the size that suits a cache of so many entries: 64 bytes an entry up to 64 KiB, and 4 from then on. Counters
   * are halved once in `period` accesses. Forgets all if the size is another. O(entries).
   */
  setCapacity(entries: number, period: number): void {
    const known = Math.min(entries, MAX_ENTRIES);
    const words = Math.min(WORDS_PER_ENTRY_WHEN_SMALL * known, Math.max(SMALL_WORDS, known));
    const blockCount = Math.ceil(words / BLOCK_WORDS);
    this.period = period;
    this.untilHalving = Math.min(this.untilHalving, period);
    if (blockCount === this.blockCount) return;
    this.blockCount = blockCount;
    this.words = new Int32Array(blockCount * BLOCK_WORDS);
    this.untilHalving = period;
    this.halvingWord = 0;
  }

  /** Bytes of the counters. */
  get byteLength(): number {
    return this.words.byteLength;
  }

  /** About how often a hash was asked for, 0 to MAX_FREQUENCY. O(1). */
  estimate(hash: number): number {
    const mixed = mix32(hash);
    const block = this.blockOf(mixed);
    const first = this.words[block + wordInFirstHalf(mixed)] as number;
    const second = this.words[block + wordInSecondHalf(mixed)] as number;
    return Math.min((first >>> shiftInFirst(mixed)) & 15, (second >>> shiftInSecond(mixed)) & 15);
  }

  /** Lets the count of a hash be `frequency`, at most MAX_FREQUENCY, or what it is if that is more. O(1). */
  raise(hash: number, frequency: number): void {
    const mixed = mix32(hash);
    const block = this.blockOf(mixed);
    this.raiseCounter(block + wordInFirstHalf(mixed), shiftInFirst(mixed), frequency);
    this.raiseCounter(block + wordInSecondHalf(mixed), shiftInSecond(mixed), frequency);
  }

  /** Takes note that an access has passed, of whatever hash. O(1), but for the halving of up to 64 KiB. */
  age(): void {
    if (--this.untilHalving <= 0) this.halve();
  }

  private halve(): void {
    const { words, halvingWord } = this;
    if (halvingWord === 0) this.halvings++;
    const end = Math.min(halvingWord + WORDS_HALVED_AT_ONCE, words.length);
    for (let i = halvingWord; i < end; i++) {
      const word = words[i] as number;
      // Memory that was never written need not exist.
      if (word !== 0) words[i] = (word >>> 1) & LOW_BITS;
    }
    const isDone = end === words.length;
    this.halvingWord = isDone ? 0 : end;
    this.untilHalving = isDone ? this.period - halvingWord / WORDS_HALVED_AT_ONCE : 1;
  }

  private blockOf(mixed: number): number {
    return Math.floor((mixed * this.blockCount) / 2 ** 32) * BLOCK_WORDS;
  }

  private raiseCounter(place: number, shift: number, frequency: number): void {
    const word = this.words[place] as number;
    const growth = frequency - ((word >>> shift) & 15);
    if (growth > 0) this.words[place] = word + (growth << shift);
  }
}

// The upper bits of a mixed hash pick the block; the lower twelve pick two words of 8 and a counter of 8 in each.

function wordInFirstHalf(mixed: number): number {
  return mixed & 7;
}
function shiftInFirst(mixed: number): number {
  return (mixed >>> 1) & 28;
}
function wordInSecondHalf(mixed: number): number {
  return HALF_WORDS + ((mixed >>> 6) & 7);
}
function shiftInSecond(mixed: number): number {
  return (mixed >>> 7) & 28;
}
