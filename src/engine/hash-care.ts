/**
 * Keeps the hash of keys both cheap and good. A store starts with a hash of the whole key; as soon as it has seen some,
 * it hashes them at the places where they differ. When keys turn up that this hash cannot tell apart (more of a new
 * shape, or crafted ones), it learns from those; when that fails or has happened too often, it goes back to whole keys
 * for good. A user's own hash is never replaced.
 * Whatever the hash, no key is lost: at worst the index keeps colliding ones in a Map.
 */
import type { Random } from '../core/random.js';
import { KeyHash } from './key-hash.js';
import { learnPlaces } from './learn-places.js';
import type { Routing } from './routing.js';
import type { Shard } from './shard.js';

/** Stores up to this size change their hash in one step, larger ones an entry at a time. */
export const SMALL_STORE = 4096;
/** How many times the additions of the last lesson that is moved entry by entry there must be before the next. */
const PATIENCE = 4;
/** Sizes at which a store that hashes whole keys looks at its keys. */
const CHECKPOINTS = [64, 1024, 16_384];
/** Keys as short are hashed whole. */
const SHORT = 12;
const SAMPLE = 128;
/** Slots looked at for a sample, at most. */
const SAMPLE_SLOTS = 8192;
/** Equal hashes of unequal keys among 512 additions to a shard that are no accident any more. */
const MAX_TWINS = 16;
const MAX_LESSONS = 8;

export class HashCare<V> {
  private readonly routing: Routing<V>;
  private readonly random: Random;
  private nextCheckpoint = 0;
  private lessons = 0;
  /** To the store so far, when it last had a lesson that is moved entry by entry. */
  private additionsAtMove = 0;
  private hasGivenUp = false;

  constructor(routing: Routing<V>, random: Random) {
    this.routing = routing;
    this.random = random;
  }

  /** True when a key just added to `shard`, the store now of `size` entries, is reason to look at the hash. O(1). */
  isDue(shard: Shard<V>, size: number): boolean {
    return shard.index.twins > MAX_TWINS || size >= (CHECKPOINTS[this.nextCheckpoint] ?? Number.POSITIVE_INFINITY);
  }

  /** Looks at the keys, and begins to replace the hash if a better one is known. True when it does. `additions` are those to the store so far. */
  review(shard: Shard<V>, size: number, additions: number): boolean {
    const { hash } = this.routing.newest;
    const hasTwins = shard.index.twins > MAX_TWINS;
    const isReady = !this.routing.isMoving || (hasTwins && this.routing.isRehashing);
    const isUseful = !hash.isCustom && (hash.places === undefined) !== hasTwins;
    // A checkpoint that a resize falls on is made up for.
    if (isReady && !hasTwins) this.nextCheckpoint++;
    const begins = isReady && isUseful && (hasTwins ? this.correct(shard, size, additions) : this.improve(size));
    shard.index.forgetTwins();
    return begins;
  }

  private improve(size: number): boolean {
    if (this.hasGivenUp && size > SMALL_STORE) return false;
    const keys = sampleOf(this.routing.newest.shards);
    const places = keys.every((key) => key.length <= SHORT) ? undefined : learnPlaces(keys, []);
    if (places !== undefined) this.hashAt(places);
    return places !== undefined;
  }

  private correct(shard: Shard<V>, size: number, additions: number): boolean {
    const { newest } = this.routing;
    const known = [...(newest.hash.places ?? [])];
    const places = this.mayLearn(size, additions) ? learnPlaces(sampleOf(newest.shards, shard), known) : undefined;
    if (places === undefined) this.hasGivenUp = true;
    this.hashAt(places);
    return true;
  }

  /** Whoever brings keys that need lesson after lesson would have the store move its entries again and again. */
  private mayLearn(size: number, additions: number): boolean {
    if (++this.lessons > MAX_LESSONS || this.routing.isMoving) return false;
    if (size <= SMALL_STORE) return true;
    const isSoon = additions < PATIENCE * this.additionsAtMove;
    this.additionsAtMove = additions;
    return !isSoon;
  }

  private hashAt(places: Int32Array | undefined): void {
    this.routing.rehash(new KeyHash(this.random.nextInt(2 ** 32), places));
  }
}

/** Different keys: those that a shard has noted as twins, then of all shards in turn. */
function sampleOf<V>(shards: readonly Shard<V>[], withTwins?: Shard<V>): string[] {
  const keys: string[] = [];
  const twinSlots = new Set(withTwins?.index.twinSlots);
  for (const slot of twinSlots) if (withTwins?.isTaken(slot)) keys.push(withTwins.key(slot));
  const deepest = Math.min(Math.max(...shards.map(({ highWater }) => highWater)), SAMPLE_SLOTS / shards.length);
  for (let slot = 0; slot < deepest; slot++) {
    for (const shard of shards) {
      if (keys.length === SAMPLE) return keys;
      const isNew = shard !== withTwins || !twinSlots.has(slot);
      if (isNew && slot < shard.highWater && shard.isTaken(slot)) keys.push(shard.key(slot));
    }
  }
  return keys;
}
