/** Stores for random walks: their settings, how the walks go, and the keys that they use. */
import { mix32 } from '../../../src/core/hash.js';
import type { Random } from '../../../src/core/random.js';
import type { HeapStoreOptions } from '../../../src/engine/heap-store.js';
import type { StoreLimits } from '../../../src/engine/store.js';

const NEVER = Number.POSITIVE_INFINITY;

export type KeyOf = (n: number) => string;
/** Long enough that a store learns where they differ. */
export const userKey: KeyOf = (n) => `user:${n}:profile:settings`;
const NATURAL: readonly KeyOf[] = [
  userKey,
  (n) => `key ${n}`,
  (n) => `GET https://api.example.com/v1/users/${String(n).padStart(6, '0')}/items?sort=asc`,
  (n) => `sha256:${mix32(n).toString(16).padStart(8, '0').repeat(4)}`,
];
const CRAFTED_LENGTH = 150;

/** Keys that differ at one place: all alike to a store that has not learnt it. */
export function randomCrafted(random: Random): KeyOf {
  const place = random.nextInt(CRAFTED_LENGTH);
  return (n) => `${'-'.repeat(place)}${String.fromCharCode(0x100 + n)}${'-'.repeat(CRAFTED_LENGTH - place)}`;
}

export function randomNatural(random: Random): KeyOf {
  return NATURAL[random.nextInt(NATURAL.length)] as KeyOf;
}

export interface Scene {
  readonly settings: Omit<HeapStoreOptions, 'policy' | 'seed'>;
  readonly steps: number;
  /** Of them, the first that only store one key after another. */
  readonly fillingSteps: number;
  /** Numbers of keys in each family. */
  readonly keyCount: number;
  /** Steps from one comparison of everything to the next. */
  readonly checkEvery: number;
  readonly maxEntriesPerStep: number;
  /** Of the steps that change the shape of the store, one in so many begins a resize, and one clears it. */
  readonly resizeOneIn: number;
  readonly clearOneIn: number;
  /** Numbers of shards, as powers of two. */
  readonly shardBits: readonly number[];
  /** Entries come with a worth, most of them. */
  readonly hasWorths: boolean;
  randomLimits(): StoreLimits;
}

/** A store that lives on the edge of its limits, with few keys, so that all of them meet. */
export function smallScene(random: Random): Scene {
  const most = random.nextInt(3) === 0 ? 40 : 200;
  // Where the capacity changes, the tuner of 'adaptive' starts anew; in half of the scenes it comes to a choice.
  const kept = random.nextInt(2) === 0 ? 1 + random.nextInt(most) : undefined;
  const randomLimits = (): StoreLimits => ({
    capacity: kept ?? 1 + random.nextInt(most),
    maxBytes: random.nextInt(3) === 0 ? NEVER : 20 + random.nextInt(8 * most),
    maxEntryBytes: random.nextInt(3) === 0 ? NEVER : 8 + random.nextInt(20),
  });
  const hashes = [undefined, undefined, undefined, (key: string) => mix32(key.length), Number.parseInt];
  return {
    settings: {
      ...randomLimits(),
      shardCount: 2 ** random.nextInt(5),
      hash: hashes[random.nextInt(hashes.length)],
      maxShardEntries: random.nextInt(3) === 0 ? 1 + random.nextInt(20) : undefined,
    },
    steps: 5000,
    fillingSteps: 0,
    keyCount: 2 * most,
    checkEvery: 50,
    maxEntriesPerStep: 40,
    resizeOneIn: 2,
    clearOneIn: 40,
    shardBits: [0, 1, 2, 3, 4, 5],
    hasWorths: random.nextInt(2) === 0,
    randomLimits,
  };
}

/** A store beyond the size up to which it changes its hash at once. */
export function largeScene(random: Random): Scene {
  const randomLimits = (): StoreLimits => ({
    capacity: 5000 + random.nextInt(1000),
    maxBytes: random.nextInt(2) === 0 ? NEVER : 80_000,
    maxEntryBytes: NEVER,
  });
  const settings = { ...randomLimits(), capacity: 5500, shardCount: 64 };
  return {
    settings,
    steps: 15_000,
    fillingSteps: 5000,
    keyCount: 6000,
    checkEvery: 3000,
    maxEntriesPerStep: 300,
    resizeOneIn: 60,
    clearOneIn: 10_000,
    shardBits: [5, 6, 7],
    hasWorths: random.nextInt(2) === 0,
    randomLimits,
  };
}
