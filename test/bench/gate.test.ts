/** The gate before the stopwatch lets a right cache through and names what a wrong one does. */
import { expect, test } from 'vitest';
import { findFaults } from '../../bench/lib/gate.mjs';

interface Entry {
  readonly value: unknown;
  readonly expiresAtMs: number;
}

let nowMs = 0;

/** First in, first out; right in everything until a test breaks it. */
class HonestCache {
  protected readonly entries: Map<string, Entry> = new Map();
  private readonly capacity: number;
  private readonly ttlMs: number;
  constructor(capacity: number, ttlMs: number) {
    this.capacity = capacity;
    this.ttlMs = ttlMs;
  }
  get size(): number {
    return this.entries.size;
  }
  get(key: string): unknown {
    const entry = this.entries.get(key);
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined;
  }
  set(key: string, value: unknown): void {
    this.entries.set(key, { value, expiresAtMs: nowMs + this.ttlMs });
    if (this.entries.size > this.capacity) this.entries.delete([...this.entries.keys()][0] ?? '');
  }
  delete(key: string): void {
    this.entries.delete(key);
  }
  clear(): void {
    this.entries.clear();
  }
}

function faultsOf(cache: new (capacity: number, ttlMs: number) => HonestCache): Promise<string[]> {
  return findFaults(subject(cache), async (ms) => {
    nowMs += ms;
  });
}

function subject(cache: new (capacity: number, ttlMs: number) => HonestCache) {
  return {
    name: 'planted',
    base: 'planted',
    policy: undefined,
    hasTtl: false,
    canExpire: true,
    canDelete: true,
    isExact: true,
    bound: (capacity: number) => capacity,
    create: async (capacity: number, { ttlMs = Number.POSITIVE_INFINITY }: { ttlMs?: number } = {}) =>
      new cache(capacity, ttlMs),
  };
}

test('a cache that answers rightly may be measured', async () => {
  expect(await faultsOf(HonestCache)).toEqual([]);
});

test('a cache that keeps deleted keys is found out', async () => {
  class Hoarder extends HonestCache {
    override delete(): void {}
  }
  expect(await faultsOf(Hoarder)).toEqual([expect.stringContaining('a deleted key has a value')]);
});

test('a cache that holds more than it says is found out', async () => {
  class Glutton extends HonestCache {
    constructor(capacity: number, ttlMs: number) {
      super(capacity * 2, ttlMs);
    }
  }
  expect(await faultsOf(Glutton)).toEqual([expect.stringContaining('says at most 500')]);
});

test('a cache that answers with the value of another key is found out', async () => {
  class Confused extends HonestCache {
    override get(key: string): unknown {
      return super.get(key) ?? [...this.entries.values()][0]?.value;
    }
  }
  expect((await faultsOf(Confused))[0]).toMatch(/not the last written|a deleted key has a value/);
});

test('a cache that loses keys below its capacity is found out', async () => {
  class Leaky extends HonestCache {
    constructor(capacity: number, ttlMs: number) {
      super(capacity - 20, ttlMs);
    }
  }
  expect(await faultsOf(Leaky)).toEqual([expect.stringContaining('at capacity 500 it held 480')]);
});

test('a cache that never lets go is found out', async () => {
  class Eternal extends HonestCache {
    constructor(capacity: number) {
      super(capacity, Number.POSITIVE_INFINITY);
    }
  }
  expect(await faultsOf(Eternal)).toEqual([expect.stringContaining('after its TTL passed')]);
});

test('a cache that stores nothing is found out', async () => {
  class Forgetful extends HonestCache {
    override set(): void {}
  }
  expect((await faultsOf(Forgetful))[0]).toContain('a key just set does not have its value');
});
