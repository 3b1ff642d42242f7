/** No shape of keys may cost capacity, nor pile up in one shard. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { readSeed } from './seeds.js';

const CAPACITY = 1000;
const SHARDS = 8;
const NEVER = Number.POSITIVE_INFINITY;

function expectAllRetrievable(keys: readonly string[], mostImbalance = 1.6): void {
  const seed = readSeed();
  const store = createHeapStore<number>({ shardCount: SHARDS, capacity: keys.length, policy: 'lru', seed });
  for (const [i, key] of keys.entries()) store.set(key, i, 1, NEVER, 0);
  let found = 0;
  for (const [i, key] of keys.entries()) if (store.get(key, 0) === i) found++;
  expect([found, store.size, store.counters.evictions]).toEqual([keys.length, keys.length, 0]);
  const fullest = Math.max(...store.shardSizes());
  expect(fullest / (keys.length / SHARDS), `fullest shard, SHERD_SEED=${seed}`).toBeLessThan(mostImbalance);
}

function keysDifferingAt(position: number, length: number): string[] {
  const [before, after] = ['k'.repeat(position), 'k'.repeat(length - position - 1)];
  return Array.from({ length: CAPACITY }, (_, i) => before + String.fromCharCode(0x100 + i) + after);
}

describe('keys that differ in one character', () => {
  test.each([1, 2, 3, 7, 8, 16, 17, 31, 64, 255, 256, 1000, 4096])('are all retrievable at length %i', (length) => {
    const random = createRandom(length);
    const positions = new Set([0, length - 1, length >> 1, random.nextInt(length), random.nextInt(length)]);
    for (const position of positions) expectAllRetrievable(keysDifferingAt(position, length));
  });

  test('are all retrievable when each differs at a place of its own', () => {
    const base = 'k'.repeat(CAPACITY);
    expectAllRetrievable(Array.from({ length: CAPACITY }, (_, i) => `${base.slice(0, i)}x${base.slice(i + 1)}`));
  });
});

describe('natural keys', () => {
  test.each<[string, (i: number) => string]>([
    ['numbers', (i) => String(i)],
    ['padded numbers', (i) => String(i).padStart(12, '0')],
    ['addresses', (i) => `https://api.example.com/v1/users/${String(i).padStart(6, '0')}/items?limit=50&sort=asc`],
    ['prefixes of each other', (i) => 'a'.repeat(i)],
    ['hex digests', (i) => (i * 2_654_435_761).toString(16).padStart(64, '0')],
    ['names of Object.prototype with a number', (i) => `__proto__${i}`],
  ])('%s are all retrievable', (_name, keyOf) => {
    expectAllRetrievable(Array.from({ length: 5000 }, (_, i) => keyOf(i)));
  });
});

describe('keys of any making', () => {
  const LENGTH = 40;
  const flat = Array.from({ length: CAPACITY }, (_, i) => `user:${String(i).padStart(LENGTH - 5, '0')}`);
  /** The same keys, as an engine keeps them that has just joined, cut or widened them. */
  const makings: Readonly<Record<string, readonly string[]>> = {
    joined: flat.map((key) => key.slice(0, 20) + key.slice(20)),
    'joined of many': flat.map((key) => Array.from(key).reduce((whole, part) => whole + part)),
    'cut from larger ones': flat.map((key) => `${key}${key}`.slice(LENGTH)),
    'once two-byte': flat.map((key) => `\u0100${key}`.slice(1)),
    'from bytes': flat.map((key) => Buffer.from(key).toString('utf8')),
  };

  test.each(Object.entries(makings))('are found by keys that are %s, and the other way round', (_name, made) => {
    for (const [stored, asked] of [
      [flat, made],
      [made, flat],
    ] as const) {
      const store = createHeapStore<number>({
        shardCount: SHARDS,
        capacity: CAPACITY,
        policy: 'lru',
        seed: readSeed(),
      });
      for (const [i, key] of stored.entries()) store.set(key, i, 1, NEVER, 0);
      for (const [i, key] of asked.entries()) store.set(key, -i, 1, NEVER, 0);
      expect([store.size, store.counters.updates]).toEqual([CAPACITY, CAPACITY]);
      for (const [i, key] of asked.entries()) if (i % 2 === 0) store.delete(key, 0);
      expect(stored.filter((key) => store.has(key, 0))).toHaveLength(CAPACITY / 2);
    }
  });

  test('of 64 KB are all retrievable, one-byte and two-byte, that differ at the start, in the middle or at the end', () => {
    const long = 65_536;
    for (const filler of ['k', '\u4e2d']) {
      for (const place of [0, 1, 97, long >> 1, long - 49, long - 1]) {
        const before = filler.repeat(place);
        const after = filler.repeat(long - place - 1);
        expectAllRetrievable(
          Array.from({ length: 150 }, (_, i) => before + String.fromCharCode(0x100 + i) + after),
          2.5,
        );
      }
    }
  });

  test('that are no proper text are told apart', () => {
    const halves = Array.from({ length: 0x800 }, (_, i) => String.fromCharCode(0xd800 + i));
    expectAllRetrievable([...halves, ...halves.map((half) => `${half}a`), ...halves.map((half) => `\0${half}`)]);
  });
});
