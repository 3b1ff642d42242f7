/**
 * The timed loops. Each takes a batch of keys made beforehand and does nothing but call the cache; they are functions of
 * their own so that each has its own type feedback, and they return what they found so that nothing can be left out.
 */

/** @typedef {import('../../lib/subjects/rivals.mjs').MeasuredCache} MeasuredCache */

/**
 * @param {MeasuredCache} cache
 * @param {readonly string[]} keys
 */
export function getAll(cache, keys) {
  let found = 0;
  for (let i = 0; i < keys.length; i++) {
    if (cache.get(/** @type {string} */ (keys[i])) !== undefined) found++;
  }
  return found;
}

/**
 * @param {MeasuredCache} cache
 * @param {readonly string[]} keys
 * @param {readonly unknown[]} values
 */
export function setAll(cache, keys, values) {
  for (let i = 0; i < keys.length; i++) cache.set(/** @type {string} */ (keys[i]), values[i & 1023]);
  return 0;
}

/**
 * What a cache lives through: mostly reads, a set after each miss, some writes that were not asked for.
 * @param {MeasuredCache} cache
 * @param {readonly string[]} keys
 * @param {readonly unknown[]} values
 * @param {Uint8Array} isWrite
 */
export function readThrough(cache, keys, values, isWrite) {
  let found = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = /** @type {string} */ (keys[i]);
    if (isWrite[i] === 1) cache.set(key, values[i & 1023]);
    else if (cache.get(key) === undefined) cache.set(key, values[i & 1023]);
    else found++;
  }
  return found;
}
