import { describe, expect, test } from 'vitest';
import { createShardedCache, withCapacity, withClock, withShardCount, withTTL } from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

const MANY = 3000;

describe('tags', () => {
  test('an invalidation removes what carries the tag and nothing else', async () => {
    const cache = createShardedCache<number>(withCapacity(MANY * 2));
    for (let i = 0; i < MANY; i++) cache.set(`k${i}`, i, { tags: i % 3 === 0 ? ['third', 'all'] : ['all'] });
    expect(await cache.invalidateByTag('third')).toBe(1000);
    expect(cache.size).toBe(2000);
    expect(await cache.invalidateByTag('third')).toBe(0);
    expect(await cache.invalidateByTag('all')).toBe(2000);
  });

  test('a set while the slices run stays, tagged or not', async () => {
    const cache = createShardedCache<string>(withCapacity(MANY * 2));
    for (let i = 0; i < MANY; i++) cache.set(`k${i}`, 'old', { tags: ['t'] });
    const running = cache.invalidateByTag('t');
    await new Promise((resolve) => setImmediate(resolve));
    cache.set(`k${MANY - 1}`, 'new', { tags: ['t'] });
    cache.set(`k${MANY - 2}`, 'new');
    await running;
    expect([cache.get(`k${MANY - 1}`), cache.get(`k${MANY - 2}`), cache.size]).toEqual(['new', 'new', 2]);
    expect(await cache.invalidateByTag('t')).toBe(1);
  });

  test('what is set after a clear stays, even if it carried the tag before', async () => {
    const cache = createShardedCache<string>(withCapacity(MANY * 2));
    for (let i = 0; i < MANY; i++) cache.set(`k${i}`, 'old', { tags: ['t'] });
    const running = cache.invalidateByTag('t');
    cache.clear();
    cache.set('k7', 'new');
    cache.set(`k${MANY - 1}`, 'new', { tags: ['t'] });
    expect(await running).toBe(0);
    expect([...cache.keys()].toSorted()).toEqual([`k${MANY - 1}`, 'k7']);
  });

  test('a tag named twice counts once', async () => {
    const cache = createShardedCache<number>();
    cache.set('a', 1, { tags: ['t', 't'] });
    cache.set('b', 1, { tags: ['t', 'u', 't'] });
    cache.delete('b');
    expect([await cache.invalidateByTag('t'), await cache.invalidateByTag('u'), cache.size]).toEqual([1, 0, 0]);
  });

  test('a set without tags takes the old tags away', async () => {
    const cache = createShardedCache<number>();
    cache.set('a', 1, { tags: ['t'] });
    cache.set('a', 2);
    expect(await cache.invalidateByTag('t')).toBe(0);
    expect(cache.get('a')).toBe(2);
  });

  test('entries that were evicted, expired or deleted leave no tag behind', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withCapacity(2), withShardCount(1), withTTL('1s'));
    cache.set('a', 1, { tags: ['t'] });
    cache.set('b', 1, { tags: ['t'] });
    cache.set('c', 1, { tags: ['t'] });
    cache.delete('c');
    clock.advance(1000);
    cache.get('b');
    cache.set('a', 2);
    expect(await cache.invalidateByTag('t')).toBe(0);
  });
});

describe('patterns', () => {
  test.each([
    ['user:*', ['user:1', 'user:22', 'user:*']],
    ['user:?', ['user:1', 'user:*']],
    ['user:\\*', ['user:*']],
    ['*', ['user:1', 'user:22', 'user:*', 'team:1']],
    ['nobody', []],
  ])('%s removes %j', async (glob, gone) => {
    const cache = createShardedCache<number>();
    for (const key of ['user:1', 'user:22', 'user:*', 'team:1']) cache.set(key, 1);
    expect(await cache.invalidateByPattern(glob)).toBe(gone.length);
    for (const key of gone) expect(cache.has(key)).toBe(false);
    expect(cache.size).toBe(4 - gone.length);
  });

  test('no entry that matched at call time is served afterwards; later sets stay', async () => {
    const cache = createShardedCache<string>(withCapacity(MANY * 2));
    for (let i = 0; i < MANY; i++) cache.set(`k${i}`, 'old');
    const running = cache.invalidateByPattern('k*');
    cache.set('k7', 'new');
    await new Promise((resolve) => setImmediate(resolve));
    cache.set('k2999', 'new');
    cache.set('k-unseen', 'new');
    await running;
    expect([...cache.entries()].toSorted()).toEqual([
      ['k-unseen', 'new'],
      ['k2999', 'new'],
      ['k7', 'new'],
    ]);
  });

  test('a resize at the same time hides no entry from it', async () => {
    const cache = createShardedCache<number>(withCapacity(MANY * 2), withShardCount(2));
    for (let i = 0; i < MANY; i++) cache.set(`k${i}`, i);
    const [removed] = await Promise.all([cache.invalidateByPattern('k*'), cache.resize(64), cache.resize(8)]);
    expect([removed, cache.size, cache.shardCount]).toEqual([MANY, 0, 8]);
  });
});

describe('dependencies', () => {
  const derived = () => {
    const cache = createShardedCache<string>();
    for (const key of ['source', 'summary', 'title', 'other']) cache.set(key, key);
    cache.addDependency('summary', 'source');
    cache.addDependency('title', 'summary');
    return cache;
  };

  test.each([
    ['delete', (cache: ReturnType<typeof derived>) => void cache.delete('source')],
    ['set', (cache: ReturnType<typeof derived>) => void cache.set('source', 'changed')],
    ['invalidation', (cache: ReturnType<typeof derived>) => cache.invalidateByPattern('sour*')],
  ])('a %s of the source removes what was made from it, transitively', async (_name, change) => {
    const cache = derived();
    await change(cache);
    expect(['summary', 'title', 'other'].filter((key) => cache.has(key))).toEqual(['other']);
  });

  test('a dependent that was set anew stands on its own', () => {
    const cache = derived();
    cache.set('summary', 'by hand');
    cache.delete('source');
    expect(cache.get('summary')).toBe('by hand');
  });

  test('a change reaches all that was made from a key, however many they are and however far', () => {
    const cache = createShardedCache<number>(withCapacity(200_000));
    cache.set('source', 0);
    cache.set('middle', 0);
    cache.addDependency('middle', 'source');
    for (let i = 0; i < 150_000; i++) {
      cache.set(`k${i}`, i);
      cache.addDependency(`k${i}`, 'middle');
    }
    cache.set('source', 1);
    expect([...cache.keys()]).toEqual(['source']);
  });

  test('a circle ends', () => {
    const cache = derived();
    cache.addDependency('source', 'title');
    cache.delete('summary');
    expect([...cache.keys()]).toEqual(['other']);
  });

  test('an absent key cannot depend', () => {
    expect(createShardedCache().addDependency('absent', 'source')).toBe(false);
  });
});
