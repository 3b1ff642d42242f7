import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { RecentHashes } from '../../src/structures/recent-hashes.js';

function create(count: number): RecentHashes {
  const hashes = new RecentHashes();
  hashes.grow(count);
  return hashes;
}

/** The share of `count` hashes from `first` on that are remembered. */
function shareTaken(hashes: RecentHashes, first: number, count: number): number {
  let taken = 0;
  for (let hash = first; hash < first + count; hash++) if (hashes.take(hash)) taken++;
  return taken / count;
}

describe('RecentHashes', () => {
  test('with one bucket, remembers exactly the fifteen added last, but for those taken', () => {
    const random = createRandom(3);
    const hashes = create(15);
    const added: number[] = [];
    let taken = 0;
    for (let step = 0; step < 20_000; step++) {
      const hash = random.nextInt(60);
      const place = added.slice(-15).lastIndexOf(hash);
      if (random.nextInt(3) === 0) {
        expect(hashes.take(hash)).toBe(place >= 0);
        if (place >= 0) added[Math.max(0, added.length - 15) + place] = -1;
        taken += Number(place >= 0);
      } else if (place < 0) {
        hashes.add(hash);
        added.push(hash);
      }
    }
    expect(taken).toBeGreaterThan(1000);
  });

  test.each([30_000, 1_000_000])('remembers about as many as it is told to, after %i', (added) => {
    const hashes = create(10_000);
    for (let hash = 0; hash < added; hash++) hashes.add(hash);
    const taken = shareTaken(hashes, 0, added) * added;
    expect(taken).toBeGreaterThan(9_500);
    expect(taken).toBeLessThan(10_500);
  });

  test('remembers the late and forgets the early', () => {
    const hashes = create(10_000);
    for (let hash = 0; hash < 300_000; hash++) hashes.add(hash);
    expect(shareTaken(hashes, 296_000, 4000)).toBeGreaterThan(0.98);
    expect(shareTaken(hashes, 0, 280_000)).toBeLessThan(0.003);
  });

  test('hardly ever takes a stranger for one of its own, whichever bits tell hashes apart', () => {
    for (const step of [1, 2 ** 20]) {
      const hashes = create(1000);
      for (let i = 0; i < 900; i++) hashes.add((i * step) | 0);
      let strangers = 0;
      for (let i = 900; i < 4000; i++) if (hashes.take((i * step) | 0)) strangers++;
      expect(strangers).toBeLessThan(6);
    }
  });

  test('forgets what it was told to take, and everything when it grows', () => {
    const hashes = create(100);
    for (const hash of [1, 2]) hashes.add(hash);
    expect([hashes.take(1), hashes.take(1)]).toEqual([true, false]);
    hashes.grow(200);
    expect(hashes.take(2)).toBe(false);
    hashes.add(3);
    expect(hashes.take(3)).toBe(true);
  });
});
