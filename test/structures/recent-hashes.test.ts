import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { RecentHashes } from '../../src/structures/recent-hashes.js';
import { operations } from '../support/deep.js';

function create(room: number, limit: number): RecentHashes {
  const hashes = new RecentHashes();
  hashes.grow(room);
  hashes.limit = limit;
  return hashes;
}

/** The share of `count` hashes from `first` on that are remembered. */
function shareTaken(hashes: RecentHashes, first: number, count: number): number {
  let taken = 0;
  for (let hash = first; hash < first + count; hash++) if (hashes.take(hash)) taken++;
  return taken / count;
}

describe('RecentHashes', () => {
  test('with room for one bucket, remembers exactly those added last that were not taken', () => {
    const random = createRandom(3);
    const hashes = create(12, 10);
    const added: number[] = [];
    let taken = 0;
    for (let step = 0; step < operations(20_000); step++) {
      const hash = random.nextInt(40);
      const isRecent = added.slice(-10).includes(hash);
      if (random.nextInt(3) === 0) {
        expect(hashes.take(hash)).toBe(isRecent);
        if (isRecent) added[added.lastIndexOf(hash)] = -1;
        taken += Number(isRecent);
      } else if (!isRecent) {
        hashes.add(hash);
        added.push(hash);
      }
    }
    expect(taken).toBeGreaterThan(1000);
  });

  test.each([
    ['little', 30_000],
    ['a long time, in which the stamps come round many times', 3_000_000],
  ])('with much room, remembers nearly all of those added last and hardly any other, after %s', (_, added) => {
    const hashes = create(10_000, 9000);
    for (let hash = 0; hash < added; hash++) hashes.add(hash);
    expect(shareTaken(hashes, added - 9000, 9000)).toBeGreaterThan(0.97);
    expect(shareTaken(hashes, added, 100_000)).toBeLessThan(0.005);
    for (let hash = added; hash < added + 30_000; hash++) hashes.add(hash);
    expect(shareTaken(hashes, added, 20_700)).toBeLessThan(0.006);
  });

  test('with a limit far below the room, forgets just as well', () => {
    const hashes = create(10_000, 500);
    for (let hash = 0; hash < 1_000_000; hash++) {
      hashes.add(hash);
      if (hash % 100_000 === 99_999) {
        expect(shareTaken(hashes, hash - 200, 201)).toBeGreaterThan(0.95);
        expect(shareTaken(hashes, hash - 20_000, 19_400)).toBeLessThan(0.001);
      }
    }
  });

  test('hashes that differ in their upper bits only are told apart, as are those that differ in their lower', () => {
    for (const step of [1, 2 ** 20]) {
      const hashes = create(1000, 900);
      for (let i = 0; i < 900; i++) hashes.add(i * step);
      let strangers = 0;
      for (let i = 900; i < 4000; i++) if (hashes.take((i * step) | 0)) strangers++;
      expect(strangers).toBeLessThan(4);
    }
  });

  test('forgets what it was told to take, and everything when it grows', () => {
    const hashes = create(100, 90);
    for (const hash of [1, 2]) hashes.add(hash);
    expect([hashes.take(1), hashes.take(1)]).toEqual([true, false]);
    hashes.grow(200);
    expect(hashes.take(2)).toBe(false);
    hashes.add(3);
    expect(hashes.take(3)).toBe(true);
  });

  test('remembers nothing when the limit is 0', () => {
    const hashes = create(8, 0);
    hashes.add(1);
    expect(hashes.take(1)).toBe(false);
  });
});
