/** How long entries live, and how jitter shortens that. */
import { expect, test } from 'vitest';
import { createShardedCache, withClock, withSeed, withTTL, withTTLJitter } from '../../src/cache/index.js';
import { Lifetimes } from '../../src/cache/lifetimes.js';
import { createRandom } from '../../src/core/random.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const anyTtlMs = fc.oneof(fc.integer({ min: 1, max: 3_600_000 }), fc.double({ min: 1e-3, max: 1e12, noNaN: true }));

test('an entry lives for its time to live less the jitter at most, and never longer', () => {
  fc.assert(
    fc.property(anyTtlMs, anyTtlMs, share, fc.nat(), fc.nat(1e9), (ttlMs, ownTtlMs, ttlJitter, seed, nowMs) => {
      const lifetimes = new Lifetimes({ ttlMs, ttlJitter }, createRandom(seed));
      for (const [own, whole] of [
        [undefined, ttlMs],
        [ownTtlMs, ownTtlMs],
      ] as const) {
        const expiresAtMs = lifetimes.expiryOf(own, nowMs);
        expect(expiresAtMs).toBeLessThanOrEqual(nowMs + whole);
        // Times so far apart round.
        expect(expiresAtMs - nowMs).toBeGreaterThanOrEqual(whole * (1 - ttlJitter) - 1e-3);
      }
    }),
    { numRuns: runs(100, 2) },
  );
});

test('what never expires is never jittered, be it by default or by its own word', () => {
  fc.assert(
    fc.property(anyTtlMs, share, fc.nat(), (ttlMs, ttlJitter, seed) => {
      const ever = new Lifetimes({ ttlMs: 0, ttlJitter }, createRandom(seed));
      expect(ever.expiryOf(undefined, 5)).toBe(Infinity);
      const mortal = new Lifetimes({ ttlMs, ttlJitter }, createRandom(seed));
      expect([mortal.expiryOf(0, 5), mortal.expiryOf(Infinity, 5)]).toEqual([Infinity, Infinity]);
    }),
    { numRuns: runs(100, 3) },
  );
});

test('jitter takes its whole share, evenly', () => {
  const lifetimes = new Lifetimes({ ttlMs: 1000, ttlJitter: 0.5 }, createRandom(1));
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const tenth = Math.min(9, Math.floor((lifetimes.expiryOf(undefined, 0) - 500) / 50));
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(count).toBeGreaterThan(900);
});

test('the same seed gives the same lives, and without jitter nothing is drawn', () => {
  const livesOf = (ttlJitter: number, seed: number): number[] => {
    const lifetimes = new Lifetimes({ ttlMs: 1000, ttlJitter }, createRandom(seed));
    return Array.from({ length: 20 }, () => lifetimes.expiryOf(undefined, 0));
  };
  expect(livesOf(0.3, 7)).toEqual(livesOf(0.3, 7));
  expect(livesOf(0.3, 7)).not.toEqual(livesOf(0.3, 8));
  const never = { next: () => expect.unreachable(), nextInt: () => expect.unreachable() };
  expect(new Lifetimes({ ttlMs: 1000, ttlJitter: 0 }, never).expiryOf(undefined, 0)).toBe(1000);
});

test('a cache is jittered from the moment it is told, in what is written from then on', () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withClock(clock), withTTL('1m'), withSeed(3));
  const fill = (name: string): void => {
    for (let i = 0; i < 100; i++) cache.set(`${name} ${i}`, i);
  };
  const left = (name: string): number =>
    Array.from({ length: 100 }, (_, i) => cache.get(`${name} ${i}`)).filter(Number.isInteger).length;
  fill('before');
  cache.tune({ ttlJitter: 0.5 });
  fill('after');
  clock.advance(45_000);
  expect(left('before')).toBe(100);
  expect(left('after')).toBeGreaterThan(25);
  expect(left('after')).toBeLessThan(75);
  clock.advance(15_000);
  expect([left('before'), left('after')]).toEqual([0, 0]);
  expect(() => createShardedCache(withTTLJitter(1.1))).toThrow(/0 to 1/);
});
