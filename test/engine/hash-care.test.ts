/** The choice of the hash: natural keys, crafted ones, and everything that goes on while a store hashes its keys anew. */
import { describe, expect, test } from 'vitest';
import { hashString, mix32 } from '../../src/core/hash.js';
import { createRandom } from '../../src/core/random.js';
import { createPolicyFamily } from '../../src/engine/create-policy.js';
import { carryAges, createGeneration } from '../../src/engine/generation.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { KeyHash } from '../../src/engine/key-hash.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { collidingFromAnyBasis } from './crafted-keys.js';
import { userKey } from './models/scenes.js';
import { readSeed } from './seeds.js';

type KeyOf = (n: number) => string;

const NEVER = Number.POSITIVE_INFINITY;
const SHARDS = 16;
/** Checkpoints, lessons and returns to whole keys that there can be in the life of a store. */
const MAX_CHANGES = 3 + 8 + 3;

function create(options: Partial<HeapStoreOptions> = {}): HeapStore<number> {
  return createHeapStore({ shardCount: SHARDS, capacity: 100_000, policy: 'lru', seed: readSeed(), ...options });
}

/** Stores keys with numbers first..end-1; returns how often the store changed its hash meanwhile. */
function fill(store: HeapStore<number>, keyOf: KeyOf, first: number, end: number): number {
  let changes = 0;
  for (let n = first; n < end; n++) {
    const { hash } = store.routing.newest;
    store.set(keyOf(n), n, 1, NEVER, 0);
    if (store.routing.newest.hash !== hash) changes++;
  }
  return changes;
}

function found(store: HeapStore<number>, keyOf: KeyOf, first: number, end: number): number {
  let count = 0;
  for (let n = first; n < end; n++) if (store.get(keyOf(n), 0) === n) count++;
  return count;
}

/** The most entries of one shard that have one and the same hash: as many keys does a search compare at worst. */
function largestCrowd(store: HeapStore<number>): number {
  let largest = 0;
  for (const shard of store.routing.allShards()) {
    const counts = new Map<number, number>();
    for (let slot = 0; slot < shard.highWater; slot++) {
      if (!shard.isTaken(slot)) continue;
      const count = (counts.get(shard.hash(slot)) ?? 0) + 1;
      counts.set(shard.hash(slot), count);
      largest = Math.max(largest, count);
    }
  }
  return largest;
}

function imbalance(store: HeapStore<number>): number {
  return Math.max(...store.shardSizes()) / (store.size / store.shardCount);
}

function hex(n: number, digits: number): string {
  const words = Math.ceil(digits / 8);
  return Array.from({ length: words }, (_, word) =>
    mix32(n * words + word)
      .toString(16)
      .padStart(8, '0'),
  )
    .join('')
    .slice(0, digits);
}

const PROMPT = Array.from({ length: 4000 }, (_, i) => String.fromCharCode(97 + (mix32(i) % 26))).join('');

/** A prompt that differs from others in one character. */
function promptKey(n: number, length: number, place: number): string {
  return `${PROMPT.slice(0, place)}${String.fromCharCode(0x100 + n)}${PROMPT.slice(place + 1, length)}`;
}

const NATURAL: Readonly<Record<string, KeyOf>> = {
  'profiles of users': (n) => `user:${n}:profile:settings`,
  'padded profiles of users': (n) => `user:${String(n).padStart(10, '0')}:profile`,
  addresses: (n) => `https://api.example.com/v1/users/${n}/items/${n % 97}?limit=50&sort=asc`,
  'prefixed hashes': (n) => `sha256:${hex(n, 64)}`,
  digits: String,
  'padded digits': (n) => String(n).padStart(24, '0'),
  'digits from the last to the first': (n) => [...String(n)].reverse().join('').padEnd(20, '0'),
  uuids: (n) => `${hex(n, 8)}-${hex(n + 1e6, 4)}-4${hex(n + 2e6, 3)}-a${hex(n + 3e6, 3)}-${hex(n + 4e6, 12)}`,
  'objects of tenants': (n) => `tenant-${n % 50}/region-${n % 7}/object-${n}/revision-${n % 3}`,
  'dates and counters': (n) =>
    `2026-11-${String(1 + (n % 28)).padStart(2, '0')}T${hex(n % 24, 2)}:${Math.floor(n / 28)}:log`,
  'two-byte texts': (n) => `пользователь:${n}:настройки`,
};

describe('natural keys', () => {
  test.each(Object.entries(NATURAL))(
    '%s are all retrievable, evenly spread, and hashed anew rarely',
    (_name, keyOf) => {
      const count = 20_000;
      const store = create({ capacity: count });
      expect(fill(store, keyOf, 0, 4096)).toBeLessThanOrEqual(4);
      // From here on a change would have to move the entries one by one.
      expect(fill(store, keyOf, 4096, count)).toBeLessThanOrEqual(1);
      expect([found(store, keyOf, 0, count), store.size, store.counters.evictions]).toEqual([count, count, 0]);
      expect(largestCrowd(store)).toBeLessThan(8);
      store.resizeStep(NEVER);
      expect(imbalance(store)).toBeLessThan(1.25);
      verifyHeapStore(store);
    },
  );

  test.each([1000, 4000])('prompts of %i characters that differ in one, anywhere, are all retrievable', (length) => {
    for (const placeOf of [
      (n: number) => (n * 31) % length,
      () => 0,
      () => length - 1,
      () => length >> 1,
      () => 147,
      (n: number) => length - 1 - (n % 100),
    ]) {
      const keyOf = (n: number): string => promptKey(n, length, placeOf(n));
      const store = create({ capacity: 2000 });
      const changes = fill(store, keyOf, 0, 2000);
      expect(changes).toBeLessThanOrEqual(6);
      expect([found(store, keyOf, 0, 2000), store.counters.evictions]).toEqual([2000, 0]);
      expect(largestCrowd(store)).toBeLessThan(8);
      expect(imbalance(store)).toBeLessThan(1.6);
    }
  });

  test('of one character, or none, are all retrievable', () => {
    const keyOf = (n: number): string => (n === 0 ? '' : String.fromCharCode(n));
    const store = create();
    fill(store, keyOf, 0, 65_536);
    expect([found(store, keyOf, 0, 65_536), store.size]).toEqual([65_536, 65_536]);
    expect(imbalance(store)).toBeLessThan(1.25);
  });

  test('are hashed at few places once they are known', () => {
    const store = create();
    const keyOf = NATURAL['prefixed hashes'] as KeyOf;
    fill(store, keyOf, 0, 63);
    expect(store.routing.newest.hash.places).toBeUndefined();
    fill(store, keyOf, 63, 64);
    expect(store.routing.newest.hash.places?.length).toBeLessThan(17);
    expect(found(store, keyOf, 0, 64)).toBe(64);
  });

  test('are looked at when a resize is over, if it was under way when they should have been', () => {
    const store = create();
    fill(store, userKey, 0, 10);
    store.beginResize(2);
    expect(fill(store, userKey, 10, 500)).toBe(0);
    store.resizeStep(NEVER);
    expect(fill(store, userKey, 500, 502)).toBe(1);
    expect(store.routing.newest.hash.places).toBeDefined();
    expect(fill(store, userKey, 502, 5000)).toBeLessThan(5);
    expect(found(store, userKey, 0, 5000)).toBe(5000);
  });

  test('go to other shards in another store, also when their places are known', () => {
    const keyOf = NATURAL['prefixed hashes'] as KeyOf;
    const stores = [1, 2].map((seed) => create({ seed }));
    for (const store of stores) fill(store, keyOf, 0, 1000);
    const [shards, others] = stores.map((store) => Array.from({ length: 1000 }, (_, n) => store.shardOf(keyOf(n))));
    expect(shards?.filter((id, n) => id === others?.[n]).length).toBeLessThan(150);
  });
});

describe('crafted keys', () => {
  const LENGTH = 200;
  /** Keys that all look the same but at one place. */
  function craftedAt(place: number): KeyOf {
    return (n) => `${'-'.repeat(place)}${String.fromCharCode(0x100 + n)}${'-'.repeat(LENGTH - place - 1)}`;
  }
  /** Keys of the same length from whom the store learns the last few places. */
  const innocent: KeyOf = (n) => String(n).padStart(LENGTH, '-');

  test.each([200, 3000, 6000])(
    'that differ where a store of %i entries does not look teach it to look there',
    (size) => {
      const store = create();
      fill(store, innocent, 0, size);
      const crafted = craftedAt(40);
      expect(fill(store, crafted, 0, 2000)).toBe(1);
      expect([found(store, innocent, 0, size), found(store, crafted, 0, 2000)]).toEqual([size, 2000]);
      store.resizeStep(NEVER);
      expect(largestCrowd(store)).toBeLessThan(4);
      expect(imbalance(store)).toBeLessThan(1.5);
      expect(store.counters.evictions).toBe(0);
      verifyHeapStore(store);
    },
  );

  /** Keys that differ at the first place beyond ten that a store does not read, and like no others there. */
  function unreadBy(store: HeapStore<number>, round: number): KeyOf {
    const { places } = store.routing.newest.hash;
    const read = new Set([...(places ?? [])].map((place) => (place < 0 ? place + LENGTH : place)));
    const place = Array.from({ length: LENGTH }, (_, at) => at).find((at) => at >= 10 && !read.has(at)) as number;
    return (n) => `${round}${craftedAt(place)(n).slice(String(round).length)}`;
  }

  test('of someone who knows each lesson make the store hash whole keys in the end', () => {
    const store = create();
    let innocents = 500;
    let changes = fill(store, innocent, 0, innocents);
    const attacks: KeyOf[] = [];
    for (let round = 0; round < 40; round++) {
      // Once it hashes whole keys, it looks at them again only when it has grown.
      const { places } = store.routing.newest.hash;
      const more = places === undefined && innocents < 20_000 ? 4 * innocents : innocents;
      changes += fill(store, innocent, innocents, more);
      innocents = more;
      const crafted = unreadBy(store, round);
      changes += fill(store, crafted, 0, 100);
      attacks.push(crafted);
    }
    store.resizeStep(NEVER);
    changes += fill(store, unreadBy(store, 99), 0, 100);
    expect(store.routing.newest.hash.places).toBeUndefined();
    expect(changes).toBeGreaterThan(8);
    expect(changes).toBeLessThanOrEqual(MAX_CHANGES);
    expect(attacks.map((crafted) => found(store, crafted, 0, 100))).toEqual(attacks.map(() => 100));
    expect([found(store, innocent, 0, innocents), store.counters.evictions]).toEqual([innocents, 0]);
    expect(largestCrowd(store)).toBeLessThan(4);
    verifyHeapStore(store);
  });

  /** Each key is a number in a window of its own time, and the window moves on. */
  const shifting: KeyOf = (n) =>
    String(n)
      .padStart(6 * (1 + Math.floor(n / 4096)), 'x')
      .padEnd(120, 'x');

  test('that differ ever elsewhere move the entries of a large store twice, and no more', () => {
    const store = create();
    fill(store, shifting, 0, 4096);
    expect(fill(store, shifting, 4096, 70_000)).toBe(2);
    expect([store.routing.newest.hash.places, store.isResizing]).toEqual([undefined, false]);
    expect(found(store, shifting, 0, 70_000)).toBe(70_000);
    expect(largestCrowd(store)).toBeLessThan(4);
  });

  test('teach a store of one shard whose slots are all taken, as often as its entries have been replaced meanwhile', () => {
    const store = create({ shardCount: 1, capacity: 20_000 });
    fill(store, innocent, 0, 20_000);
    expect(fill(store, craftedAt(40), 0, 30_000)).toBe(1);
    expect(store.routing.newest.hash.places).toContain(40);
    expect(fill(store, craftedAt(60), 0, 30_000)).toBe(1);
    expect(store.routing.newest.hash.places).toBeUndefined();
    expect(fill(store, craftedAt(80), 0, 30_000)).toBe(0);
    expect(largestCrowd(store)).toBeLessThan(4);
    verifyHeapStore(store);
  });

  test('that outwit a hash which entries are still moving to make the store hash whole keys at once', () => {
    const store = create();
    fill(store, innocent, 0, 10_000);
    fill(store, craftedAt(40), 0, 100);
    expect([store.isResizing, store.routing.newest.hash.places?.includes(40)]).toEqual([true, true]);
    const crafted = craftedAt(60);
    fill(store, crafted, 0, 1000);
    expect([store.routing.newest.hash.places, store.isResizing]).toEqual([undefined, true]);
    expect(largestCrowd(store)).toBeLessThan(32);
    verifyHeapStore(store);
    expect([found(store, innocent, 0, 10_000), found(store, crafted, 0, 1000)]).toEqual([10_000, 1000]);
    store.resizeStep(NEVER);
    expect(largestCrowd(store)).toBeLessThan(4);
  });

  test('of one FNV-1a hash from any basis are as others', () => {
    const keys = collidingFromAnyBasis(10);
    const store = create();
    fill(store, (n) => keys[n] as string, 0, keys.length);
    expect(store.routing.allShards().every(({ index }) => index.overflowSize === 0)).toBe(true);
    expect(largestCrowd(store)).toBeLessThan(4);
    expect(imbalance(store)).toBeLessThan(1.5);
  });

  test('that no few places can tell apart make the store hash whole keys', () => {
    const store = create();
    fill(store, innocent, 0, 100);
    // Each differs from the others at a place of its own.
    const crafted: KeyOf = (n) => `${'-'.repeat(n)}x${'-'.repeat(LENGTH - n - 1)}`;
    fill(store, crafted, 0, 150);
    expect(store.routing.newest.hash.places).toBeUndefined();
    expect([found(store, innocent, 0, 100), found(store, crafted, 0, 150)]).toEqual([100, 150]);
  });

  test('leave no overflow behind once the store has learnt', () => {
    const store = create();
    fill(store, innocent, 0, 5000);
    store.resizeStep(NEVER);
    const { routing } = store;
    const overflowing = (): number => routing.allShards().reduce((sum, { index }) => sum + index.overflowSize, 0);
    // As if it had learnt a place where all are alike.
    routing.rehash(new KeyHash(1, Int32Array.of(0)));
    store.resizeStep(NEVER);
    expect(overflowing()).toBeGreaterThan(4000);
    fill(store, craftedAt(40), 0, 1000);
    store.resizeStep(NEVER);
    expect(overflowing()).toBe(0);
    expect(found(store, craftedAt(40), 0, 1000)).toBe(1000);
    verifyHeapStore(store);
  });

  test('are all kept by a full store, though they crowd one shard until it has learnt', () => {
    const store = create({ capacity: 1000 });
    fill(store, innocent, 0, 1000);
    fill(store, craftedAt(40), 0, 300);
    expect(store.size).toBe(1000);
    expect(found(store, craftedAt(40), 0, 300)).toBe(300);
    expect(largestCrowd(store)).toBeLessThan(4);
  });
});

describe("a user's hash", () => {
  test.each([
    ['constant', () => 7],
    ['constant, with the upper bit', () => 0xffffffff],
    ['of few values', (key: string) => key.length],
    ['of the last character', (key: string) => key.charCodeAt(key.length - 1)],
    ['better than ours', (key: string) => hashString(key, 1)],
  ])('that is %s loses nothing, and is never replaced', (_name, hash) => {
    const store = create({ hash, shardCount: 4, capacity: 3000 });
    const keyOf = NATURAL['profiles of users'] as KeyOf;
    expect(fill(store, keyOf, 0, 3000)).toBe(0);
    expect([found(store, keyOf, 0, 3000), store.counters.evictions]).toEqual([3000, 0]);
    for (let n = 0; n < 3000; n += 2) store.delete(keyOf(n), 0);
    store.beginResize(16);
    store.resizeStep(NEVER);
    expect([found(store, keyOf, 0, 3000), store.size]).toEqual([1500, 1500]);
    verifyHeapStore(store);
  });
});

describe('while a store hashes its keys anew', () => {
  const user = NATURAL['padded profiles of users'] as KeyOf;
  const odd: KeyOf = (n) => `odd:${String.fromCharCode(0x100 + n)}`.padEnd(23, '-');

  /** A store of 6000 entries that has just begun to move them. */
  function createChanging(options: Partial<HeapStoreOptions> = {}, expiresAtMs: number = NEVER): HeapStore<number> {
    const store = create(options);
    for (let n = 0; n < 6000; n++) store.set(user(n), n, 1, n % 2 === 0 ? expiresAtMs : NEVER, 0);
    for (let n = 0; !store.isResizing; n++) store.set(odd(n), n, 1, NEVER, 0);
    expect(store.routing.isRehashing).toBe(true);
    return store;
  }

  /** Whether a user stands where the hash of now puts them. */
  function hasMoved(store: HeapStore<number>, n: number): boolean {
    const { homes, hash, mask } = store.routing.newest;
    const keyHash = hash.of(user(n));
    return homes[keyHash & mask]?.index.find(user(n), keyHash) !== -1;
  }

  test.each([
    ['insertions', (n: number) => user(10_000 + n)],
    ['updates', (n: number) => user(n)],
  ])('%s move one entry each', (_name, keyOf) => {
    const store = createChanging();
    const { size } = store;
    let writes = 0;
    for (; store.isResizing; writes++) store.set(keyOf(writes), writes, 1, NEVER, 0);
    expect(writes).toBe(size);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test.each([
    ['moved on a hit', 'lru'],
    ['left in their place on a hit', 'fifo'],
  ] as const)('reads of entries that have not moved, and are %s, move one each', (_name, policy) => {
    const store = createChanging({ policy });
    const { size } = store;
    let reads = 0;
    for (let n = 0; n < 6000; n++) {
      if (hasMoved(store, n)) continue;
      expect(store.get(user(n), 0)).toBe(n);
      reads++;
    }
    const left = size - store.routing.newest.shards.reduce((sum, shard) => sum + shard.size, 0);
    expect(left).toBe(size - reads);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test('insertions into a full store, each of which evicts what has yet to move, move none besides', () => {
    const store = createChanging({ shardCount: 1 });
    store.setLimits({ capacity: store.size });
    const evictions = store.size - 50;
    fill(store, user, 10_000, 10_000 + evictions);
    const [former, next] = [store.routing.generations.at(-1)?.shards[0]?.size, store.routing.newest.shards[0]?.size];
    expect([former, next, store.counters.evictions]).toEqual([50, evictions, evictions]);
    fill(store, user, 30_000, 30_060);
    expect(store.isResizing).toBe(false);
    verifyHeapStore(store);
  });

  test('misses move one entry each', () => {
    const store = createChanging();
    const reads = store.size + 1;
    for (let n = 0; n < reads; n++) store.get(user(50_000 + n), 0);
    expect([store.isResizing, store.counters.misses]).toEqual([false, reads]);
    verifyHeapStore(store);
  });

  test.each([7, 100, 100_000])('a round of sweeps of %i places moves all that is left', (places) => {
    const store = createChanging();
    do {
      store.sweep(places, 0);
    } while (store.sweepRemaining > 0);
    expect([store.isResizing, store.counters.expirations]).toEqual([false, 0]);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test('a resize is left to whoever began it', () => {
    const store = create();
    fill(store, user, 0, 6000);
    store.resizeStep(NEVER);
    store.beginResize(2);
    found(store, user, 5000, 6000);
    store.sweep(100_000, 0);
    expect([store.isResizing, store.routing.isRehashing]).toEqual([true, false]);
  });

  test('shard sizes add up to all entries', () => {
    const store = createChanging();
    for (; store.isResizing; store.resizeStep(500)) {
      const sizes = store.shardSizes();
      expect([sizes.length, sizes.reduce((sum, size) => sum + size)]).toEqual([SHARDS, store.size]);
      expect(imbalance(store)).toBeLessThan(1.5);
    }
    expect(store.shardSizes().reduce((sum, size) => sum + size)).toBe(store.size);
  });

  test('it can be resized up, down, and back', () => {
    for (const targets of [[64], [2], [64, 2], [2, 64, 16], [64, 16], [1, 2, 4, 8, 16, 32]]) {
      const store = createChanging();
      for (const target of targets) {
        store.resizeStep(500);
        store.beginResize(target);
        expect(store.shardCount).toBe(target);
        expect(found(store, user, 0, 6000)).toBe(6000);
        verifyHeapStore(store);
      }
      store.resizeStep(NEVER);
      expect([store.isResizing, store.routing.isRehashing, store.shardCount]).toEqual([false, false, targets.at(-1)]);
      expect(found(store, user, 0, 6000)).toBe(6000);
      verifyHeapStore(store);
    }
  });

  test('entries expire, are swept, deleted and replaced', () => {
    const store = createChanging({}, 10);
    store.resizeStep(2000);
    for (let n = 1; n < 6000; n += 4) expect(store.delete(user(n), 10)).toBe(true);
    for (let n = 3; n < 6000; n += 8) store.set(user(n), -n, 1, NEVER, 10);
    while (store.sweep(100, 10) > 0 || store.sweepRemaining > 0) store.resizeStep(50);
    store.resizeStep(NEVER);
    const { expirations, deletes, updates } = store.counters;
    expect({ expirations, deletes, updates }).toEqual({ expirations: 3000, deletes: 1500, updates: 750 });
    for (let n = 0; n < 6000; n++) {
      const expected = n % 4 !== 3 ? undefined : n % 8 === 3 ? -n : n;
      expect(store.get(user(n), 10)).toBe(expected);
    }
    verifyHeapStore(store);
  });

  test('a walk comes to every entry', () => {
    const store = createChanging();
    const walk = store.walk();
    const seen = new Set<string>();
    for (let i = 0; !walk.step(200, (key) => seen.add(key)); i++) {
      store.set(user(20_000 + i), i, 1, NEVER, 0);
      store.get(user(mix32(i) % 6000), 0);
    }
    for (let n = 0; n < 6000; n++) expect(seen.has(user(n))).toBe(true);
  });

  test('it is cleared to the new hash, and limits hold', () => {
    const store = createChanging();
    store.setLimits({ capacity: 5000 });
    expect(store.size).toBe(5000);
    fill(store, user, 30_000, 30_100);
    expect(store.size).toBe(5000);
    verifyHeapStore(store);
    const { hash } = store.routing.newest;
    store.clear();
    expect([store.size, store.isResizing, store.routing.newest.hash === hash]).toEqual([0, false, true]);
  });

  test('what has yet to move is what would be evicted first', () => {
    const store = createChanging({ shardCount: 1, capacity: 100_000 });
    store.resizeStep(3000);
    const moved = Array.from({ length: 6000 }, (_, n) => n).filter((n) => hasMoved(store, n));
    expect(Math.min(...moved)).toBeGreaterThan(6000 - 3100);
  });
});

test('under another hash, every new shard is as old as the oldest', () => {
  const family = createPolicyFamily('lfu', createRandom(1));
  const [former, next] = [1, 2].map((seed) =>
    createGeneration<number>({
      shardCount: 4,
      hash: new KeyHash(seed, undefined),
      family,
      layout: undefined,
      capacity: 100,
      moving: 0,
    }),
  );
  for (const [i, { policy }] of (former?.shards ?? []).entries()) policy.age = 10 * i;
  if (former !== undefined && next !== undefined) carryAges(former, next);
  expect(next?.shards.map(({ policy }) => policy.age)).toEqual([30, 30, 30, 30]);
});
