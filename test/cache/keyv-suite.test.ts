/** Keyv's own test suite over our stores: each store() is a new store, all of them over one cache. */
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as vitest from 'vitest';
import {
  type CacheOption,
  createKeyvStore,
  createShardedCache,
  withCompression,
  withCompressionThreshold,
  withShardCount,
} from '../../src/cache/index.js';

const caches: readonly [kind: string, ...options: CacheOption[]][] = [
  ['a cache without options'],
  ['a single shard', withShardCount(1)],
  ['compressed values', withCompression(true), withCompressionThreshold(0)],
];

vitest.describe.each(caches)("Keyv's own test suite passes over %s", (_kind, ...options) => {
  const cache = createShardedCache(...options);
  vitest.afterAll(() => cache.close());

  keyvTestSuite(vitest, Keyv, () => createKeyvStore(cache));
  keyvIteratorTests(vitest, Keyv, () => createKeyvStore(cache));
});
