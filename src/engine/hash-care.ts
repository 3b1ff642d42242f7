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

/** Sizes at which a store that hashes whole keys looks at its keys. */
const CHECKPOINTS = [64, 1024, 16_384];
/** Keys as short are hashed whole. */
const SHORT = 12;
const SAMPLE = 128;
/** Equal hashes of unequal keys among 512 additions to a shard that are no accident any more. */
const MAX_TWINS = 16;
const MAX_LESSONS = 8;

export class HashCare<V> {
  private readonly routing: Routing<V>;
  private readonly random: Random;
  private nextCheckpoint = 0;
  private lessons = 0;

  constructor(routing: Routing<V>, random: Random) {
    this.routing = routing;
    this.random = random;
  }

  /** True when a key just added to `shard`, the store now of `size` entries, is reason to look at the hash. O(1). */
  isDue(shard: Shard<V>, size: number): boolean {
    return shard.index.twins > MAX_TWINS || size >= (CHECKPOINTS[this.nextCheckpoint] ?? Number.POSITIVE_INFINITY);
  }

  /** Looks at the keys, and begins to replace the hash if a better one is known. True when it does. */
  review(shard: Shard<V>): boolean {
    const { hash } = this.routing.newest;
    const hasTwins = shard.index.twins > MAX_TWINS;
    shard.index.twins = 0;
    // A checkpoint that a resize falls on is made up for.
    if (this.routing.isMoving) return false;
    if (!hasTwins) this.nextCheckpoint++;
    const isWhole = hash.places === undefined;
    if (hash.isCustom || isWhole === hasTwins) return false;
    const places = hasTwins ? this.learnFromTwins(shard, hash) : this.learnFirst();
    if (places === undefined && isWhole) return false;
    this.routing.rehash(new KeyHash(this.random.nextInt(2 ** 32), places));
    return true;
  }

  private learnFirst(): Int32Array | undefined {
    const keys = sampleOf(this.routing.newest.shards);
    return keys.every((key) => key.length <= SHORT) ? undefined : learnPlaces(keys, []);
  }

  private learnFromTwins(shard: Shard<V>, hash: KeyHash): Int32Array | undefined {
    return ++this.lessons > MAX_LESSONS ? undefined : learnPlaces(twinsOf(shard), [...(hash.places ?? [])]);
  }
}

/** Keys of all shards in turn. */
function sampleOf<V>(shards: readonly Shard<V>[]): string[] {
  const keys: string[] = [];
  const deepest = Math.max(...shards.map((shard) => shard.highWater));
  for (let slot = 0; slot < deepest; slot++) {
    for (const shard of shards) {
      if (slot < shard.highWater && shard.isTaken(slot)) keys.push(shard.key(slot));
      if (keys.length === SAMPLE) return keys;
    }
  }
  return keys;
}

/** Keys whose hash is another's, the latest first; the walk is bounded. */
function twinsOf<V>(shard: Shard<V>): string[] {
  const byHash = new Map<number, string[]>();
  const first = Math.max(0, shard.highWater - 64 * SAMPLE);
  for (let slot = shard.highWater - 1; slot >= first; slot--) {
    if (!shard.isTaken(slot)) continue;
    const keys = byHash.get(shard.hash(slot));
    if (keys === undefined) byHash.set(shard.hash(slot), [shard.key(slot)]);
    else keys.push(shard.key(slot));
  }
  const twins = [...byHash.values()].filter((keys) => keys.length > 1).flat();
  return twins.slice(0, SAMPLE);
}
