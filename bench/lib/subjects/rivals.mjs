/**
 * The caches we measure against, as their own documentation tells to make them. Each gives an object whose get, set,
 * delete and size are the rival's own wherever they have our meaning, so that no wrapper costs it time.
 */

/**
 * @typedef {object} MeasuredCache
 * @property {(key: string) => unknown} get undefined for a miss
 * @property {(key: string, value: any) => unknown} set
 * @property {(key: string) => unknown} [delete] absent where the rival has none
 * @property {() => unknown} clear
 * @property {number} size
 */

/**
 * @typedef {object} Plan
 * @property {number} capacity entries
 * @property {number} ttlMs 0: entries never expire
 * @property {boolean} [counts] whether hits and misses are counted, by the rival itself or in the cheapest way around it
 */

/**
 * @typedef {object} Rival
 * @property {string} package '' for what the language has
 * @property {(capacity: number) => number} bound the most entries it says it may hold
 * @property {boolean} hasTtl
 * @property {boolean} [hasDelete] default: true
 * @property {boolean} isExact whether any `capacity` keys are all held
 * @property {(plan: Plan) => Promise<MeasuredCache>} create
 */

const exactly = (/** @type {number} */ capacity) => capacity;

/** Names are loaded when used, so that the repository's checks need no rival installed. */
const load = (/** @type {string} */ name) => import(name);

/** @type {Record<string, Rival>} */
export const RIVALS = {
  map: {
    package: '',
    bound: () => Number.POSITIVE_INFINITY,
    hasTtl: false,
    isExact: true,
    create: async () => new Map(),
  },
  'lru-cache': {
    package: 'lru-cache',
    bound: exactly,
    hasTtl: true,
    isExact: true,
    async create({ capacity, ttlMs, counts }) {
      const { LRUCache } = await load('lru-cache');
      const cache = ttlMs > 0 ? new LRUCache({ max: capacity, ttl: ttlMs }) : new LRUCache({ max: capacity });
      return counts === true ? new CountedCache(cache) : cache;
    },
  },
  mnemonist: {
    package: 'mnemonist',
    bound: exactly,
    hasTtl: false,
    hasDelete: false,
    isExact: true,
    async create({ capacity }) {
      const { LRUMap } = await load('mnemonist');
      return new LRUMap(capacity);
    },
  },
  'sieve-cache': {
    package: '@neophi/sieve-cache',
    bound: exactly,
    hasTtl: false,
    isExact: true,
    async create({ capacity }) {
      const { SieveCache } = await load('@neophi/sieve-cache');
      return new SieveCache(capacity);
    },
  },
  'quick-lru': {
    package: 'quick-lru',
    bound: (capacity) => 2 * capacity,
    hasTtl: true,
    isExact: true,
    async create({ capacity, ttlMs }) {
      const { default: QuickLRU } = await load('quick-lru');
      return ttlMs > 0 ? new QuickLRU({ maxSize: capacity, maxAge: ttlMs }) : new QuickLRU({ maxSize: capacity });
    },
  },
  'tiny-lru': {
    package: 'tiny-lru',
    bound: exactly,
    hasTtl: true,
    isExact: true,
    async create({ capacity, ttlMs }) {
      const { lru } = await load('tiny-lru');
      return lru(capacity, ttlMs);
    },
  },
  transitory: {
    package: 'transitory',
    // It evicts in arrears, by one per cent or five entries.
    bound: (capacity) => capacity + Math.max(Math.floor(capacity / 100), 5),
    hasTtl: true,
    isExact: false,
    async create({ capacity, ttlMs }) {
      const { newCache } = await load('transitory');
      const builder = newCache().maxSize(capacity);
      return new TransitoryCache(ttlMs > 0 ? builder.expireAfterWrite(ttlMs).build() : builder.build());
    },
  },
  'cacheable-memory': {
    package: '@cacheable/memory',
    bound: exactly,
    hasTtl: true,
    isExact: true,
    async create({ capacity, ttlMs }) {
      const { CacheableMemory } = await load('@cacheable/memory');
      // As all others do, it hands out the stored value itself.
      const options = { lruSize: capacity, useClone: false };
      return ttlMs > 0 ? new CacheableMemory({ ...options, ttl: ttlMs }) : new CacheableMemory(options);
    },
  },
};

/** The least a user writes who wants to know the hit ratio of a cache that does not count. */
class CountedCache {
  /** @param {MeasuredCache} cache */
  constructor(cache) {
    this.cache = cache;
    this.hits = 0;
    this.misses = 0;
    this.sets = 0;
  }
  get size() {
    return this.cache.size;
  }
  /** @param {string} key */
  get(key) {
    const value = this.cache.get(key);
    if (value === undefined) this.misses++;
    else this.hits++;
    return value;
  }
  /**
   * @param {string} key
   * @param {unknown} value
   */
  set(key, value) {
    this.sets++;
    return this.cache.set(key, value);
  }
  /** @param {string} key */
  delete(key) {
    return this.cache.delete?.(key);
  }
  clear() {
    this.cache.clear();
  }
}

/** Its null is our undefined. */
class TransitoryCache {
  /** @param {any} cache */
  constructor(cache) {
    this.cache = cache;
  }
  get size() {
    return this.cache.size;
  }
  /** @param {string} key */
  get(key) {
    const value = this.cache.getIfPresent(key);
    return value === null ? undefined : value;
  }
  /**
   * @param {string} key
   * @param {unknown} value
   */
  set(key, value) {
    return this.cache.set(key, value);
  }
  /** @param {string} key */
  delete(key) {
    return this.cache.delete(key);
  }
  clear() {
    this.cache.clear();
  }
}
