/** What the auto-tuner sees but may not change itself: it advises. Pure rules over one interval. */
import type { TrafficInterval } from './traffic-interval.js';
import { durationLiteral, percent } from './wording.js';

export interface Advice {
  /** Stable name; the same advice is given once while its condition lasts. */
  readonly id: 'low-hit-ratio' | 'nearly-full';
  readonly reason: string;
  /** The option to change, ready to paste. */
  readonly solution: string;
}

/** A hit ratio below this is worth a word, above this request rate. */
const LOW_HIT_RATIO = 0.7;
const BUSY_QPS = 1000;
/** Entries over capacity above which the cache counts as nearly full. */
const NEARLY_FULL = 0.95;

/** All advice that applies to the interval. */
export function adviceFor(interval: TrafficInterval): readonly Advice[] {
  const { figures, reads, loadFactor } = interval;
  const advice: Advice[] = [];
  if (figures.requestRate > BUSY_QPS && reads > 0 && figures.hitRate < LOW_HIT_RATIO) {
    const rate = Math.round(figures.requestRate);
    advice.push({
      id: 'low-hit-ratio',
      reason: `hit ratio ${percent(figures.hitRate)} at ${rate} requests/s: ${causeOfMisses(interval)}`,
      solution: remedyForMisses(interval),
    });
  }
  if (loadFactor > NEARLY_FULL) {
    advice.push({
      id: 'nearly-full',
      reason: `${percent(loadFactor)} of ${interval.capacity} entries are in use`,
      solution: doubledCapacity(interval),
    });
  }
  return advice;
}

/** A full cache forgets by eviction, a roomy one by expiry; where nothing expires either, the keys do not repeat. */
function causeOfMisses(interval: TrafficInterval): string {
  if (interval.loadFactor > NEARLY_FULL) return 'entries are evicted before they are read again';
  return interval.ttlMs > 0 ? 'entries may expire before they are read again' : 'few keys repeat so far';
}

function remedyForMisses(interval: TrafficInterval): string {
  if (interval.loadFactor > NEARLY_FULL) return doubledCapacity(interval);
  return interval.ttlMs > 0 ? `withTTL(${durationLiteral(interval.ttlMs * 2)})` : 'withWarmup(entries)';
}

function doubledCapacity(interval: TrafficInterval): string {
  return `withCapacity(${interval.capacity * 2})`;
}
