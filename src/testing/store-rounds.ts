/** The part of the contract of stores that is about coming to every entry in steps: sweeps and walks. */
import assert from 'node:assert/strict';
import { createRandom } from '../core/random.js';
import type { Store, StoreWalk } from '../engine/store.js';

const NEVER = Number.POSITIVE_INFINITY;

/** A new store, roomy if nothing is said. */
type Create = (settings?: { readonly shardCount?: number; readonly capacity?: number }) => Store<string>;
type Test = (name: string, run: () => void) => void;

/** Of the test that draws what it does. */
interface WalkOptions {
  readonly seed: number;
  readonly steps: number;
}

/** Sweeps: rounds that remove what has expired. */
export function defineSweepTests(create: Create, test: Test): void {
  test('sweeps expired entries in bounded steps, a whole round at last', () => {
    const store = create();
    for (let i = 0; i < 500; i++) store.set(`key ${i}`, 'value', 1, i % 2 === 0 ? 10 : NEVER, 0);
    assert.equal(store.sweepRemaining, 0);
    let removed = 0;
    let steps = 0;
    do {
      const expired = store.sweep(7, 10);
      assert.ok(expired <= 7);
      removed += expired;
      steps++;
    } while (store.sweepRemaining > 0);
    assert.deepEqual([removed, store.size, store.counters.expirations], [250, 250, 250]);
    assert.ok(steps >= 500 / 7);
  });

  test('sweeps every expired entry in one round while others come, go and move to other shards', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 300; i++) store.set(`old ${i}`, 'value', 1, 10, 0);
    store.sweep(20, 5);
    store.restartSweep();
    const random = createRandom(5);
    for (let step = 0; ; step++) {
      store.sweep(3, 10);
      if (store.sweepRemaining === 0) break;
      store.set(`new ${step}`, 'value', 1, NEVER, 10);
      store.delete(`new ${random.nextInt(step + 1)}`, 10);
      if (step === 10) store.beginResize(32);
      if (step === 40) store.beginResize(2);
      store.resizeStep(5);
    }
    assert.equal(store.counters.expirations, 300);
    assert.deepEqual(
      store.keys(10).filter((key) => key.startsWith('old')),
      [],
    );
  });

  test('sweeps what a resize has moved and what it has not', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 200; i++) store.set(`key ${i}`, 'value', 1, 10, 0);
    store.beginResize(16);
    store.resizeStep(100);
    assert.equal(store.sweep(150, 10) + store.sweep(NEVER, 10), 200);
    assert.deepEqual([store.sweepRemaining, store.size], [0, 0]);
  });

  test('sweeps what a resize has moved when the resize is taken back in the middle of a round', () => {
    const store = create({ shardCount: 8 });
    for (let i = 0; i < 200; i++) store.set(`key ${i}`, 'value', 1, 10, 0);
    store.beginResize(16);
    store.resizeStep(100);
    store.sweep(5, 10);
    store.beginResize(8);
    while (store.sweepRemaining > 0) store.sweep(5, 10);
    assert.equal(store.counters.expirations, 200);
  });
}

/** Walks: over every entry that was there when they began and is there still. */
export function defineWalkTests(create: Create, test: Test, { seed, steps }: WalkOptions): void {
  test('walks over each entry once, expired ones too, in bounded steps', () => {
    const store = create();
    for (let i = 0; i < 300; i++) store.set(`key ${i}`, 'value', 1, i % 3 === 0 ? 10 : NEVER, 0);
    const keys = store.keys(0);
    const walk = store.walk();
    const visited: string[] = [];
    let steps = 0;
    for (let isDone = false; !isDone; steps++) {
      const before = visited.length;
      isDone = walk.step(7, (key) => visited.push(key));
      assert.ok(visited.length - before <= 7);
    }
    assert.deepEqual(visited.sort(), keys.sort());
    assert.ok(steps >= 300 / 7);
    assert.equal(
      walk.step(NEVER, () => assert.fail('a walk at its end visits nothing more')),
      true,
    );
  });

  test('ends a walk over nothing at once', () => {
    const store = create();
    assert.deepEqual(keysOf(store.walk()), []);
    store.set('a', 'one', 1, NEVER, 0);
    const walk = store.walk();
    store.clear();
    assert.deepEqual(keysOf(walk), []);
  });

  test('lets whoever walks remove entries, the visited one and others', () => {
    const store = create();
    for (let i = 0; i < 200; i++) store.set(`key ${i}`, 'value', 1, NEVER, 0);
    const walk = store.walk();
    const visited = new Set<string>();
    walk.step(NEVER, (key) => {
      visited.add(key);
      store.delete(key, 0);
      const other = `key ${(Number(key.slice(4)) + 100) % 200}`;
      if (!visited.has(other)) store.delete(other, 0);
    });
    assert.deepEqual([store.size, visited.size], [0, 100]);
  });

  test('walks over what a resize has moved and what it has not, also when it is taken back', () => {
    for (const targets of [[16], [2], [16, 8], [2, 8], [16, 2, 8], [16, 2, 16, 8]]) {
      const store = create({ shardCount: 8 });
      for (let i = 0; i < 200; i++) store.set(`key ${i}`, 'value', 1, NEVER, 0);
      const walk = store.walk();
      const visited = new Set<string>();
      for (const target of targets) {
        walk.step(20, (key) => visited.add(key));
        store.beginResize(target);
        store.resizeStep(30);
      }
      store.resizeStep(NEVER);
      for (const key of keysOf(walk)) visited.add(key);
      assert.equal(visited.size, 200, `over ${targets.join(', ')} shards`);
    }
  });

  test('comes to every entry that stays, while others come, go and move, and other walks and sweeps go on', () => {
    const random = createRandom(seed);
    const store = create({ shardCount: 8, capacity: 250 });
    const walks = new Set<Staying>();
    store.onRemoval((key, _value, reason) => {
      if (reason !== 'replaced') for (const { staying } of walks) staying.delete(key);
    });
    let ended = 0;
    for (let step = 0; step < steps; step++) {
      const key = `key ${random.nextInt(400)}`;
      const verb = random.nextInt(20);
      if (verb < 10) store.set(key, 'value', 1, step + random.nextInt(500), step);
      else if (verb < 12) store.get(key, step);
      else if (verb < 14) store.delete(key, step);
      else if (verb === 14) store.sweep(random.nextInt(30), step);
      else if (verb === 15) store.resizeStep(random.nextInt(30));
      else if (verb === 16 && random.nextInt(20) === 0) store.beginResize(2 ** random.nextInt(6));
      else if (verb === 17 && walks.size < 3) walks.add(beginWalk(store, step));
      else if (verb === 18 && random.nextInt(40) === 0) {
        for (const { walk } of walks) walk.end();
        walks.clear();
      }
      for (const begun of walks) {
        if (!begun.walk.step(random.nextInt(8), (visited) => begun.staying.delete(visited))) continue;
        assert.deepEqual([...begun.staying], [], `step ${step} of seed ${seed}`);
        walks.delete(begun);
        ended++;
      }
    }
    assert.ok(ended >= Math.floor(steps / 250), `${ended} walks came to their end`);
  });
}

/** A walk and the keys that it has yet to come to. */
interface Staying {
  readonly walk: StoreWalk;
  readonly staying: Set<string>;
}

function beginWalk(store: Store<string>, nowMs: number): Staying {
  return { walk: store.walk(), staying: new Set(store.keys(nowMs)) };
}

/** The keys on the rest of a walk. */
function keysOf(walk: StoreWalk): string[] {
  const keys: string[] = [];
  while (!walk.step(50, (key) => keys.push(key)));
  return keys;
}
