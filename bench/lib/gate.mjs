/**
 * The gate before the stopwatch: a subject that answers wrongly is not measured. It may forget (it is a cache), it may
 * not lie: a value read is the last one written, a deleted or expired one is gone, and it holds no more than it says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyMaker } from './keys/key-maker.mjs';
import { Random } from './random.mjs';

const CAPACITY = 500;
const STEPS = 40_000;
const TTL_MS = 40;

/**
 * Resolves to what is wrong, one sentence each; nothing when the subject may be measured.
 * @param {import('./subjects/subject.mjs').Subject} subject
 * @returns {Promise<string[]>}
 */
export async function findFaults(subject) {
  return [
    ...runScript(await subject.create(CAPACITY), subject),
    ...(subject.isExact ? fillWhole(await subject.create(CAPACITY)) : []),
    ...(subject.canExpire ? await expire(await subject.create(CAPACITY, { ttlMs: TTL_MS })) : []),
  ];
}

/**
 * Random sets, gets and deletes over three times the capacity, beside a plain record of what was written.
 * @param {import('./subjects/rivals.mjs').MeasuredCache} cache
 * @param {import('./subjects/subject.mjs').Subject} subject
 */
function runScript(cache, subject) {
  const keys = new KeyMaker('random');
  const random = new Random(7);
  const written = new Map();
  const bound = subject.bound(CAPACITY);
  let hits = 0;
  for (let step = 0; step < STEPS; step++) {
    const id = random.nextInt(3 * CAPACITY);
    const choice = random.nextInt(10);
    if (choice === 0 && subject.canDelete) {
      cache.delete?.(keys.make(id));
      written.delete(id);
      if (cache.get(keys.make(id)) !== undefined) return [`step ${step}: a deleted key has a value`];
    } else if (choice < 5) {
      const value = { id, step };
      cache.set(keys.make(id), value);
      written.set(id, value);
      if (cache.get(keys.make(id)) !== value) return [`step ${step}: a key just set does not have its value`];
    } else {
      const value = cache.get(keys.make(id));
      if (value !== undefined && value !== written.get(id)) return [`step ${step}: a value that is not the last written`];
      if (value !== undefined) hits++;
    }
    if (cache.size > bound) return [`step ${step}: holds ${cache.size} entries, says at most ${bound}`];
  }
  return hits > STEPS / 20 ? [] : [`only ${hits} hits in ${STEPS} steps`];
}

/** @param {import('./subjects/rivals.mjs').MeasuredCache} cache */
function fillWhole(cache) {
  const keys = new KeyMaker('random');
  for (let id = 0; id < CAPACITY; id++) cache.set(keys.make(id), { id });
  let held = 0;
  for (let id = 0; id < CAPACITY; id++) if (cache.get(keys.make(id)) !== undefined) held++;
  return held === CAPACITY ? [] : [`of ${CAPACITY} keys set at capacity ${CAPACITY} it held ${held}`];
}

/** @param {import('./subjects/rivals.mjs').MeasuredCache} cache */
async function expire(cache) {
  const keys = new KeyMaker('random');
  const value = { id: 1 };
  cache.set(keys.make(1), value);
  if (cache.get(keys.make(1)) !== value) return ['a key just set with a TTL does not have its value'];
  await sleep(2 * TTL_MS);
  return cache.get(keys.make(1)) === undefined ? [] : [`a key has its value ${TTL_MS} ms after its TTL passed`];
}
