import { expect, test } from 'vitest';
import { ceilPowerOfTwo, isPowerOfTwo } from '../../src/core/bits.js';
import { hashString } from '../../src/core/hash.js';
import { createRandom } from '../../src/core/random.js';
import { closest } from '../../src/options/suggest.js';
import { fc } from '../support/property.js';

test('ceilPowerOfTwo is the least power of two that is not below', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (value) => {
      const power = ceilPowerOfTwo(value);
      expect(isPowerOfTwo(power) && power >= value && (power === 1 || power / 2 < value)).toBe(true);
    }),
  );
});

test('equal seeds give equal sequences in [0, 1)', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const [a, b] = [createRandom(seed), createRandom(seed)];
      for (let i = 0; i < 20; i++) {
        const value = a.next();
        expect(value).toBe(b.next());
        expect(value >= 0 && value < 1).toBe(true);
      }
    }),
  );
});

test('the hash spreads keys that differ in one character evenly over 64 places', () => {
  const counts = new Array<number>(64).fill(0);
  for (let i = 0; i < 64_000; i++) {
    const place = hashString(`https://api.example.com/v1/users/${i}/profile?fields=all`, 7) % 64;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  expect(Math.max(...counts)).toBeLessThan(1000 + 5 * Math.sqrt(1000));
  expect(Math.min(...counts)).toBeGreaterThan(1000 - 5 * Math.sqrt(1000));
});

test('the hash depends on the seed', () => {
  expect(hashString('key', 1)).not.toBe(hashString('key', 2));
});

test('a slip is recognised, a different word is not', () => {
  expect(closest('evictionPolcy', ['evictionPolicy', 'capacity'])).toBe('evictionPolicy');
  expect(closest('SEIVE', ['lru', 'sieve'])).toBe('sieve');
  expect(closest('banana', ['lru', 'sieve'])).toBeUndefined();
});
