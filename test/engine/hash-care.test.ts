/** The choice of the hash: natural keys, crafted ones, a hash of the user's own. */
import { describe, expect, test } from 'vitest';
import { hashString, mix32 } from '../../src/core/hash.js';
import type { HeapStore } from '../../src/engine/heap-store.js';
import { KeyHash } from '../../src/engine/key-hash.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { collidingFromAnyBasis } from './crafted-keys.js';
import { createHashingStore, fill, found, imbalance, type KeyOf, NEVER, paddedUser } from './hash-scenes.js';
import { userKey } from './models/scenes.js';

/** Checkpoints, lessons and returns to whole keys that there can be in the life of a store. */
const MAX_CHANGES = 3 + 8 + 3;

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
  'padded profiles of users': paddedUser,
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
      const store = createHashingStore({ capacity: count });
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
      const store = createHashingStore({ capacity: 2000 });
      const changes = fill(store, keyOf, 0, 2000);
      expect(changes).toBeLessThanOrEqual(6);
      expect([found(store, keyOf, 0, 2000), store.counters.evictions]).toEqual([2000, 0]);
      expect(largestCrowd(store)).toBeLessThan(8);
      expect(imbalance(store)).toBeLessThan(1.6);
    }
  });

  test('of one character, or none, are all retrievable', () => {
    const keyOf = (n: number): string => (n === 0 ? '' : String.fromCharCode(n));
    const store = createHashingStore();
    fill(store, keyOf, 0, 65_536);
    expect([found(store, keyOf, 0, 65_536), store.size]).toEqual([65_536, 65_536]);
    expect(imbalance(store)).toBeLessThan(1.25);
  });

  test('are hashed at few places once they are known', () => {
    const store = createHashingStore();
    const keyOf = NATURAL['prefixed hashes'] as KeyOf;
    fill(store, keyOf, 0, 63);
    expect(store.routing.newest.hash.places).toBeUndefined();
    fill(store, keyOf, 63, 64);
    expect(store.routing.newest.hash.places?.length).toBeLessThan(17);
    expect(found(store, keyOf, 0, 64)).toBe(64);
  });

  test('are looked at when a resize is over, if it was under way when they should have been', () => {
    const store = createHashingStore();
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
    const stores = [1, 2].map((seed) => createHashingStore({ seed }));
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
      const store = createHashingStore();
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
    const store = createHashingStore();
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
    const store = createHashingStore();
    fill(store, shifting, 0, 4096);
    expect(fill(store, shifting, 4096, 70_000)).toBe(2);
    expect([store.routing.newest.hash.places, store.isResizing]).toEqual([undefined, false]);
    expect(found(store, shifting, 0, 70_000)).toBe(70_000);
    expect(largestCrowd(store)).toBeLessThan(4);
  });

  test('teach a store of one shard whose slots are all taken, as often as its entries have been replaced meanwhile', () => {
    const store = createHashingStore({ shardCount: 1, capacity: 20_000 });
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
    const store = createHashingStore();
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
    const store = createHashingStore();
    fill(store, (n) => keys[n] as string, 0, keys.length);
    expect(store.routing.allShards().every(({ index }) => index.overflowSize === 0)).toBe(true);
    expect(largestCrowd(store)).toBeLessThan(4);
    expect(imbalance(store)).toBeLessThan(1.5);
  });

  test('that no few places can tell apart make the store hash whole keys', () => {
    const store = createHashingStore();
    fill(store, innocent, 0, 100);
    // Each differs from the others at a place of its own.
    const crafted: KeyOf = (n) => `${'-'.repeat(n)}x${'-'.repeat(LENGTH - n - 1)}`;
    fill(store, crafted, 0, 150);
    expect(store.routing.newest.hash.places).toBeUndefined();
    expect([found(store, innocent, 0, 100), found(store, crafted, 0, 150)]).toEqual([100, 150]);
  });

  test('leave no overflow behind once the store has learnt', () => {
    const store = createHashingStore();
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
    const store = createHashingStore({ capacity: 1000 });
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
    const store = createHashingStore({ hash, shardCount: 4, capacity: 3000 });
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
