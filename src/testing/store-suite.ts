/**
 * Contract suite for stores: what every Store must do, whatever its eviction order and wherever it keeps its entries.
 * Runs under any test runner. Values are strings, weights are given, time is a number.
 */
import assert from 'node:assert/strict';
import { createRandom } from '../core/random.js';
import type { RemovalReason, Store, StoreLimits } from '../engine/store.js';
import type { SuiteRunner } from './policy-suite.js';
import { defineSweepTests, defineWalkTests } from './store-rounds.js';

export interface StoreSettings extends StoreLimits {
  /** A power of two. */
  readonly shardCount: number;
}

export interface StoreSubject {
  readonly name: string;
  /** A new, empty store. */
  create(settings: StoreSettings): Store<string>;
}

export interface StoreSuiteOptions {
  /** Of the random tests; printed when one fails. Default 1. */
  readonly seed?: number;
  /** Steps of each random test. Default 20,000. */
  readonly steps?: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const ROOMY: StoreSettings = { shardCount: 4, capacity: 1000, maxBytes: NEVER, maxEntryBytes: NEVER };

/** Defines the tests of the suite for one store. */
export function defineStoreSuite(subject: StoreSubject, runner: SuiteRunner, options: StoreSuiteOptions = {}): void {
  function create(settings: Partial<StoreSettings> = {}): Store<string> {
    return subject.create({ ...ROOMY, ...settings });
  }
  function test(name: string, run: () => void): void {
    runner.test(`${subject.name}: ${name}`, run);
  }
  const random = { seed: options.seed ?? 1, steps: options.steps ?? 20_000 };
  defineReadWriteTests(create, test);
  defineExpiryTests(create, test);
  defineSweepTests(create, test);
  defineWalkTests(create, test, random);
  defineLimitTests(create, test);
  defineResizeTests(create, test);
  test('holds exactly what was set and has not been told to have left, over a random walk', () => {
    walkAtRandom(create, random.seed, random.steps);
  });
}

type Create = (settings?: Partial<StoreSettings>) => Store<string>;
type Test = (name: string, run: () => void) => void;

function defineReadWriteTests(create: Create, test: Test): void {
  test('returns what was set last, and undefined for what was not', () => {
    const store = create();
    assert.equal(store.get('a', 0), undefined);
    assert.equal(store.set('a', 'one', 3, NEVER, 0), true);
    assert.equal(store.set('a', 'two', 5, NEVER, 0), true);
    assert.equal(store.get('a', 0), 'two');
    assert.equal(store.has('a', 0), true);
    assert.equal(store.has('b', 0), false);
    assert.deepEqual([store.size, store.bytes], [1, 5]);
  });

  test('counts gets as hits and misses, sets as inserts, updates and refusals', () => {
    const store = create({ maxEntryBytes: 10 });
    store.set('a', 'one', 1, NEVER, 0);
    store.set('a', 'two', 1, NEVER, 0);
    store.set('a', 'too heavy', 11, NEVER, 0);
    store.get('a', 0);
    store.set('b', 'one', 1, NEVER, 0);
    store.get('b', 0);
    store.delete('b', 0);
    store.delete('b', 0);
    const { hits, misses, inserts, updates, refusals, deletes } = store.counters;
    assert.deepEqual(
      { hits, misses, inserts, updates, refusals, deletes },
      {
        hits: 1,
        misses: 1,
        inserts: 2,
        updates: 1,
        refusals: 1,
        deletes: 1,
      },
    );
  });

  test('peeks and asks without counting', () => {
    const store = create();
    store.set('a', 'one', 1, NEVER, 0);
    assert.equal(store.peek('a', 0), 'one');
    assert.equal(store.peek('b', 0), undefined);
    store.has('a', 0);
    assert.deepEqual([store.counters.hits, store.counters.misses], [0, 0]);
  });

  test('tells apart keys that objects, trees or byte strings would mix up', () => {
    const keys = ['', '\0', '__proto__', 'constructor', '1', '01', 'a', 'A', 'a ', 'ä', 'a\u0308', 'k'.repeat(65_536)];
    const store = create();
    for (const key of keys) store.set(key, `value of ${key}`, 1, NEVER, 0);
    for (const key of keys) assert.equal(store.get(key, 0), `value of ${key}`);
    assert.deepEqual(store.keys(0).sort(), [...keys].sort());
  });

  test('deletes an entry once', () => {
    const store = create();
    store.set('a', 'one', 7, NEVER, 0);
    assert.equal(store.delete('a', 0), true);
    assert.equal(store.delete('a', 0), false);
    assert.equal(store.get('a', 0), undefined);
    assert.deepEqual([store.size, store.bytes], [0, 0]);
  });

  test('is empty after clear, and usable', () => {
    const store = create();
    for (let i = 0; i < 100; i++) store.set(`key ${i}`, 'value', 2, NEVER, 0);
    store.clear();
    assert.deepEqual([store.size, store.bytes, store.keys(0)], [0, 0, []]);
    assert.equal(store.get('key 1', 0), undefined);
    store.set('key 1', 'again', 2, NEVER, 0);
    assert.equal(store.get('key 1', 0), 'again');
  });

  test('tells the listener why each entry left', () => {
    const store = create({ maxEntryBytes: 10 });
    const told: [string, string, RemovalReason][] = [];
    store.onRemoval((key, value, reason) => void told.push([key, value, reason]));
    store.set('a', 'one', 1, NEVER, 0);
    store.set('a', 'two', 1, 5, 0);
    store.get('a', 5);
    store.set('b', 'one', 1, NEVER, 0);
    store.delete('b', 0);
    store.set('c', 'one', 1, NEVER, 0);
    store.set('c', 'too heavy', 11, NEVER, 0);
    store.set('d', 'one', 1, NEVER, 0);
    store.set('e', 'one', 1, NEVER, 0);
    store.setLimits({ capacity: 1 });
    assert.deepEqual(told.slice(0, 4), [
      ['a', 'one', 'replaced'],
      ['a', 'two', 'expired'],
      ['b', 'one', 'deleted'],
      ['c', 'one', 'refused'],
    ]);
    assert.equal(told.length, 5);
    assert.equal(told[4]?.[2], 'evicted');
    store.onRemoval(undefined);
    store.delete('d', 0);
    store.delete('e', 0);
    assert.equal(told.length, 5);
  });
}

function defineExpiryTests(create: Create, test: Test): void {
  test('returns an entry until its time has come, and from then on never', () => {
    const store = create();
    store.set('a', 'one', 1, 10, 0);
    assert.equal(store.get('a', 9.999), 'one');
    assert.equal(store.peek('a', 10), undefined);
    assert.equal(store.has('a', 10), false);
    assert.deepEqual(store.keys(10), []);
    assert.equal(store.size, 1);
    assert.equal(store.get('a', 10), undefined);
    assert.equal(store.size, 0);
    assert.deepEqual([store.counters.expirations, store.counters.misses], [1, 1]);
  });

  test('takes a set over an expired entry for an insert, and a delete of one for nothing', () => {
    const store = create();
    store.set('a', 'one', 1, 10, 0);
    store.set('a', 'two', 1, 20, 10);
    assert.deepEqual([store.counters.expirations, store.counters.inserts, store.counters.updates], [1, 2, 0]);
    assert.equal(store.delete('a', 20), false);
    assert.deepEqual([store.counters.expirations, store.counters.deletes, store.size], [2, 0, 0]);
  });

  test('renews the time of an entry that is set again', () => {
    const store = create();
    store.set('a', 'one', 1, 10, 0);
    store.set('a', 'two', 1, NEVER, 5);
    assert.equal(store.get('a', 1e12), 'two');
    store.set('a', 'three', 1, 7, 6);
    assert.equal(store.get('a', 7), undefined);
  });
}

function defineLimitTests(create: Create, test: Test): void {
  test('never holds more entries than its capacity, however many shards there are', () => {
    for (const shardCount of [1, 8, 4096]) {
      for (const capacity of [1, 2, 50]) {
        const store = create({ shardCount, capacity });
        for (let i = 0; i < 200; i++) {
          store.set(`key ${i}`, 'value', 1, NEVER, 0);
          assert.equal(store.size, Math.min(i + 1, capacity));
          assert.equal(store.get(`key ${i}`, 0), 'value');
        }
        assert.equal(store.counters.evictions, 200 - capacity);
      }
    }
  });

  test('never weighs more than its limit, on insert and on update', () => {
    const store = create({ maxBytes: 100 });
    store.onRemoval(() => assert.ok(store.bytes <= 100));
    for (let i = 0; i < 1000; i++) {
      const weight = (i * 37) % 101;
      assert.equal(store.set(`key ${i % 23}`, `value ${i}`, weight, NEVER, 0), true);
      assert.ok(store.bytes <= 100);
      assert.equal(store.get(`key ${i % 23}`, 0), `value ${i}`);
    }
  });

  test('stores an entry of exactly the limit and one of no weight', () => {
    const store = create({ maxBytes: 100, maxEntryBytes: 60 });
    assert.equal(store.set('a', 'one', 60, NEVER, 0), true);
    assert.equal(store.set('b', 'one', 0, NEVER, 0), true);
    assert.equal(store.set('c', 'one', 40, NEVER, 0), true);
    assert.deepEqual([store.size, store.bytes], [3, 100]);
  });

  test('refuses what is too heavy or no weight at all, drops the old value and evicts nothing else', () => {
    for (const weight of [61, NEVER, Number.NaN, -1, 1.5, 2 ** 53]) {
      const store = create({ maxEntryBytes: 60 });
      store.set('a', 'one', 1, NEVER, 0);
      store.set('b', 'one', 2, NEVER, 0);
      assert.equal(store.set('a', 'two', weight, NEVER, 0), false);
      assert.equal(store.set('new', 'two', weight, NEVER, 0), false);
      assert.equal(store.get('a', 0), undefined);
      assert.equal(store.get('b', 0), 'one');
      assert.deepEqual([store.size, store.bytes, store.counters.refusals, store.counters.evictions], [1, 2, 2, 0]);
    }
    const store = create({ maxBytes: 10 });
    store.set('b', 'one', 10, NEVER, 0);
    assert.equal(store.set('a', 'one', 11, NEVER, 0), false);
    assert.equal(store.get('b', 0), 'one');
  });

  test('evicts at once what new limits leave no room for', () => {
    const store = create();
    for (let i = 1; i <= 100; i++) store.set(`key ${i}`, 'value', i, NEVER, 0);
    store.setLimits({ maxEntryBytes: 90 });
    assert.equal(store.size, 90);
    store.setLimits({ capacity: 40 });
    assert.deepEqual([store.size, store.capacity], [40, 40]);
    store.setLimits({ maxBytes: 50 });
    assert.ok(store.bytes <= 50);
    const { size } = store;
    store.setLimits({ capacity: 1000, maxBytes: NEVER, maxEntryBytes: NEVER });
    assert.equal(store.size, size);
    assert.equal(store.set('heavy', 'value', 1e9, NEVER, 0), true);
  });
}

function defineResizeTests(create: Create, test: Test): void {
  test('keeps every entry, its time and its weight through a resize in steps', () => {
    for (const [from, to] of [
      [4, 64],
      [64, 4],
      [1, 2],
      [2, 1],
      [8, 8],
    ] as const) {
      const store = create({ shardCount: from });
      for (let i = 0; i < 200; i++) store.set(`key ${i}`, `value ${i}`, i, i < 100 ? 10 : NEVER, 0);
      const { bytes } = store;
      store.beginResize(to);
      assert.equal(store.shardCount, to);
      assert.equal(store.isResizing, from !== to);
      let steps = 0;
      while (!store.resizeStep(9)) {
        steps++;
        for (let i = 0; i < 200; i++) assert.equal(store.peek(`key ${i}`, 9), `value ${i}`);
      }
      assert.equal(steps, from === to ? 0 : Math.ceil(200 / 9) - 1);
      assert.deepEqual([store.isResizing, store.size, store.bytes], [false, 200, bytes]);
      assert.equal(store.shardSizes().length, to);
      assert.equal(
        store.shardSizes().reduce((sum, size) => sum + size, 0),
        200,
      );
      assert.equal(store.keys(10).length, 100);
    }
  });

  test('lets a write or delete during a resize win over what has yet to move', () => {
    const store = create({ shardCount: 16 });
    for (let i = 0; i < 60; i++) store.set(`key ${i}`, 'old', 1, NEVER, 0);
    store.beginResize(2);
    for (let i = 0; i < 60; i += 3) store.set(`key ${i}`, 'new', 1, NEVER, 0);
    for (let i = 1; i < 60; i += 3) assert.equal(store.delete(`key ${i}`, 0), true);
    store.resizeStep(NEVER);
    const expected = ['new', undefined, 'old'];
    for (let i = 0; i < 60; i++) assert.equal(store.get(`key ${i}`, 0), expected[i % 3]);
    assert.equal(store.size, 40);
  });

  test('lets a second resize supersede the first', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 300; i++) store.set(`key ${i}`, `value ${i}`, 1, NEVER, 0);
    for (const target of [32, 2, 8, 64, 1, 2, 8]) {
      store.beginResize(target);
      assert.equal(store.shardCount, target);
      store.resizeStep(40);
      for (let i = 0; i < 300; i++) assert.equal(store.peek(`key ${i}`, 0), `value ${i}`);
    }
    assert.equal(store.resizeStep(NEVER), true);
    assert.deepEqual([store.size, store.shardCount, store.isResizing], [300, 8, false]);
  });

  test('ends a resize at its target when it is cleared', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 30; i++) store.set(`key ${i}`, 'value', 1, NEVER, 0);
    store.beginResize(2);
    store.resizeStep(10);
    store.clear();
    assert.deepEqual([store.shardCount, store.isResizing, store.size], [2, false, 0]);
    assert.equal(store.resizeStep(1), true);
  });

  test('routes each key to one of its shards', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 100; i++) {
      const id = store.shardOf(`key ${i}`);
      assert.ok(Number.isInteger(id) && id >= 0 && id < 8);
      assert.equal(store.shardOf(`key ${i}`), id);
    }
  });
}

interface Held {
  readonly value: string;
  readonly weight: number;
  readonly expiresAtMs: number;
}

/** Every verb in a random order against a Map from which only the listener takes entries away. */
function walkAtRandom(create: Create, seed: number, steps: number): void {
  const random = createRandom(seed);
  const store = create({ capacity: 60, maxBytes: 400 });
  const held = new Map<string, Held>();
  store.onRemoval((key, value, reason) => {
    const entry = held.get(key);
    assert.ok(entry !== undefined, `${key} left but was not there`);
    if (reason === 'replaced') return;
    assert.equal(value, entry.value);
    held.delete(key);
  });
  let nowMs = 0;
  for (let step = 0; step < steps; step++) {
    const at = `step ${step} of seed ${seed}`;
    const key = `key ${random.nextInt(150)}`;
    const expected = unexpired(held.get(key), nowMs);
    const verb = random.nextInt(20);
    if (verb < 7) {
      assert.equal(store.get(key, nowMs), expected?.value, at);
    } else if (verb < 14) {
      const entry = {
        value: `${key} at ${step}`,
        weight: random.nextInt(20),
        expiresAtMs: nowMs + random.nextInt(200),
      };
      assert.equal(store.set(key, entry.value, entry.weight, entry.expiresAtMs, nowMs), true, at);
      held.set(key, entry);
    } else if (verb === 14) assert.equal(store.delete(key, nowMs), expected !== undefined, at);
    else if (verb === 15) store.sweep(random.nextInt(30), nowMs);
    else if (verb === 16) store.resizeStep(random.nextInt(30));
    else if (verb === 17 && random.nextInt(20) === 0) store.beginResize(2 ** random.nextInt(7));
    else if (verb === 18 && random.nextInt(200) === 0) {
      store.clear();
      held.clear();
    } else nowMs += random.nextInt(4);
    let bytes = 0;
    for (const { weight } of held.values()) bytes += weight;
    assert.deepEqual([store.size, store.bytes], [held.size, bytes], at);
    assert.ok(store.size <= 60 && store.bytes <= 400, at);
  }
  const live = [...held].filter(([, entry]) => nowMs < entry.expiresAtMs).map(([key]) => key);
  assert.deepEqual(store.keys(nowMs).sort(), live.sort(), `the end of seed ${seed}`);
}

function unexpired(entry: Held | undefined, nowMs: number): Held | undefined {
  return entry !== undefined && nowMs < entry.expiresAtMs ? entry : undefined;
}
