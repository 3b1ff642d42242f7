/** Keys of the bench: distinct, repeatable, in the promised shapes; and requests that follow Zipf's law. */
import { describe, expect, test } from 'vitest';
import { CRAFTED_SHAPES } from '../../bench/lib/keys/crafted.mjs';
import { KeyMaker } from '../../bench/lib/keys/key-maker.mjs';
import { KEY_SHAPES, keyShape, LONG_SHAPES, randomLike } from '../../bench/lib/keys/shapes.mjs';
import { Zipf } from '../../bench/lib/keys/zipf.mjs';
import { Random } from '../../bench/lib/random.mjs';

const MOST_CHARACTERS = 1e7;
const SHAPES = [
  ...Object.keys(KEY_SHAPES),
  ...Object.keys(LONG_SHAPES),
  ...Object.keys(CRAFTED_SHAPES),
  'random:90',
  'random-wide:90',
];

describe.each(SHAPES)('%s keys', (shape) => {
  test('different numbers give different keys', () => {
    const keys = new KeyMaker(shape);
    const count = Math.min(100_000, Math.floor(MOST_CHARACTERS / keys.typicalLength(1_000)));
    expect(new Set(keys.makeMany(count)).size).toBe(count);
  });

  test('equal numbers give equal keys, also from another maker', () => {
    const [one, other] = [new KeyMaker(shape), new KeyMaker(shape)];
    for (const id of [0, 1, 77, 40_000]) expect(one.make(id)).toBe(other.make(id));
  });
});

test('random keys have 24 to 64 characters', () => {
  const lengths = new KeyMaker('random').makeMany(5_000).map((key) => key.length);
  expect(Math.min(...lengths)).toBe(24);
  expect(Math.max(...lengths)).toBe(64);
});

test('the typical length is that of the keys', () => {
  expect(new KeyMaker('random:90').typicalLength(1_000)).toBe(90);
  expect(new KeyMaker('uuid').typicalLength(1_000)).toBe(36);
});

test('an unknown shape is refused by name', () => {
  expect(() => keyShape('pentagon')).toThrow(/'pentagon' is unknown; known: random/);
});

/** Hashes that FNV-1a from a basis gives to 2,000 keys of a shape. */
function fnvHashes(shape: string, basis: number): Set<number> {
  const hashes = new KeyMaker(shape).makeMany(2_000).map((key) => {
    let hash = basis;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
    return hash;
  });
  return new Set(hashes);
}

test('the keys crafted against FNV-1a all have one hash from its published basis, and many from another', () => {
  expect(fnvHashes('fnv-1a', 0x811c9dc5).size).toBe(1);
  expect(fnvHashes('fnv-1a', 0x12345678).size).toBeGreaterThan(500);
});

test.each([0, 1, 0x811c9dc5, 0xfffffffe])(
  'the keys crafted against any seed all have one FNV-1a hash from %d',
  (basis) => {
    expect(fnvHashes('any-seed', basis).size).toBe(1);
  },
);

test('taught keys differ near their start, and only further on once that is learnt', () => {
  const keys = new KeyMaker('taught');
  expect(keys.make(10).slice(6)).toBe(keys.make(4_000).slice(6));
  expect(keys.make(40_000).slice(0, 96)).toBe(keys.make(50_000).slice(0, 96));
});

test('keys that differ in the highest bits alone do so everywhere, and by odd numbers their sums agree in 15 bits', () => {
  const keys = new KeyMaker('high-bit').makeMany(5_000);
  const places = Array.from({ length: 40 }, (_, place) => new Set(keys.map((key) => key.charCodeAt(place))));
  expect(places).toEqual(places.map(() => new Set([0x61, 0x8061])));
  expect(new Set(keys.map((key) => key.length))).toEqual(new Set([40]));
  const random = new Random(4);
  const odd = places.map(() => random.nextUint32() | 1);
  const sumOf = (key: string): number =>
    odd.reduce((sum, multiplier, place) => (sum + Math.imul(key.charCodeAt(place), multiplier)) | 0, 0);
  expect(new Set(keys.map((key) => sumOf(key) & 0x7fff)).size).toBe(1);
});

test('random keys beside a shape are as long and as wide as its keys', () => {
  expect([randomLike('unread', 1_024), randomLike('high-bit', 40)]).toEqual(['random:1024', 'random-wide:40']);
  const wide = new KeyMaker('random-wide:40').makeMany(100);
  expect(wide.every((key) => key.length === 40 && /^[\u0100-\uffff]+$/.test(key))).toBe(true);
});

test('keys that differ in one place are equal everywhere else', () => {
  const keys = new KeyMaker('one-place');
  const [one, other] = [keys.make(10), keys.make(4_000)];
  const differing = [...one].filter((character, index) => character !== other[index]);
  expect(one).toHaveLength(other.length);
  expect(differing.length).toBeLessThanOrEqual(2);
});

test("ranks are drawn as often as Zipf's law says", () => {
  const [draws, count] = [200_000, 100];
  const zipf = new Zipf(count, 1);
  const random = new Random(9);
  const drawn = new Array<number>(count).fill(0);
  for (let i = 0; i < draws; i++) {
    const rank = zipf.rank(random.next());
    drawn[rank] = (drawn[rank] ?? 0) + 1;
  }
  const harmonic = drawn.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
  for (const rank of [0, 1, 9, 49]) {
    const expected = draws / (rank + 1) / harmonic;
    expect(Math.abs((drawn[rank] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
  }
});

test('a shuffle keeps what it shuffles', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = new Random(3).shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
});
