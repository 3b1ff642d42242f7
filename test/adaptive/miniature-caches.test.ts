import { describe, expect, test } from 'vitest';
import { MiniatureCaches } from '../../src/adaptive/miniature-caches.js';
import { NONE } from '../../src/core/bits.js';
import { createRandom } from '../../src/core/random.js';
import { type AdmissionRule, WTinyLfuPolicy } from '../../src/engine/policies/w-tinylfu.js';
import { FrequencySketch } from '../../src/structures/frequency-sketch.js';
import { loopedKeys, recentKeys, scannedZipf } from './access-patterns.js';

const RULES: readonly AdmissionRule[] = [
  { windowShare: 0.01, requestsToEnter: 0 },
  { windowShare: 0.3, requestsToEnter: 3 },
  { windowShare: 1, requestsToEnter: 0 },
];

/** Hits of a cache of its own, without a miniature's ways of sharing. */
function countHits(rule: AdmissionRule, hashes: readonly number[], capacity: number): number {
  const sketch = new FrequencySketch();
  sketch.setCapacity(capacity, 10 * capacity);
  const policy = new WTinyLfuPolicy(sketch, rule);
  policy.grow(capacity);
  const slots = new Map<number, number>();
  const held: number[] = [];
  let hits = 0;
  for (const hash of hashes) {
    const known = slots.get(hash);
    if (known !== undefined) {
      hits++;
      policy.hit(known, hash);
      continue;
    }
    let slot = held.length;
    if (slot === capacity) {
      slot = policy.victim(NONE);
      policy.evicting(slot, held[slot] as number);
      policy.remove(slot);
      slots.delete(held[slot] as number);
    }
    held[slot] = hash;
    slots.set(hash, slot);
    policy.insert(slot, hash);
  }
  return hits;
}

describe('MiniatureCaches', () => {
  test.each([
    ['keys that come back soon', recentKeys(createRandom(1), 30_000, 300)],
    ['popular keys among a scan', scannedZipf(createRandom(2), 30_000, 2000)],
    ['a loop', loopedKeys(30_000, 400)],
  ])('hit about as often as caches with a sketch of their own: %s', (_, hashes) => {
    const miniatures = new MiniatureCaches(RULES, 200);
    for (const hash of hashes) miniatures.access(hash);
    for (const [i, rule] of RULES.entries()) {
      const expected = countHits(rule, hashes, 200) / hashes.length;
      expect(Math.abs((miniatures.hits[i] as number) / hashes.length - expected)).toBeLessThan(0.04);
    }
  });

  test('are exact where there is nothing to estimate: a window that is all of the cache is LRU', () => {
    const hashes = recentKeys(createRandom(3), 20_000, 500);
    const miniatures = new MiniatureCaches([{ windowShare: 1, requestsToEnter: 0 }], 150);
    const lru = new Set<number>();
    let hits = 0;
    for (const hash of hashes) {
      miniatures.access(hash);
      if (lru.delete(hash)) hits++;
      else if (lru.size === 150) lru.delete(lru.values().next().value as number);
      lru.add(hash);
    }
    expect(miniatures.hits[0]).toBe(hits);
  });

  test('hold no more keys than their capacities allow, however many pass', () => {
    const miniatures = new MiniatureCaches(RULES, 20);
    let most = 0;
    for (const hash of scannedZipf(createRandom(4), 50_000, 5000)) {
      miniatures.access(hash);
      most = Math.max(most, miniatures.keyCount);
    }
    expect(most).toBeGreaterThanOrEqual(20);
    expect(most).toBeLessThanOrEqual(RULES.length * 20);
  });

  test('work with room for a single entry', () => {
    const miniatures = new MiniatureCaches(RULES, 1);
    for (const hash of [5, 5, 6, 6, 6, 5]) miniatures.access(hash);
    expect([...miniatures.hits]).toEqual([3, 3, 3]);
  });
});
