/** Keys of the bench: distinct, repeatable, in the promised shapes; and requests that follow Zipf's law. */
import { describe, expect, test } from 'vitest';
import { CRAFTED_SHAPES } from '../../bench/lib/keys/crafted.mjs';
import { KeyMaker } from '../../bench/lib/keys/key-maker.mjs';
import { KEY_SHAPES, keyShape } from '../../bench/lib/keys/shapes.mjs';
import { Zipf } from '../../bench/lib/keys/zipf.mjs';
import { Random } from '../../bench/lib/random.mjs';

const LONG = new Set(['prompt', 'one-place']);

describe.each([...Object.keys(KEY_SHAPES), ...Object.keys(CRAFTED_SHAPES), 'random:90'])('%s keys', (shape) => {
  test('different numbers give different keys', () => {
    const count = LONG.has(shape) ? 5_000 : 100_000;
    expect(new Set(new KeyMaker(shape).makeMany(count)).size).toBe(count);
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

test('the keys crafted against FNV-1a all have one hash', () => {
  const hashes = new KeyMaker('fnv-1a').makeMany(2_000).map((key) => {
    let hash = 0x811c9dc5;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
    return hash;
  });
  expect(new Set(hashes).size).toBe(1);
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
