/** The index against a Map, under hashes from honest to hopeless. */
import { describe, expect, test } from 'vitest';
import { NONE } from '../../src/core/bits.js';
import { mix32 } from '../../src/core/hash.js';
import { createRandom, type Random } from '../../src/core/random.js';
import { KeyIndex } from '../../src/structures/key-index.js';
import { readSeed } from '../engine/seeds.js';
import { operations } from '../support/deep.js';

const STEPS = operations(40_000);
const BATCH = 400;
/** The slots of these tests have about so many words, so a hash of this size more is the next home. */
const WORDS = 1280;
const NEXT_HOME = 2 ** 32 / WORDS;

/** Hashes of numbered keys. What a key's home is, its upper bits say; the tag beside a slot holds the lower ones. */
const HASHES: Readonly<Record<string, (n: number) => number>> = {
  'an honest hash': mix32,
  'a constant hash': () => 0x9e3779b9,
  'a hash of few values': (n) => mix32(n % 7),
  'a hash of low bits only': (n) => n % 0x10000,
  'a hash of high bits only': (n) => (n << 22) >>> 0,
  'homes side by side': (n) => ((n % 40) * NEXT_HOME + 0x40000000) >>> 0,
  'two crowded homes, one in the way of the other': (n) => ((n % 2) * 69 * NEXT_HOME + 0x40000000) >>> 0,
  'homes at the end of the words': (n) => (2 ** 32 - 1 - (n % 9) * NEXT_HOME) >>> 0,
  'a crowd and an honest rest': (n) => (n % 3 === 0 ? 0xfedcba98 : mix32(n)),
};

/** An index and the Map it has to agree with; slots are handed out as a shard does. */
class Pair {
  readonly index: KeyIndex<number> = new KeyIndex();
  readonly slots: Map<number, number> = new Map();
  private readonly free: number[] = [];
  private readonly hash: (n: number) => number;
  private highWater = 0;
  private room = 0;

  constructor(hash: (n: number) => number) {
    this.hash = hash;
  }

  grow(more: number): void {
    this.room += more;
    this.index.grow(this.room);
  }

  reserve(more: number): void {
    this.index.reserve(this.room + more);
    expect(this.index.room).toBeGreaterThanOrEqual(this.room + more);
  }

  add(n: number): void {
    if (this.free.length === 0 && this.highWater === this.room) this.grow(Math.max(1, this.room >> 1));
    const slot = this.free.pop() ?? this.highWater++;
    this.index.add(slot, keyOf(n), this.hash(n));
    this.index.cells[2 * slot + 1] = n;
    this.slots.set(n, slot);
  }

  remove(n: number): void {
    const slot = this.slots.get(n) as number;
    this.index.remove(slot);
    this.free.push(slot);
    this.slots.delete(n);
  }

  find(n: number): number {
    return this.index.find(keyOf(n), this.hash(n));
  }

  /** Finds whatever is there, and nothing else among the numbers below `end`. */
  check(end: number, at: string): void {
    const wrong: string[] = [];
    for (let n = 0; n < end; n++) {
      const expected = this.slots.get(n) ?? NONE;
      const found = this.find(n);
      if (found !== expected) wrong.push(`${keyOf(n)} in slot ${found}, not ${expected}`);
      else if (found !== NONE && this.index.cells[2 * found + 1] !== n) wrong.push(`${keyOf(n)} has another's value`);
    }
    expect({ wrong, size: this.index.size }, at).toEqual({ wrong: [], size: this.slots.size });
  }
}

function keyOf(n: number): string {
  return `key ${n}`;
}

/** Batches that mostly add or mostly remove, so that the index fills, empties and fills again. */
function walk(random: Random, pair: Pair, seed: number): void {
  const numbers = 1000;
  let isFilling = true;
  for (let step = 0; step < STEPS; step++) {
    if (step % BATCH === 0) {
      pair.check(numbers, `step ${step} of SHERD_SEED=${seed}`);
      isFilling = pair.slots.size < 100 || (pair.slots.size < 800 && random.nextInt(2) === 0);
      if (random.nextInt(20) === 0) pair.reserve(random.nextInt(400));
      if (random.nextInt(20) === 0) pair.grow(random.nextInt(40));
    }
    const n = random.nextInt(numbers);
    const isIn = pair.slots.has(n);
    if (isFilling ? !isIn : !isIn && random.nextInt(8) === 0) pair.add(n);
    else if (isFilling ? random.nextInt(8) === 0 : isIn) pair.remove(n);
  }
  pair.check(numbers, `the end of SHERD_SEED=${seed}`);
}

describe('KeyIndex', () => {
  test.each(Object.entries(HASHES))(
    `agrees with a Map over ${STEPS.toLocaleString('en')} steps under %s`,
    (_name, hash) => {
      const seed = readSeed();
      const pair = new Pair(hash);
      pair.grow(1);
      walk(createRandom(seed), pair, seed);
    },
  );

  test('finds keys behind others that stand far from their own homes, when those come back', () => {
    const pair = new Pair(HASHES['two crowded homes, one in the way of the other'] as (n: number) => number);
    pair.grow(1000);
    for (let i = 0; i < 32; i++) pair.add(2 * i + 1);
    for (let i = 0; i < 150; i++) pair.add(2 * i);
    for (let i = 0; i < 120; i++) {
      pair.remove(2 * i);
      pair.check(300, `removed ${i + 1}`);
    }
  });

  test.each([
    ['in the order they came', (keys: number[]) => keys],
    ['the last first', (keys: number[]) => keys.reverse()],
    ['in any order', (keys: number[]) => keys.sort((a, b) => mix32(a) - mix32(b))],
  ])('keeps 1,000 keys of one hash, and gives them up %s', (_name, order) => {
    const pair = new Pair(() => 0xffffffff);
    pair.grow(1200);
    for (let n = 0; n < 1000; n++) pair.add(n);
    pair.check(1100, 'full');
    const keys = order(Array.from({ length: 1000 }, (_, n) => n));
    for (const [i, n] of keys.entries()) {
      pair.remove(n);
      if (i % 50 === 0) pair.check(1100, `removed ${i + 1}`);
    }
    pair.check(1100, 'empty');
  });

  test('grows to more than 2^16 slots, a few at a time and in one leap', () => {
    for (const hash of [mix32, (n: number) => mix32(n >> 3)]) {
      const pair = new Pair(hash);
      pair.grow(8);
      for (let n = 0; n < 70_000; n++) pair.add(n);
      pair.check(71_000, 'full');
      pair.grow(140_000);
      for (let n = 0; n < 70_000; n += 2) pair.remove(n);
      pair.check(71_000, 'half empty');
    }
  });

  test('holds nothing of what was removed', () => {
    const pair = new Pair(mix32);
    for (let n = 0; n < 50; n++) pair.add(n);
    for (let n = 0; n < 50; n++) pair.remove(n);
    expect(pair.index.cells.every((cell) => cell === undefined)).toBe(true);
  });

  test('counts additions of keys whose whole hash another key has, in windows of 512', () => {
    for (const hash of [0x00000007, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const index = new KeyIndex<number>();
      index.grow(2000);
      for (let slot = 0; slot < 100; slot++) index.add(slot, keyOf(slot), slot < 10 ? hash : mix32(slot));
      expect(index.twins, `hash ${hash}`).toBe(45);
      for (let slot = 100; slot < 512; slot++) index.add(slot, keyOf(slot), mix32(slot));
      expect(index.twins).toBe(0);
    }
  });

  test('lets go of its overflow when the last key has left it, by removal or by growth', () => {
    const pair = new Pair(() => 0xffffffff);
    pair.grow(400);
    for (let n = 0; n < 400; n++) pair.add(n);
    expect(pair.index.overflowSize).toBe(400 - 256);
    const overflowing = Array.from({ length: 400 }, (_, n) => n).slice(256);
    for (const n of overflowing) pair.remove(n);
    expect(pair.index.overflowSize).toBe(0);
    pair.check(400, 'emptied');
    for (const n of overflowing) pair.add(n);
    for (let n = 0; n < 200; n++) pair.remove(n);
    expect(pair.index.overflowSize).toBe(400 - 256);
    pair.check(400, 'refilled');
    pair.grow(100);
    expect(pair.index.overflowSize).toBe(0);
    pair.check(400, 'grown');
  });

  test('does not take a growth for additions', () => {
    const index = new KeyIndex<number>();
    index.grow(20);
    for (let slot = 0; slot < 10; slot++) index.add(slot, keyOf(slot), 7);
    const { twins } = index;
    index.grow(2000);
    expect(index.twins).toBe(twins);
    expect(index.twinSlots).toHaveLength(64);
  });

  test('notes which keys have met, and forgets them with the window', () => {
    const index = new KeyIndex<number>();
    index.grow(1000);
    for (let slot = 0; slot < 500; slot++) index.add(slot, keyOf(slot), slot % 100 === 7 ? 0x12345678 : mix32(slot));
    expect([index.twins, index.twinSlots.length]).toEqual([10, 20]);
    expect(new Set(index.twinSlots)).toEqual(new Set([7, 107, 207, 307, 407]));
    index.forgetTwins();
    expect([index.twins, index.twinSlots]).toEqual([0, []]);
  });
});
