import { expect, test } from 'vitest';
import { withCleanupStrategy, withClock } from '../../src/cache/behaviour-options.js';
import { createShardedCache } from '../../src/cache/create-sharded-cache.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

test('cleanup finds expired entries behind the free places that deletes have left', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withClock(clock), withCleanupStrategy('lazy'));
  for (let i = 0; i < 5000; i++) cache.set(`key-${i}`, i, { ttl: 1000 });
  for (let i = 0; i < 4500; i++) cache.delete(`key-${i}`);
  clock.advance(2000);
  expect(await cache.cleanup()).toBe(500);
  expect(cache.size).toBe(0);
});
