/** Hashes of keys asked for one after another, as caches meet them. */
import { mix32 } from '../../src/core/hash.js';
import type { Random } from '../../src/core/random.js';

/** Keys come back soon or never: half of the accesses are to a new key, half to one of the latest `reach`. */
export function recentKeys(random: Random, count: number, reach: number): number[] {
  const keys: number[] = [];
  let fresh = 0;
  while (keys.length < count) {
    const isNew = keys.length === 0 || random.nextInt(2) === 0;
    keys.push(
      isNew ? 2 ** 20 + fresh++ : (keys[keys.length - 1 - random.nextInt(Math.min(reach, keys.length))] as number),
    );
  }
  return keys.map((key) => mix32(key));
}

/** Half of the accesses are to keys of a Zipf distribution, half to keys that never come back. */
export function scannedZipf(random: Random, count: number, keyCount: number): number[] {
  const sums: number[] = [];
  for (let i = 1; i <= keyCount; i++) sums.push((sums.at(-1) ?? 0) + 1 / i);
  let fresh = 0;
  return Array.from({ length: count }, () => {
    if (random.nextInt(2) === 0) return mix32(2 ** 24 + fresh++);
    return mix32(firstAtLeast(sums, random.next() * (sums.at(-1) as number)));
  });
}

function firstAtLeast(ascending: readonly number[], least: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All keys in turn, again and again. */
export function loopedKeys(count: number, keyCount: number): number[] {
  return Array.from({ length: count }, (_, i) => mix32(i % keyCount));
}
