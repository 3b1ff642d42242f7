import { describe, expect, test } from 'vitest';
import { ADMISSION_RULES, WindowTuner } from '../../src/adaptive/window-tuner.js';
import { createRandom } from '../../src/core/random.js';
import { loopedKeys, recentKeys, scannedZipf } from './access-patterns.js';

function createTuner(capacity: number): WindowTuner {
  const tuner = new WindowTuner();
  tuner.setCapacity(capacity);
  return tuner;
}

function feed(tuner: WindowTuner, hashes: readonly number[]): void {
  for (const hash of hashes) tuner.access(hash);
}

/** Far more keys than the cache holds, that come back within its reach. */
const recent = (seed: number): number[] => recentKeys(createRandom(seed), 60_000, 1800);
const scanned = (seed: number): number[] => scannedZipf(createRandom(seed), 50_000, 20_000);

describe('WindowTuner', () => {
  test('starts with a rule that lets in who comes back', () => {
    expect(createTuner(1000).rule).toEqual({ windowShare: 0.2, requestsToEnter: 2 });
  });

  test('widens the window where keys come back soon or never', () => {
    const tuner = createTuner(1000);
    feed(tuner, recent(1));
    expect(tuner.rule.windowShare).toBeGreaterThanOrEqual(0.7);
  });

  test('narrows the window where popular keys stand against a scan', () => {
    const tuner = createTuner(1000);
    feed(tuner, recent(1));
    feed(tuner, scanned(2));
    expect(tuner.rule.windowShare).toBeLessThanOrEqual(0.3);
  });

  test('keeps part of a loop that is larger than the cache', () => {
    const tuner = createTuner(100);
    feed(tuner, loopedKeys(100_000, 1000));
    const inForce = ADMISSION_RULES.findIndex((rule) => rule.windowShare === tuner.rule.windowShare);
    // 100 of 1000 keys would be the best of all.
    expect(Math.max(...tuner.simulatedHitRatios)).toBeGreaterThan(0.07);
    expect(tuner.simulatedHitRatios[inForce]).toBeGreaterThan(0.05);
  });

  test('follows when the accesses change, both ways', () => {
    const tuner = createTuner(1000);
    const shares = [recent(3), scanned(4), recent(5)].map((part) => {
      feed(tuner, part);
      return tuner.rule.windowShare;
    });
    expect(shares[0]).toBeGreaterThanOrEqual(0.7);
    expect(shares[1]).toBeLessThanOrEqual(0.3);
    expect(shares[2]).toBeGreaterThanOrEqual(0.7);
  });

  test('makes the same changes for the same accesses', () => {
    const [left, right] = [createTuner(1000), createTuner(1000)];
    for (const tuner of [left, right]) feed(tuner, [...scanned(6), ...recent(7)]);
    expect(left.history.length).toBeGreaterThan(0);
    expect(right.history).toEqual(left.history);
  });

  test('tells of each change what it went from and to, and what the simulation said', () => {
    const tuner = createTuner(1000);
    feed(tuner, [...scanned(8), ...recent(9)]);
    let former: unknown = { windowShare: 0.2, requestsToEnter: 2 };
    let accesses = 0;
    for (const change of tuner.history) {
      expect(change.from).toEqual(former);
      expect(change.simulatedAccesses).toBeGreaterThan(accesses);
      expect(change.simulatedHitRatios).toHaveLength(ADMISSION_RULES.length);
      const best = Math.max(...change.simulatedHitRatios);
      expect(change.simulatedHitRatios[ADMISSION_RULES.indexOf(change.to)]).toBe(best);
      expect(best).toBeLessThanOrEqual(1);
      former = change.to;
      accesses = change.simulatedAccesses;
    }
    expect(tuner.rule).toEqual(former);
  });

  test('keeps a bounded history and a bounded simulation', () => {
    const tuner = createTuner(40);
    for (let i = 0; i < 40; i++) {
      feed(tuner, recentKeys(createRandom(i), 4000, 60));
      feed(tuner, loopedKeys(4000, 120));
    }
    expect(tuner.history).toHaveLength(64);
    expect(tuner.simulatedKeys).toBeLessThanOrEqual(ADMISSION_RULES.length * 40);

    const large = createTuner(100_000);
    feed(large, scannedZipf(createRandom(1), 300_000, 1000));
    // One key in 256 is simulated: 390 entries a cache.
    expect(large.simulatedKeys).toBeLessThanOrEqual(ADMISSION_RULES.length * 391);
  });

  test('keeps its rule when the capacity changes, and learns anew', () => {
    const tuner = createTuner(1000);
    feed(tuner, scanned(10));
    const { ...rule } = tuner.rule;
    const changes = tuner.history.length;
    tuner.setCapacity(5000);
    expect(tuner.rule).toEqual(rule);
    expect(tuner.simulatedHitRatios.every((ratio) => ratio === 0)).toBe(true);
    tuner.setCapacity(1000);
    feed(tuner, recent(11));
    expect(tuner.rule.windowShare).toBeGreaterThanOrEqual(0.7);
    expect(tuner.history.length).toBeGreaterThan(changes);
  });

  test.each([1, 2, 3, 7])('works for a cache of %d entries', (capacity) => {
    const tuner = createTuner(capacity);
    feed(tuner, recentKeys(createRandom(12), 10_000, 5));
    expect(ADMISSION_RULES).toContainEqual({ ...tuner.rule });
    expect(tuner.simulatedKeys).toBeLessThanOrEqual(ADMISSION_RULES.length * capacity);
  });
});
