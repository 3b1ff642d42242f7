/** Found by review: what was made from something made from the source is stale too, whatever became of the middle. */
import { expect, test } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  withCapacity,
  withClock,
  withShardCount,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

const clock = createFakeClock();

/** `page` was made from `summary`, which was made from `source`; the summary has left without having changed. */
function chain(leaving: 'evicted' | 'expired' | 'expired unnoticed'): ShardedCache<string> {
  const cache = createShardedCache<string>(withClock(clock), withCapacity(3), withShardCount(1));
  cache.set('summary', 's', { ttl: leaving === 'evicted' ? 0 : 10 });
  cache.set('source', 'x', { ttl: 0 });
  cache.set('page', 'p', { ttl: 0 });
  cache.addDependency('summary', 'source');
  cache.addDependency('page', 'summary');
  if (leaving === 'evicted') cache.set('other', 'o');
  else clock.advance(10);
  if (leaving === 'expired') cache.get('summary');
  return cache;
}

test.each(['evicted', 'expired', 'expired unnoticed'] as const)(
  'a change of the source passes a link that was %s',
  (leaving) => {
    for (const change of ['set', 'delete'] as const) {
      const cache = chain(leaving);
      expect([cache.has('summary'), cache.has('page')]).toEqual([false, true]);
      if (change === 'set') cache.set('source', 'y');
      else cache.delete('source');
      expect(cache.has('page')).toBe(false);
    }
  },
);

test('a link that is set anew stands on its own: it changes what was made from it, and its old source no longer counts', () => {
  const cache = chain('evicted');
  cache.set('summary', 'new');
  expect(cache.has('page')).toBe(false);
  cache.set('source', 'y');
  expect(cache.get('summary')).toBe('new');
});

test('a circle through links that left ends', () => {
  const cache = chain('expired');
  cache.addDependency('source', 'page');
  expect(cache.delete('page')).toBe(true);
  expect([...cache.keys()]).toEqual([]);
});

test('a tag of an evicted link still reaches what was made from it, and a pattern a source that was never stored', async () => {
  const cache = createShardedCache<string>(withCapacity(2), withShardCount(1));
  cache.set('summary', 's', { tags: ['user'] });
  cache.set('page', 'p');
  cache.addDependency('page', 'summary');
  cache.set('other', 'o');
  expect(cache.has('summary')).toBe(false);
  cache.addDependency('other', 'file:readme');
  await cache.invalidateByTag('user');
  expect([cache.has('page'), cache.has('other')]).toEqual([false, true]);
  await cache.invalidateByPattern('file:*');
  expect(cache.has('other')).toBe(false);
});
