import { describe, expect, test } from 'vitest';
import { WindowTuner } from '../../src/adaptive/window-tuner.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { HeldEntries } from '../../src/engine/held-entries.js';
import { type AdmissionTuner, createWTinyLfuFamily } from '../../src/engine/policies/w-tinylfu.js';

const NEVER = Number.POSITIVE_INFINITY;

/** The tuner of the cache's `adaptive`, which notes what it is told. */
function createTuner(told: number[]): AdmissionTuner {
  const tuner = new WindowTuner();
  return {
    rule: tuner.rule,
    access: (hash) => tuner.access(hash),
    setCapacity: (entries) => {
      told.push(entries);
      tuner.setCapacity(entries);
    },
  };
}

function create(told: number[], options: Partial<HeapStoreOptions> = {}): HeapStore<number> {
  const policy = createWTinyLfuFamily(createTuner(told));
  return createHeapStore({ shardCount: 8, capacity: 1_000_000, maxBytes: 50_000, policy, seed: 1, ...options });
}

function fill(store: HeapStore<number>, count: number, weightOf: (n: number) => number): void {
  for (let n = 0; n < count; n++) store.set(`key ${n}`, n, weightOf(n), NEVER, 0);
}

describe('an adaptive store', () => {
  test('that is bound by bytes reckons with about what it holds', () => {
    const told: number[] = [];
    const store = create(told);
    fill(store, 2000, () => 50);
    expect([store.size, told]).toEqual([1000, [1_000_000, 1000]]);
    fill(store, 20_000, (n) => 80 + (n % 40));
    expect(told.length).toBeLessThan(6);
    expect(Math.abs((told.at(-1) ?? 0) - store.size)).toBeLessThan(0.25 * store.size);
  });

  test('follows when its entries become lighter, up to its capacity', () => {
    const told: number[] = [];
    const store = create(told, { capacity: 5000 });
    fill(store, 3000, () => 50);
    expect(told.at(-1)).toBe(1000);
    fill(store, 30_000, () => 1);
    expect([store.size, told.at(-1)]).toEqual([5000, 5000]);
  });

  test('that is bound by its capacity is told of that alone', () => {
    const told: number[] = [];
    const store = create(told, { capacity: 500 });
    fill(store, 5000, () => 50);
    expect(told).toEqual([500]);
    store.setLimits({ capacity: 700 });
    fill(store, 5000, () => 50);
    expect(told).toEqual([500, 700]);
  });

  test('learns no more of a capacity that bytes keep out of reach', () => {
    const told: number[] = [];
    const store = create(told);
    fill(store, 2000, () => 50);
    store.setLimits({ capacity: 2_000_000 });
    fill(store, 2000, () => 50);
    expect(told.at(-1)).toBe(1000);
    store.setLimits({ capacity: 300 });
    expect(told.at(-1)).toBe(300);
  });
});

describe('HeldEntries', () => {
  function create(told: number[]): HeldEntries {
    const held = new HeldEntries({
      create: () => {
        throw new Error('nobody asked for a policy');
      },
      setCapacity: (entries) => told.push(entries),
    });
    held.setCapacity(1000);
    return held;
  }

  test('does not take one moment for a rule', () => {
    const told: number[] = [];
    const held = create(told);
    held.noteFull(1000);
    // Something heavy drives out nearly all, and all come back.
    for (let entries = 999; entries > 10; entries--) held.noteFull(entries);
    for (let entries = 10; entries < 900; entries++) held.noteFull(entries);
    expect(told).toEqual([1000]);
  });

  test('tells of any other figure at most once in so many evictions', () => {
    const told: number[] = [];
    const held = create(told);
    for (let i = 0; i < 100_000; i++) held.noteFull(i % 7000 < 3500 ? 500 : 2000);
    expect(told.length).toBeLessThan(1 + 100_000 / 500);
    expect(told.length).toBeGreaterThan(20);
  });
});
