import { describe, expect, test } from 'vitest';
import { learnPlaces, MAX_PLACES } from '../../src/engine/learn-places.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

function learn(keys: readonly string[], known: readonly number[] = []): number[] {
  const places = learnPlaces(keys, known);
  if (places === undefined) throw new Error('nothing learnt');
  return [...places];
}

/** All that a hash at these places sees of a key. */
function seenOf(key: string, places: readonly number[]): string {
  return [key.length, ...places.map((place) => key.at(place) ?? '')].join(' ');
}

function numbered(count: number, keyOf: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => keyOf(n));
}

describe('learnPlaces', () => {
  test('chooses the place where keys differ', () => {
    for (const place of [0, 1, 40, 95]) {
      const keys = numbered(
        64,
        (n) => `${'k'.repeat(place)}${String.fromCharCode(0x100 + n)}${'k'.repeat(99 - place)}`,
      );
      const places = learn(keys).map((chosen) => (chosen < 0 ? chosen + 100 : chosen));
      expect(places).toContain(place);
    }
  });

  test('counts from the end where keys of many lengths differ there', () => {
    const keys = numbered(100, (n) => `${'k'.repeat(n % 10)}:${String(n).padStart(3, '0')}`);
    const places = learn(keys);
    expect(new Set(keys.map((key) => seenOf(key, places))).size).toBe(100);
    expect(places.some((place) => place < 0)).toBe(true);
  });

  test('reads few characters of common keys, those around the varied ones among them', () => {
    const keys = numbered(128, (n) => `tenant:7:user:${String(n).padStart(9, '0')}:profile:settings`);
    const places = learn(keys).map((place) => (place < 0 ? place + 41 : place));
    expect(places.length).toBeLessThan(MAX_PLACES);
    // The last three digits vary in the sample, those before them will.
    expect(places).toEqual(expect.arrayContaining([19, 20, 21, 22]));
  });

  test('keeps the places that are known', () => {
    const keys = numbered(64, (n) => `${'k'.repeat(30)}${String.fromCharCode(0x100 + n)}${'k'.repeat(30)}`);
    expect(learn(keys, [3, -2])).toEqual(expect.arrayContaining([-2, 3, 30]));
  });

  test('gives up where so many places would not do', () => {
    const base = 'k'.repeat(60);
    const eachElsewhere = numbered(40, (n) => `${base.slice(0, n)}x${base.slice(n + 1)}`);
    expect(learnPlaces(eachElsewhere, [])).toBeUndefined();
    expect(learnPlaces(eachElsewhere.slice(0, 10), [])?.length).toBeLessThanOrEqual(MAX_PLACES);
    expect(learnPlaces(['same', 'same'], [])).toBeUndefined();
    const known = Array.from({ length: MAX_PLACES }, (_, n) => n + 100);
    expect(learnPlaces(['aa', 'ab'], known)).toBeUndefined();
  });

  test('finds differences in the middle of long keys, of one length or of many', () => {
    for (const length of [200, 1000, 65_536]) {
      const [before, after] = ['k'.repeat(length / 2 - 3), 'k'.repeat(length / 2)];
      for (const keyOf of [
        (n: number) => `${before}${String.fromCharCode(0x100 + n)}${after}`,
        (n: number) => `${before}${n}${after}`,
        (n: number) => `${n}${before}${n % 8}${after}${Math.floor(n / 8)}`,
      ]) {
        const keys = numbered(128, keyOf);
        const places = learn(keys);
        expect(new Set(keys.map((key) => seenOf(key, places))).size).toBe(128);
      }
    }
  });

  test('adds the digits that a number will have when it has counted on', () => {
    expect(learn(numbered(64, (n) => `user:${String(n).padStart(9, '0')}:${'profile'.repeat(4)}`))).toEqual(
      expect.arrayContaining([9, 10, 11, 12, 13]),
    );
    const inTheMiddle = learn(numbered(64, (n) => `user:${n}:${'profile'.repeat(4)}`));
    expect(inTheMiddle).toEqual(expect.arrayContaining([5, 6, 7, 8, 9]));
    expect(learn(numbered(64, (n) => `${'profile'.repeat((n % 3) + 1)}:${n}`))).toEqual(
      expect.arrayContaining([-5, -4, -3, -2, -1]),
    );
  });

  test('passes over places that say the same as a chosen one', () => {
    const words = ['orange', 'violet', 'silver', 'indigo', 'maroon', 'purple', 'yellow', 'copper'];
    const keys = numbered(64, (n) => `${words[n % 8]}/${'-'.repeat(20)}${String.fromCharCode(0x100 + n)}`);
    expect(learn(keys).filter((place) => place >= 0 && place < 6).length).toBeLessThan(3);
  });

  test('counts letters as digits in a later lesson', () => {
    const keys = numbered(30, (n) => `${'-'.repeat(30)}00az${n.toString(36)}${'-'.repeat(30)}`);
    expect(learn(keys, [0])).toEqual(expect.arrayContaining([0, 30, 31, 32, 33, 34]));
  });

  test('takes an empty sample, one key, and keys without a character', () => {
    expect(learnPlaces([], [])).toEqual(Int32Array.of());
    expect(learn([], [4])).toContain(4);
    for (const keys of [['k'], ['', 'k', 'kk']]) expect(learnPlaces(keys, [])).toBeInstanceOf(Int32Array);
  });

  test('chooses first the place that leaves the fewest pairs alike, the nearest to an end of those about as good', () => {
    const digit = (n: number, unit: number): number => Math.floor(n / unit) % 10;
    // Ten codes at 5, eight at 20, two at 30.
    const keys = numbered(
      64,
      (n) => `${'k'.repeat(5)}${n % 10}${'k'.repeat(14)}${digit(n, 8) % 8}${'k'.repeat(9)}${n % 2}${'k'.repeat(20)}`,
    );
    expect(new Set(keys.map((key) => seenOf(key, [5, 20]))).size).toBe(64);
    expect(learn(keys)).toEqual(expect.arrayContaining([5, 20]));
  });

  test('tells apart all keys of the sample, by at most 16 places in rising order, or gives up', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 200 });
    const sample = fc.uniqueArray(text, { minLength: 1, maxLength: 60 });
    const known = fc.uniqueArray(fc.integer({ min: -20, max: 60 }), { maxLength: 6 });
    fc.assert(
      fc.property(sample, known, (keys, knownPlaces) => {
        const places = learnPlaces(keys, knownPlaces);
        if (places === undefined) return;
        expect(places.length).toBeLessThanOrEqual(MAX_PLACES);
        expect([...places]).toEqual([...new Set(places)].sort((a, b) => a - b));
        for (const place of knownPlaces) expect(places).toContain(place);
        expect(new Set(keys.map((key) => seenOf(key, [...places]))).size).toBe(keys.length);
      }),
      { numRuns: runs(100, 30) },
    );
  });
});
