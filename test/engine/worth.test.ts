/** What a store under LRU evicts when entries differ in worth: against a scan, against plain LRU, and in money. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { MIDDLE_RANK } from '../../src/engine/policy.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';
import { readSeed } from './seeds.js';

const NEVER = Number.POSITIVE_INFINITY;

function create(options: Partial<HeapStoreOptions> = {}): HeapStore<number> {
  return createHeapStore({ shardCount: 1, capacity: 5, policy: 'lru', seed: 1, ...options });
}

/** Told of each key that the store evicts. */
function victimsOf(store: HeapStore<number>): string[] {
  const victims: string[] = [];
  store.onRemoval((key, _value, reason) => void (reason === 'evicted' && victims.push(key)));
  return victims;
}

interface Operation {
  readonly verb: 'get' | 'set' | 'delete';
  readonly key: string;
  readonly weight: number;
  readonly worth: number;
}

const WORTHS = [0, 0.001, 1, 1.3, 3, 8, 1000, 2 ** 40];
const operation = fc.record<Operation>({
  verb: fc.constantFrom('get', 'set', 'set', 'delete'),
  key: fc.constantFrom(...'abcdefghijkl'),
  weight: fc.integer({ min: 1, max: 9 }),
  worth: fc.constantFrom(...WORTHS),
});

function apply(store: HeapStore<number>, { verb, key, weight, worth }: Operation): void {
  if (verb === 'get') store.get(key, 0);
  else if (verb === 'delete') store.delete(key, 0);
  else store.set(key, 1, weight, NEVER, 0, worth);
}

interface Entry {
  readonly key: string;
  readonly weight: number;
  readonly value: number;
  readonly due: number;
}

/** A list in order of use. The victim is the least due, of equals the least in value, then the one used longest ago. */
class Scan {
  readonly victims: string[] = [];
  private entries: Entry[] = [];
  private age = 0;
  private firstBits: number | undefined;

  apply({ verb, key, weight, worth }: Operation, capacity: number, maxBytes: number): void {
    const held = this.entries.find((entry) => entry.key === key);
    if (verb === 'get' && held !== undefined) this.use(held);
    if (verb === 'delete') this.entries = this.entries.filter((entry) => entry !== held);
    if (verb !== 'set') return;
    const value = this.valueOf(worth, weight);
    const others = (): Entry[] => this.entries.filter((entry) => entry !== held);
    const bytes = (): number => others().reduce((sum, entry) => sum + entry.weight, weight);
    while (others().length >= capacity || bytes() > maxBytes) this.evict(others());
    this.use({ key, weight, value, due: 0 });
  }

  private use({ key, weight, value }: Entry): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    this.entries.push({ key, weight, value, due: this.age + value });
  }

  private evict(entries: readonly Entry[]): void {
    const [victim] = entries.toSorted((a, b) => a.due - b.due || a.value - b.value);
    this.age = Math.max(this.age, (victim as Entry).due);
    this.victims.push((victim as Entry).key);
    this.entries = this.entries.filter((entry) => entry !== victim);
  }

  private valueOf(worth: number, weight: number): number {
    if (worth === 0) return 0;
    const bits = Math.log2(worth) - Math.log2(weight);
    this.firstBits ??= bits;
    return 2 ** Math.min(Math.max(Math.round(bits - this.firstBits), 1 - MIDDLE_RANK), MIDDLE_RANK - 1);
  }
}

describe('eviction by worth', () => {
  test('takes the entry that a scan for the least age + worth a byte takes, with a limit of entries and of bytes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), fc.integer({ min: 9, max: 30 }), (operations, maxBytes) => {
        const store = create({ maxBytes });
        const victims = victimsOf(store);
        const scan = new Scan();
        // From the first on, so that store and scan age by the same entries.
        for (const first of [{ verb: 'set', key: 'z', weight: 1, worth: 0 } as const, ...operations]) {
          apply(store, first);
          scan.apply(first, 5, maxBytes);
        }
        expect(victims).toEqual(scan.victims);
        verifyHeapStore(store);
      }),
      { seed: readSeed() % 2 ** 31, numRuns: runs(300, 98) },
    );
  });

  test('is exact LRU among entries of equal worth and weight, even where others were before', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), fc.constantFrom(...WORTHS), (operations, worth) => {
        const [ranked, plain] = [create(), create()];
        const told = [victimsOf(ranked), victimsOf(plain)];
        ranked.set('z', 1, 1, NEVER, 0, 5);
        ranked.set('z', 1, 1, NEVER, 0, 50_000);
        ranked.delete('z', 0);
        for (const { verb, key } of operations) {
          apply(ranked, { verb, key, weight: 7, worth });
          if (verb === 'set') plain.set(key, 1, 7, NEVER, 0);
          else apply(plain, { verb, key, weight: 7, worth });
        }
        expect(told[0]).toEqual(told[1]);
      }),
      { seed: readSeed() % 2 ** 31, numRuns: runs(200, 98) },
    );
  });

  test('looks at the worth a byte, not at the worth', () => {
    const store = create({ capacity: 100, maxBytes: 1000 });
    const victims = victimsOf(store);
    store.set('large', 1, 900, NEVER, 0, 9);
    store.set('small', 1, 50, NEVER, 0, 3);
    store.set('new', 1, 100, NEVER, 0, 3);
    expect(victims).toEqual(['large']);
  });

  test('lets what is worth more go in the end, when it is not asked for', () => {
    const store = create();
    const victims = victimsOf(store);
    store.set('dear', 1, 1, NEVER, 0, 8);
    for (let n = 0; n < 100; n++) store.set(`cheap ${n}`, n, 1, NEVER, 0, 1);
    expect(victims.indexOf('dear')).toBeGreaterThan(20);
    expect(victims.indexOf('dear')).toBeLessThan(50);
  });

  test('treats an entry without a worth as one of average worth', () => {
    const store = create();
    const victims = victimsOf(store);
    store.set('dear', 1, 1, NEVER, 0, 100);
    store.set('usual', 1, 1, NEVER, 0, 10);
    for (let n = 0; n < 500; n++) store.set('usual', n, 1, NEVER, 0, 10);
    store.set('unknown', 1, 1, NEVER, 0);
    store.set('cheap', 1, 1, NEVER, 0, 1);
    for (let n = 0; n < 3; n++) store.set(`new ${n}`, 1, 1, NEVER, 0, 1000);
    store.set('last', 1, 1, NEVER, 0, 1000);
    expect(victims).toEqual(['cheap', 'usual', 'unknown']);
  });

  test('forgets the worth of a value with the value', () => {
    const store = create();
    const victims = victimsOf(store);
    for (const key of 'abcde') store.set(key, 1, 1, NEVER, 0, key === 'c' ? 100 : 1);
    store.set('c', 2, 1, NEVER, 0, 0);
    store.set('f', 1, 1, NEVER, 0, 1);
    expect(victims).toEqual(['c']);
  });

  test('also of a value that is replaced while its entry has yet to move', () => {
    const store = create({ capacity: 8 });
    const victims = victimsOf(store);
    for (const key of 'abcdefgh') store.set(key, 1, 1, NEVER, 0, 1);
    store.beginResize(4);
    store.set('g', 2, 1, NEVER, 0, 0);
    store.set('a', 2, 1, NEVER, 0, 100);
    store.resizeStep(NEVER);
    store.beginResize(1);
    store.resizeStep(NEVER);
    for (const key of 'ijklmno') store.set(key, 1, 1, NEVER, 0, 1);
    expect(victims[0]).toBe('g');
    expect(victims).not.toContain('a');
    verifyHeapStore(store);
  });

  test.each([2, 8, 64])('keeps ranks through a resize to %d shards and back', (shardCount) => {
    const store = create({ capacity: 400 });
    const victims = victimsOf(store);
    for (let n = 0; n < 400; n++) store.set(`key ${n}`, n, 1, NEVER, 0, n % 4 === 0 ? 64 : 1);
    for (const count of [shardCount, 1]) {
      store.beginResize(count);
      while (!store.resizeStep(7)) store.get(`key ${store.size}`, 0);
      verifyHeapStore(store);
    }
    for (let n = 400; n < 700; n++) store.set(`key ${n}`, n, 1, NEVER, 0, 1);
    expect(victims.filter((key) => Number(key.slice(4)) % 4 !== 0 || Number(key.slice(4)) >= 400)).toHaveLength(300);
  });
});

/** Bytes of all columns that can be reached from an object. */
function columnBytes(root: unknown): number {
  const seen = new Set<unknown>();
  const open = [root];
  let bytes = 0;
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    else open.push(...(value instanceof Map || value instanceof Set ? value.values() : Object.values(value)));
  }
  return bytes;
}

test('a store that is told of no worth has no columns for it, nor one whose entries are worth the same', () => {
  const of = (policy: 'lru' | 'fifo', worthOf: (n: number) => number | undefined): number => {
    const store = create({ policy, shardCount: 4, capacity: 10_000 });
    for (let n = 0; n < 10_000; n++) store.set(`key ${n}`, n, 10, NEVER, 0, worthOf(n));
    return columnBytes(store);
  };
  // FIFO never has any.
  const without = of('fifo', () => undefined);
  expect(of('lru', () => undefined)).toBe(without);
  expect(of('lru', () => 0.25)).toBe(without);
  expect(of('lru', (n) => 1 + (n % 50))).toBeGreaterThanOrEqual(without + 9 * 10_000);
});

describe('where one answer in a hundred costs a hundred times as much', () => {
  const CAPACITY = 500;
  const costOf = (n: number): number => (n % 100 === 7 ? 1 : 0.01);

  /** Money for answers that had to be made, of 60,000 questions, a few of which are asked often. */
  function spend(isToldOfCosts: boolean, seed: number): { money: number; hits: number } {
    const random = createRandom(seed);
    const store = create({ capacity: CAPACITY, shardCount: 4 });
    let money = 0;
    let hits = 0;
    for (let i = 0; i < 60_000; i++) {
      const n = Math.floor(20_000 * random.next() ** 3);
      if (store.get(`question ${n}`, i) !== undefined) {
        hits++;
        continue;
      }
      money += costOf(n);
      store.set(`question ${n}`, n, 100, NEVER, i, isToldOfCosts ? costOf(n) : undefined);
    }
    return { money, hits };
  }

  test.each([1, 2, 3])('less is spent than by plain LRU, for few hits less (seed %d)', (seed) => {
    const [told, plain] = [spend(true, seed), spend(false, seed)];
    expect(told.money).toBeLessThan(0.9 * plain.money);
    expect(told.hits).toBeGreaterThan(0.9 * plain.hits);
  });
});
