import { describe, expect, test } from 'vitest';
import type { HashFunction } from '../../src/core/hash.js';
import { createRandom } from '../../src/core/random.js';
import { KeyHash } from '../../src/engine/key-hash.js';
import { collidingFromAnyBasis, fnv1a, thueMorse } from './crafted-keys.js';

const KEYS = Array.from({ length: 3000 }, (_, i) => `user:${i}:profile`);

function spreadOf(hash: KeyHash, keys: readonly string[]): number {
  return new Set(keys.map((key) => hash.of(key))).size;
}

describe('KeyHash', () => {
  const hashes: Readonly<Record<string, KeyHash>> = {
    'of whole keys': new KeyHash(7, undefined),
    'at places from the start': new KeyHash(7, Int32Array.of(5, 6, 7, 8)),
    'at places from both ends': new KeyHash(7, Int32Array.of(-9, -10, -11, 5, 6)),
    'at places that no key has': new KeyHash(7, Int32Array.of(-500, 500)),
    "a user's": new KeyHash(7, undefined, (key) => -key.length * 1.7),
  };

  test.each(Object.entries(hashes))('%s gives equal keys the same signed integer of 32 bits', (_name, hash) => {
    for (const key of ['', 'k', 'kk', 'user:12:profile', '\ud83d', 'ключ', 'k'.repeat(65_536)]) {
      const value = hash.of(key);
      expect(value).toBe(value | 0);
      expect(hash.of(Array.from(key).join(''))).toBe(value);
      expect(hash.of(`x${key}x`.slice(1, -1))).toBe(value);
    }
  });

  test('tells apart keys that differ at its places, or in length, and no others', () => {
    const hash = new KeyHash(7, Int32Array.of(-1, 2));
    expect(spreadOf(hash, ['aabaa', 'aacaa', 'aabab', 'aabaaa', 'aaba', 'aab'])).toBe(6);
    expect(spreadOf(hash, ['aabaa', 'xabaa', 'axbaa', 'aabxa'])).toBe(1);
    expect(spreadOf(new KeyHash(7, undefined), ['aabaa', 'xabaa', 'axbaa', 'aabxa'])).toBe(4);
  });

  test('lets no character undo what the length has changed', () => {
    for (const places of [[0], [-1], [0, 3], [-2, 1]]) {
      const hash = new KeyHash(7, Int32Array.from(places));
      const keys = [4, 5, 6, 7, 8, 100, 260, 261, 1028].flatMap((length) =>
        Array.from({ length: 96 }, (_, code) => String.fromCharCode(32 + code).repeat(length)),
      );
      expect(spreadOf(hash, keys)).toBe(keys.length);
    }
  });

  describe('whatever the seed', () => {
    const EVERY = Array.from({ length: 200 }, (_, seed) => seed * 0x1234567);

    test('gives keys that differ in one character, or in length alone, different hashes', () => {
      const blank = 'k'.repeat(64);
      const others = [
        ...Array.from({ length: 64 }, (_, at) => `${blank.slice(0, at)}\u8000${blank.slice(at + 1)}`),
        ...Array.from({ length: 64 }, (_, at) => `${blank.slice(0, at)}K${blank.slice(at + 1)}`),
        blank.slice(1),
        blank,
      ];
      const places = Int32Array.from({ length: 16 }, (_, i) => i - 4);
      for (const seed of EVERY) {
        expect(spreadOf(new KeyHash(seed, undefined), others)).toBe(others.length);
        const seen = others.filter((key) => [-4, -3, -2, -1].some((at) => key.at(at) !== 'k'));
        expect(spreadOf(new KeyHash(seed, places), seen)).toBe(seen.length);
      }
    });

    test('tells apart keys of one FNV-1a hash from any basis', () => {
      const keys = collidingFromAnyBasis(7);
      for (const basis of [0, 1, 0x811c9dc5])
        expect(new Set(keys.map((key) => fnv1a(basis, key))).size).toBeLessThan(3);
      for (const seed of EVERY) expect(spreadOf(new KeyHash(seed, undefined), keys)).toBe(128);
    });

    test('tells apart what no polynomial does', () => {
      for (const seed of EVERY) {
        for (const doublings of [4, 5, 6, 8, 11]) {
          expect(spreadOf(new KeyHash(seed, undefined), thueMorse(doublings))).toBe(2);
        }
      }
    });

    test('tells apart keys that differ in the highest bits of their characters only', () => {
      const low = 'abcdefgh'.repeat(5);
      const random = createRandom(3);
      const keys = Array.from({ length: 200_000 }, () =>
        [...low].map((c) => String.fromCharCode(c.charCodeAt(0) + (random.nextInt(2) << 15))).join(''),
      );
      const places = Int32Array.from(low, (_, i) => i);
      for (const hash of [new KeyHash(5, undefined), new KeyHash(5, places)]) {
        // At random over the 2^25 values that a byte's highest bit can reach, 600 would meet another; over 2^17, most.
        expect(keys.length - spreadOf(hash, keys)).toBeLessThan(3000);
      }
    });

    test('has multipliers that the seed chooses: keys that meet under one meet under no other', () => {
      const random = createRandom(4);
      const word = (): string =>
        random
          .nextInt(36 ** 6)
          .toString(36)
          .padStart(6, '0');
      const keys = Array.from({ length: 2 ** 18 }, () => word() + word());
      for (const places of [undefined, Int32Array.from({ length: 12 }, (_, i) => i)]) {
        const first = new KeyHash(1, places);
        const other = new KeyHash(2, places);
        const byHash = new Map<number, string>();
        const met: [string, string][] = [];
        for (const key of keys) {
          const twin = byHash.get(first.of(key));
          if (twin !== undefined) met.push([twin, key]);
          byHash.set(first.of(key), key);
        }
        expect(met.length).toBeGreaterThan(0);
        expect(met.filter(([a, b]) => other.of(a) === other.of(b))).toEqual([]);
      }
    });

    test('does not let blocks of a long key change places, or the same change in two of them cancel out', () => {
      const [a, b] = ['abcdefgh', 'abcdxfgh'];
      const blank = 'k'.repeat(80);
      const keys = [a + b, b + a, a + a, b + b].map((blocks) => blank + blocks + blank);
      const upper = ['\u8000\u8000', '\0\0', '\u8000\0', '\0\u8000'].map((pair) => [...pair].join('kkkkkkk') + blank);
      for (const seed of EVERY) {
        expect(spreadOf(new KeyHash(seed, undefined), keys)).toBe(4);
        expect(spreadOf(new KeyHash(seed, undefined), upper)).toBe(4);
      }
    });
  });

  test('reads every character of a long key, wherever it is', () => {
    for (const length of [65, 66, 2047, 2048, 2049, 5000]) {
      const blank = 'k'.repeat(length);
      const changed = Array.from({ length }, (_, at) => `${blank.slice(0, at)}\u016b${blank.slice(at + 1)}`);
      expect(spreadOf(new KeyHash(7, undefined), [blank, `${blank}\0`, ...changed])).toBeGreaterThan(length);
    }
  });

  test('spreads keys over few shards and over many by any of its bits', () => {
    for (const name of ['of whole keys', 'at places from the start']) {
      const values = KEYS.map((key) => (hashes[name] as KeyHash).of(key));
      for (const shift of [0, 8, 16, 28]) {
        const counts = new Array<number>(16).fill(0);
        for (const value of values) counts[(value >>> shift) & 15] = (counts[(value >>> shift) & 15] ?? 0) + 1;
        expect(Math.max(...counts), `${name}, from bit ${shift}`).toBeLessThan((1.4 * KEYS.length) / 16);
      }
    }
  });

  test('is another with another seed', () => {
    for (const places of [undefined, Int32Array.of(5, 6, 7, 8)]) {
      const [a, b] = [new KeyHash(1, places), new KeyHash(2, places)];
      expect(KEYS.filter((key) => a.of(key) === b.of(key)).length).toBeLessThan(3);
    }
  });

  describe("a user's function", () => {
    test('chooses the shard by its lower bits', () => {
      const hash = new KeyHash(7, undefined, Number);
      for (const n of [0, 1, 17, 4095, 65_535, 65_536, -1, 2 ** 32 + 3]) {
        expect(hash.of(String(n)) & 0xffff, String(n)).toBe(((n % 65_536) + 65_536) % 65_536);
      }
    });

    test('of little variety has variety in all bits', () => {
      for (const own of [(key: string) => Number(key.slice(5, -8)), (key: string) => Number(key.slice(5, -8)) << 16]) {
        const hash = new KeyHash(7, undefined, own);
        expect(new Set(KEYS.map((key) => hash.of(key) >>> 24)).size).toBe(256);
      }
    });

    test('that throws or gives no number counts as one that gives 0', () => {
      const broken = [() => Number.NaN, () => undefined, () => 'a text', () => Number.POSITIVE_INFINITY];
      const zero = new KeyHash(7, undefined, () => 0).of('key');
      for (const own of broken) expect(new KeyHash(7, undefined, own as unknown as HashFunction).of('key')).toBe(zero);
      const throwing = new KeyHash(7, undefined, () => {
        throw new Error('no hash today');
      });
      expect(throwing.of('key')).toBe(zero);
    });
  });
});
