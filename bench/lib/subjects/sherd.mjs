/**
 * Our own cache, only through its public entry. SHERD_DIST names the built package to measure (default: dist of this
 * checkout), SHERD_BASE a second build, which is then measured beside it as `sherd-base`.
 */
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OWN_DIST = fileURLToPath(new URL('../../../dist', import.meta.url));

/** @typedef {{ policy?: string, hasMetrics?: boolean, isBase?: boolean, seed?: number }} SherdVariant */

/**
 * The folder of the built package.
 * @param {boolean} isBase
 */
export function distOf(isBase = false) {
  const named = isBase ? process.env['SHERD_BASE'] : process.env['SHERD_DIST'];
  if (isBase && named === undefined) throw new Error('sherd-base needs SHERD_BASE=/path/to/dist');
  return named === undefined ? OWN_DIST : resolve(named);
}

/** @returns {Promise<any>} the entry `sherd/cache` */
export function loadSherd(isBase = false) {
  return loadEntry('cache', isBase);
}

/**
 * @param {'cache' | 'llm' | 'testing'} name
 * @returns {Promise<any>} the entry `sherd/<name>`
 */
export function loadEntry(name, isBase = false) {
  return import(pathToFileURL(`${distOf(isBase)}/${name}/index.js`).href);
}

/**
 * @param {import('./rivals.mjs').Plan & SherdVariant} plan
 * @param {readonly unknown[]} options added last, so they win
 */
export async function createSherd({ capacity, ttlMs, policy, hasMetrics = true, isBase = false, seed }, options = []) {
  const sherd = await loadSherd(isBase);
  return sherd.createShardedCache(
    sherd.withCapacity(capacity),
    sherd.withTTL(ttlMs),
    ...(policy === undefined ? [] : [sherd.withEvictionPolicy(policy)]),
    ...(hasMetrics ? [] : [sherd.withMetrics(false)]),
    ...(seed === undefined ? [] : [sherd.withSeed(seed)]),
    ...options,
  );
}

/** Policies DESIGN names; a build that lacks one says so when asked. */
export const POLICIES = ['lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu', 'adaptive'];

/**
 * Those of them that the build has.
 * @param {boolean} isBase
 */
export async function availablePolicies(isBase = false) {
  const { createShardedCache, withEvictionPolicy } = await loadSherd(isBase);
  return POLICIES.filter((policy) => {
    try {
      createShardedCache(withEvictionPolicy(policy))[Symbol.dispose]();
      return true;
    } catch {
      return false;
    }
  });
}
