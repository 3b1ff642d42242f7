/** The property run: 100,000 random operations a policy, compared one by one with the naive store. */
import { describe, expect, test } from 'vitest';
import { NONE } from '../../src/core/bits.js';
import { mix32 } from '../../src/core/hash.js';
import { createRandom, type Random } from '../../src/core/random.js';
import { createHeapStore, type HeapStore } from '../../src/engine/heap-store.js';
import type { PolicyName } from '../../src/engine/policy.js';
import type { StoreLimits } from '../../src/engine/store.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { NaiveStore, type Removal } from './models/naive-store.js';
import { POLICY_NAMES, readSeed } from './seeds.js';

const OPERATIONS = 100_000;
const KEYS = 90;
const NEVER = Number.POSITIVE_INFINITY;

/** Spreads the numbered keys of this test; every third goes where its forerunner goes. */
function hashKey(key: string): number {
  return mix32(Math.floor(Number(key.slice(4)) / 1.5));
}

function randomLimits(random: Random): StoreLimits {
  return {
    capacity: 1 + random.nextInt(45),
    maxBytes: random.nextInt(3) === 0 ? NEVER : 20 + random.nextInt(300),
    maxEntryBytes: random.nextInt(3) === 0 ? NEVER : 8 + random.nextInt(20),
  };
}

/** One operation on both, with the same arguments; returns what each answered. */
function operate(random: Random, nowMs: number, stores: readonly [HeapStore<number>, () => NaiveStore]): unknown[] {
  const [real, model] = stores;
  const key = `key ${random.nextInt(KEYS)}`;
  const verb = random.nextInt(1000);
  if (verb < 330) return [real.get(key, nowMs), model().get(key, nowMs)];
  if (verb < 380) return [real.peek(key, nowMs), model().peek(key, nowMs)];
  if (verb < 420) return [real.has(key, nowMs), model().peek(key, nowMs) !== undefined];
  if (verb < 800) {
    const value = random.nextInt(2 ** 30);
    const weight = random.nextInt(25);
    const expiresAtMs = random.nextInt(3) === 0 ? NEVER : nowMs + random.nextInt(300);
    return [real.set(key, value, weight, expiresAtMs, nowMs), model().set(key, value, weight, expiresAtMs, nowMs)];
  }
  if (verb < 860) return [real.delete(key, nowMs), model().delete(key, nowMs)];
  if (verb < 900) {
    const maxEntries = random.nextInt(40);
    return [real.sweep(maxEntries, nowMs), model().sweep(maxEntries, nowMs)];
  }
  if (verb < 970) {
    const maxEntries = random.nextInt(12);
    return [real.resizeStep(maxEntries), model().resizeStep(maxEntries)];
  }
  if (verb < 985) {
    const shardCount = 2 ** random.nextInt(6);
    return [real.beginResize(shardCount), model().beginResize(shardCount)];
  }
  if (verb < 998) {
    const limits = randomLimits(random);
    return [real.setLimits(limits), model().setLimits(limits)];
  }
  return [real.clear(), model().clear()];
}

function run(policy: PolicyName, seed: number): void {
  const random = createRandom(seed);
  const limits = randomLimits(random);
  const real = createHeapStore<number>({ ...limits, shardCount: 4, policy, seed, hash: hashKey });
  const model = new NaiveStore({ ...limits, shardCount: 4, policy, hash: hashKey });
  let removals: Removal[] = [];
  real.onRemoval((key, value, reason) => void removals.push([key, value, reason]));

  // The model answers second, and sees then what the real one did.
  function tellModel(): NaiveStore {
    model.told = { removals, shardCountOf: (key) => shardCountOf(real, key) };
    return model;
  }

  let nowMs = 0;
  for (let step = 0; step < OPERATIONS; step++) {
    nowMs += random.nextInt(3);
    const [answer, expected] = operate(random, nowMs, [real, tellModel]);
    const isSame =
      answer === expected &&
      real.size === model.entries.size &&
      real.bytes === model.bytes &&
      real.isResizing === model.isResizing &&
      removals.length === model.removals.length;
    if (!isSame || removals.length > 0 || step % 32 === 0) {
      const at = `step ${step} of SHERD_SEED=${seed}`;
      expect({ answer, removals: sorted(removals) }, at).toEqual({
        answer: expected,
        removals: sorted(model.removals),
      });
      expect(stateOf(real, nowMs), at).toEqual(stateOf(model, nowMs));
      verifyHeapStore(real);
    }
    removals = [];
    model.removals = [];
  }
}

/** All evictions of one operation count as simultaneous. */
function sorted(removals: readonly Removal[]): string[] {
  return removals.map((removal) => removal.join(' ')).sort();
}

function stateOf(store: HeapStore<number> | NaiveStore, nowMs: number): unknown {
  const keys = store.keys(nowMs).sort();
  return {
    bytes: store.bytes,
    isResizing: store.isResizing,
    counters: { ...store.counters },
    entries: keys.map((key) => [key, store.peek(key, nowMs)]),
    shardSizes: store.shardSizes(),
  };
}

function shardCountOf(store: HeapStore<number>, key: string): number | undefined {
  const holder = store.routing.generations.find(({ shards }) => shards.some((shard) => shard.find(key) !== NONE));
  return holder?.shards.length;
}

describe('the heap store', () => {
  test.each(POLICY_NAMES)(
    'agrees with the naive store over 100,000 random operations under %s',
    { timeout: 120_000 },
    (policy) => {
      run(policy, readSeed());
    },
  );
});
