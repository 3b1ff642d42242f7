/**
 * The cache through its public door, against a naive model: a Map with expiry times, tags and edges, no shards, no
 * slices. Without eviction pressure both agree on everything; under pressure the cache may forget, and never lies.
 */
import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  withCapacity,
  withClock,
  withCompression,
  withCompressionThreshold,
  withEvictionPolicy,
  withMemoryLimit,
  withSeed,
  withShardCount,
  withStaleWhileRevalidate,
  withTTL,
} from '../../src/cache/index.js';
import { createRandom, createSeed, type Random } from '../../src/core/random.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { operations } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';

const KEYS = 40;
const TAGS = ['red', 'green', 'blue'];
const DEFAULT_TTL_MS = 500;

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
  readonly tags: readonly string[];
}

/** What the documentation says, as plainly as it can be said. */
class Model {
  readonly entries = new Map<string, Entry>();
  /** From a key to what it was made from. Stays when its entry merely expires. */
  readonly sources = new Map<string, Set<string>>();
  ttlMs = DEFAULT_TTL_MS;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }
  live(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && this.#clock.nowMs() < entry.expiresAtMs ? entry : undefined;
  }
  /** The value that getOrLoad may give although it has expired. */
  stale(key: string, windowMs: number): string | undefined {
    const entry = this.entries.get(key);
    const isKept = entry !== undefined && this.#clock.nowMs() - windowMs < entry.expiresAtMs;
    return isKept && this.live(key) === undefined ? entry.value : undefined;
  }
  liveKeys(): string[] {
    return [...this.entries.keys()].filter((key) => this.live(key) !== undefined).toSorted();
  }
  /** Keys with an entry, expired ones included, and names of sources. */
  knownKeys(): string[] {
    return [...new Set([...this.entries.keys(), ...[...this.sources.values()].flatMap((set) => [...set])])];
  }
  set(key: string, value: string, ttlMs: number, tags: readonly string[]): void {
    this.change(key);
    const expiresAtMs = ttlMs === 0 ? Number.POSITIVE_INFINITY : this.#clock.nowMs() + ttlMs;
    this.entries.set(key, { value, expiresAtMs, tags });
  }
  delete(key: string): boolean {
    const wasLive = this.live(key) !== undefined;
    this.change(key);
    return wasLive;
  }
  /** Drops the entry, and with it everything that was made from it. */
  change(key: string): void {
    this.entries.delete(key);
    this.sources.delete(key);
    for (const [made, sources] of [...this.sources]) if (sources.has(key)) this.change(made);
  }
  clear(): void {
    this.entries.clear();
    this.sources.clear();
  }
  depend(key: string, source: string): void {
    this.sources.set(key, (this.sources.get(key) ?? new Set()).add(source));
  }
  /** Deletes one after another; how many of them were there when their turn came. */
  invalidate(keys: readonly string[]): number {
    return keys.filter((key) => this.delete(key)).length;
  }
}

interface Run {
  readonly cache: ShardedCache<string>;
  readonly model: Model;
  readonly clock: FakeClock;
  readonly random: Random;
  /** The cache holds everything the model holds. */
  readonly isExact: boolean;
  /** Of stale-while-revalidate. */
  readonly windowMs: number;
}

/** Expects what the cache gave: equal to the model, or under pressure possibly nothing. */
function judge({ model, isExact }: Run, key: string, given: string | undefined): void {
  const expected = model.live(key)?.value;
  if (isExact || given !== undefined) expect([key, given]).toEqual([key, expected]);
}

/** One operation on both, its result compared. A resize goes on while later steps run. */
async function step(run: Run, index: number): Promise<void> {
  const { cache, model, clock, random, isExact, windowMs } = run;
  const key = `k${random.nextInt(KEYS)}`;
  const other = `k${random.nextInt(KEYS)}`;
  const value = `${key}=${index}${'.'.repeat(random.nextInt(60))}`;
  const tags = TAGS.filter(() => random.nextInt(3) === 0);
  const ttlMs = [undefined, 0, 50, 1000][random.nextInt(4)];
  const options = {
    tags,
    ...(ttlMs === undefined ? {} : { ttl: ttlMs }),
    ...(random.nextInt(4) === 0 ? { weight: 90 } : {}),
  };
  switch (random.nextInt(16)) {
    case 0:
    case 1:
    case 2: {
      if (cache.set(key, value, options)) model.set(key, value, ttlMs ?? model.ttlMs, tags);
      else model.change(key);
      break;
    }
    case 3:
    case 4:
      judge(run, key, cache.get(key));
      break;
    case 5:
      judge(run, key, cache.peek(key));
      break;
    case 6:
      if (isExact) expect([key, cache.has(key)]).toEqual([key, model.live(key) !== undefined]);
      break;
    case 7: {
      const wasLive = model.delete(key);
      const isDeleted = cache.delete(key);
      if (isExact || isDeleted) expect([key, isDeleted]).toEqual([key, wasLive]);
      break;
    }
    case 8: {
      const before = cache.peek(key);
      const stale = model.stale(key, windowMs);
      const loaded = await cache.getOrLoad(key, () => value, options);
      expect(loaded).toBe(before ?? stale ?? value);
      // What was given expired is replaced behind the caller's back.
      if (before === undefined && stale !== undefined) await new Promise((resolve) => setImmediate(resolve));
      if (before === undefined && cache.has(key)) model.set(key, value, ttlMs ?? model.ttlMs, tags);
      else if (before === undefined) model.change(key);
      break;
    }
    case 9: {
      // A load that something overtakes: handed over, not stored.
      if (cache.has(key)) break;
      const stale = model.stale(key, windowMs);
      const waiting = cache.getOrLoad(key, async () => value, options);
      cache.delete(key);
      model.change(key);
      expect(await waiting).toBe(stale ?? value);
      break;
    }
    case 10: {
      // A name without an entry is a source, too.
      const source = cache.has(other) ? other : `s${random.nextInt(5)}`;
      const isLinked = cache.addDependency(key, source);
      if (isExact) expect(isLinked).toBe(model.live(key) !== undefined);
      if (isLinked) model.depend(key, source);
      break;
    }
    case 11: {
      const tag = TAGS[random.nextInt(TAGS.length)] as string;
      const removed = await cache.invalidateByTag(tag);
      const tagged = model.knownKeys().filter((candidate) => model.entries.get(candidate)?.tags.includes(tag));
      model.invalidate(tagged);
      expect(removed).toBeLessThanOrEqual(tagged.length);
      break;
    }
    case 12: {
      const glob = `${random.nextInt(4) === 0 ? 's' : 'k'}${random.nextInt(4)}*`;
      const running = cache.invalidateByPattern(glob);
      const matched = model.knownKeys().filter((candidate) => candidate.startsWith(glob.slice(0, -1)));
      model.invalidate(matched);
      const late = matched.find((candidate) => candidate.startsWith('k'));
      if (late !== undefined && random.nextInt(2) === 0) {
        // A set after the call stays, unless its own source is among those that go.
        cache.set(late, value, { ttl: 0 });
        model.set(late, value, 0, []);
      }
      await running;
      break;
    }
    case 13:
      void cache.resize([1, 2, 8, 64][random.nextInt(4)] as number);
      if (random.nextInt(3) === 0) {
        model.ttlMs = [200, 500, 900][random.nextInt(3)] as number;
        cache.tune({ ttlMs: model.ttlMs });
      }
      if (!isExact) cache.tune({ capacity: 5 + random.nextInt(10) });
      break;
    case 14:
      clock.advance(random.nextInt(120));
      if (random.nextInt(4) === 0) await cache.cleanup();
      break;
    default:
      if (random.nextInt(12) === 0) {
        cache.clear();
        model.clear();
      }
  }
}

function compare(run: Run): void {
  const { cache, model, isExact } = run;
  for (let i = 0; i < KEYS; i++) judge(run, `k${i}`, cache.peek(`k${i}`));
  if (isExact) expect([...cache.keys()].toSorted()).toEqual(model.liveKeys());
}

async function play(run: Run, steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) {
    await step(run, i);
    if (i % 25 === 0) compare(run);
  }
  compare(run);
  await run.cache.close();
}

describe('against a naive model', () => {
  test.each([
    ['plain', 0],
    ['compressed', 0],
    ['stale while revalidate', 150],
  ])('no value is stale, foreign, lost or brought back: %s', async (kind, windowMs) => {
    const seed = createSeed();
    const clock = createFakeClock();
    const cache = createShardedCache<string>(
      withClock(clock),
      withSeed(seed),
      withTTL(DEFAULT_TTL_MS),
      withCapacity(1000),
      withCompression(kind === 'compressed'),
      withCompressionThreshold(32),
      withStaleWhileRevalidate(windowMs),
    );
    const run = { cache, model: new Model(clock), clock, random: createRandom(seed), isExact: true, windowMs };
    await play(run, operations(20_000)).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  });

  test.each(POLICIES)('under pressure, %s forgets and never lies', async (policy) => {
    const seed = createSeed();
    const clock = createFakeClock();
    const cache = createShardedCache<string>(
      withClock(clock),
      withSeed(seed),
      withTTL(DEFAULT_TTL_MS),
      withCapacity(10),
      withShardCount(4),
      withMemoryLimit(2048),
      withEvictionPolicy(policy),
    );
    const run = { cache, model: new Model(clock), clock, random: createRandom(seed), isExact: false, windowMs: 0 };
    await play(run, operations(5_000)).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  });
});
