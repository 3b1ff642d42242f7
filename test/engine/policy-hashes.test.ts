/** What a store tells its policies of keys: hashes, also while it changes its own. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createPolicyFamily } from '../../src/engine/create-policy.js';
import { createHeapStore, type HeapStore } from '../../src/engine/heap-store.js';
import { KeyHash } from '../../src/engine/key-hash.js';
import type { Policy, PolicyFamily } from '../../src/engine/policy.js';
import { POLICIES } from '../support/policies.js';
import { createFamily } from './families.js';
import { readSeed } from './seeds.js';

const NEVER = Number.POSITIVE_INFINITY;
const TELLING = ['insert', 'hit', 'update', 'evicting'] as const;

/** LRU, with every hash that it is told noted by slot; `wrong` collects what contradicts what was told before. */
function watchHashes(wrong: string[]): PolicyFamily {
  const family = createPolicyFamily('lru', createRandom(1));
  return { create: () => watched(family.create(), wrong), setCapacity: () => undefined };
}

function watched(policy: Policy, wrong: string[]): Policy {
  const told = new Map<number, number>();
  const note = (verb: string, slot: number, hash: number): void => {
    if (hash !== (hash | 0)) wrong.push(`${verb}: ${hash} is not of 32 bits, signed`);
    if ((told.get(slot) ?? hash) !== hash) wrong.push(`${verb}: ${hash} is another hash for slot ${slot}`);
    told.set(slot, hash);
  };
  for (const verb of TELLING) {
    const tell = policy[verb].bind(policy);
    policy[verb] = (slot, hash) => {
      note(verb, slot, hash);
      tell(slot, hash);
    };
  }
  const adopt = policy.adopt.bind(policy);
  policy.adopt = (slot, state, hash) => {
    note('adopt', slot, hash);
    adopt(slot, state, hash);
  };
  const remove = policy.remove.bind(policy);
  policy.remove = (slot) => {
    told.delete(slot);
    remove(slot);
  };
  return policy;
}

/** Any of the verbs with any of 9000 keys. */
function use(store: HeapStore<number>, steps: number): void {
  const random = createRandom(readSeed());
  for (let step = 0; step < steps; step++) {
    const key = `user:${random.nextInt(9000)}:profile`;
    const verb = random.nextInt(10);
    if (verb < 5) store.set(key, step, 1, NEVER, 0);
    else if (verb < 9) store.get(key, 0);
    else store.delete(key, 0);
  }
}

describe('hashes that policies are told', () => {
  test.each([
    ['its own', undefined],
    ["a user's", (key: string) => -key.charCodeAt(6) * 2 ** 24 - key.length],
  ])('are signed integers of 32 bits, the same for a slot in all calls, with %s hash', (_name, hash) => {
    const wrong: string[] = [];
    const store = createHeapStore<number>({ shardCount: 8, capacity: 6000, policy: watchHashes(wrong), hash, seed: 5 });
    use(store, 20_000);
    // While it is rehashed, and resized on top of that.
    store.routing.rehash(new KeyHash(7, undefined));
    expect(store.routing.isRehashing).toBe(true);
    use(store, 200);
    store.beginResize(16);
    use(store, 200);
    expect(store.isResizing).toBe(true);
    use(store, 5000);
    store.resizeStep(NEVER);
    use(store, 5000);
    expect([store.isResizing, store.counters.evictions > 0, wrong]).toEqual([false, true, []]);
  });
});

/** What the policies know of every key. */
function statesOf(store: HeapStore<number>): Map<string, number> {
  const states = new Map<string, number>();
  for (const shard of store.routing.allShards()) {
    for (let slot = 0; slot < shard.highWater; slot++) {
      if (shard.isTaken(slot)) states.set(shard.key(slot), shard.policy.stateOf(slot));
    }
  }
  return states;
}

describe.each(POLICIES)('%s', (policy) => {
  test('knows the same of every entry when the store has changed its hash', () => {
    const store = createHeapStore<number>({
      shardCount: 8,
      capacity: 6000,
      policy: createFamily(policy, createRandom(1)),
      seed: 5,
    });
    use(store, 20_000);
    store.resizeStep(NEVER);
    const before = statesOf(store);
    store.routing.rehash(new KeyHash(7, undefined));
    store.resizeStep(NEVER);
    expect([store.isResizing, store.size]).toEqual([false, before.size]);
    expect(statesOf(store)).toEqual(before);
  });
});
