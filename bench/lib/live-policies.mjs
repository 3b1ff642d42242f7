/**
 * One used cache of every policy the build has: with all of them alive in a process, calls through the policy interface
 * have seen every class, as they do in a program with several caches.
 */
import { KeyMaker } from './keys/key-maker.mjs';
import { Random } from './random.mjs';
import { availablePolicies, createSherd } from './subjects/sherd.mjs';

const CAPACITY = 2_000;
const STEPS = 60_000;

/** Resolves to the caches: keep them, so that they live. */
export async function livePolicies() {
  const caches = [];
  for (const policy of await availablePolicies()) {
    const cache = await createSherd({ capacity: CAPACITY, ttlMs: 300_000, policy });
    const keys = new KeyMaker('random');
    const random = new Random(11);
    for (let step = 0; step < STEPS; step++) {
      const key = keys.make(random.nextInt(2 * CAPACITY));
      if (step % 10 === 0) cache.set(key, step);
      else if (cache.get(key) === undefined) cache.set(key, step);
    }
    caches.push(cache);
  }
  return caches;
}
