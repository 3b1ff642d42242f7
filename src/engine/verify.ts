/** A walk over a heap store that holds everything in it against everything else. For tests: O(size). */
import { assert } from '../core/assert.js';
import { NONE } from '../core/bits.js';
import type { Generation } from './generation.js';
import type { HeapStore } from './heap-store.js';
import type { Shard } from './shard.js';

/** Throws ERR_INVARIANT when the index, the slots, the policies, the routing or the sums of a store do not agree. */
export function verifyHeapStore<V>(store: HeapStore<V>): void {
  const keys = new Set<string>();
  let size = 0;
  let bytes = 0;
  const { generations } = store.routing;
  for (const generation of generations) {
    const alike = generations.filter((other) => isLike(other, generation));
    assert(alike.length === 1, 'no two generations have as many shards and the same hash');
    for (const shard of generation.shards) {
      verifyShard(shard);
      for (const slot of liveSlots(shard)) {
        const key = shard.key(slot);
        assert(!keys.has(key), 'a key is in one generation');
        keys.add(key);
        assert(isAtHome(shard, slot, generation), 'an entry is in the shard its hash names');
        size++;
        bytes += shard.weights.get(slot);
      }
    }
  }
  assert(store.routing.generations[0] === store.routing.newest, 'the newest generation is the first');
  assert(size === store.size, `size is the sum of entries: ${size}, not ${store.size}`);
  assert(bytes === store.bytes, `bytes is the sum of weights: ${bytes}, not ${store.bytes}`);
  assert(store.size <= store.limits.capacity, 'size is within the capacity');
  assert(store.bytes <= store.limits.maxBytes, 'bytes are within their limit');
}

function isLike(one: Generation<unknown>, other: Generation<unknown>): boolean {
  return one.shards.length === other.shards.length && one.hash === other.hash;
}

function verifyShard<V>(shard: Shard<V>): void {
  const live = liveSlots(shard);
  const free = shard.freeSlots();
  const every = new Set([...live, ...free]);
  assert(every.size === live.length + free.length, 'no slot is both taken and free, or free twice');
  assert(every.size === shard.highWater, 'every slot is taken or free');
  assert(shard.size === live.length, 'the index knows as many keys as slots are taken');
  for (const slot of free) {
    assert(shard.value(slot) === undefined && shard.weights.get(slot) === 0, 'a free slot holds nothing');
    assert(shard.expiresAtMs[slot] === Number.POSITIVE_INFINITY, 'a free slot never expires');
  }
  for (const slot of live) {
    assert(shard.value(slot) !== undefined, 'a taken slot has a value');
    assert(shard.index.find(shard.key(slot), shard.hash(slot)) === slot, 'the index finds each key in its slot');
  }
  verifyPolicy(shard, live);
}

function verifyPolicy<V>(shard: Shard<V>, live: readonly number[]): void {
  const { policy } = shard;
  assert(policy.size === live.length, 'the policy holds as many slots as are taken');
  const victim = policy.victim(NONE);
  assert(victim === NONE ? live.length === 0 : live.includes(victim), 'the victim is a taken slot');
  const last = policy.lastToLeave();
  assert(last === NONE ? live.length === 0 : live.includes(last), 'the last to leave is a taken slot');
}

function isAtHome<V>(shard: Shard<V>, slot: number, generation: Generation<V>): boolean {
  const hash = generation.hash.of(shard.key(slot));
  return shard.hash(slot) === hash && generation.homes[hash & generation.mask] === shard;
}

function liveSlots<V>(shard: Shard<V>): number[] {
  return Array.from({ length: shard.highWater }, (_, slot) => slot).filter((slot) => shard.isTaken(slot));
}
