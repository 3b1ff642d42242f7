/**
 * How long entries live: their own time or the cache's, shortened by chance where that is wanted, so that what was written
 * in one moment does not expire in one. Knows nothing of what happens at the expiry.
 * Invariant: nothing lives longer than its time to live, and what never expires is left alone.
 */
import type { Random } from '../core/random.js';
import type { Duration } from '../core/units.js';
import { checkedTtl } from './arguments.js';
import type { CacheConfig } from './config.js';

type LifetimeSettings = Pick<CacheConfig, 'ttlMs' | 'ttlJitter'>;

export class Lifetimes {
  private readonly random: Random;
  private ttlMs: number;
  private jitter: number;

  /** `random` is drawn from only while there is a jitter. */
  constructor({ ttlMs, ttlJitter }: LifetimeSettings, random: Random) {
    this.random = random;
    this.ttlMs = ttlMs;
    this.jitter = ttlJitter;
  }

  /** For entries written from now on. */
  configure({ ttlMs, ttlJitter }: LifetimeSettings): void {
    this.ttlMs = ttlMs;
    this.jitter = ttlJitter;
  }

  /** When an entry written at `nowMs` expires; Infinity for never. `ttl` is its own, if it names one. O(1). */
  expiryOf(ttl: Duration | undefined, nowMs: number): number {
    const ttlMs = ttl === undefined ? this.ttlMs : checkedTtl(ttl);
    if (ttlMs === 0) return Number.POSITIVE_INFINITY;
    return this.jitter === 0 ? nowMs + ttlMs : nowMs + ttlMs * (1 - this.jitter * this.random.next());
  }
}
