/**
 * Watches the intervals after a change of settings, and says whether the change stands or is to be undone.
 * Only intervals of the tier that led to the change are compared: other traffic gives other figures by itself.
 * It takes several bad intervals in a row, each with enough reads on both sides, so that noise undoes nothing.
 */
import { formatDuration } from '../core/units.js';
import type { TrafficInterval } from './traffic-interval.js';
import type { TunerSettings } from './tuner-decision.js';
import { percent } from './wording.js';

/** Worse p99: above this many times the old one, and by at least the second figure (clocks are no finer). */
const P99_WORSE_FACTOR = 1.5;
const P99_WORSE_MS = 0.05;
/** Measured reads an interval needs, before and after, for its p99 to count. */
export const MIN_LATENCY_SAMPLES = 200;
/** Worse hit ratio: lower by more than this, as a difference of fractions. */
const HIT_RATIO_WORSE = 0.05;
/** Reads an interval needs, before and after, for its hit ratio to count. */
export const MIN_READS = 1000;
/** So many bad intervals in a row undo the change. */
const BAD_INTERVALS_TO_UNDO = 2;
/** After so many intervals that could be judged, the change stands. */
const JUDGED_INTERVALS = 3;
/** After so many intervals of any kind, it stands unjudged. */
export const WATCHED_INTERVALS = 6;

export type WatchVerdict =
  | { readonly kind: 'watching' }
  | { readonly kind: 'kept'; readonly reason: string }
  | { readonly kind: 'undo'; readonly reason: string };

export interface ChangeWatch {
  /** The settings that were replaced, and those that replaced them. */
  readonly before: TunerSettings;
  readonly after: TunerSettings;
  /** The interval that led to the change. */
  readonly interval: TrafficInterval;
  /** Takes the next interval. Any verdict but 'watching' is the last. */
  look(next: TrafficInterval, inForce: TunerSettings): WatchVerdict;
}

export function watchChange(before: TunerSettings, after: TunerSettings, interval: TrafficInterval): ChangeWatch {
  let looks = 0;
  let judged = 0;
  let badInARow = 0;

  function look(next: TrafficInterval, inForce: TunerSettings): WatchVerdict {
    looks++;
    if (!sameSettings(inForce, after)) return { kind: 'kept', reason: 'not judged: the settings were changed by hand' };
    if (next.recommended.tier !== interval.recommended.tier) {
      return { kind: 'kept', reason: `not judged: the traffic moved to the ${next.recommended.tier} tier` };
    }
    const harm = harmBetween(interval, next);
    if (harm !== undefined) {
      judged++;
      badInARow = harm === '' ? 0 : badInARow + 1;
      if (badInARow >= BAD_INTERVALS_TO_UNDO) return { kind: 'undo', reason: harm };
      if (judged >= JUDGED_INTERVALS && badInARow === 0) return { kind: 'kept', reason: 'nothing stayed worse' };
    }
    if (looks < WATCHED_INTERVALS) return { kind: 'watching' };
    return { kind: 'kept', reason: judged === 0 ? 'not judged: too few reads' : 'nothing stayed worse' };
  }

  return { before, after, interval, look };
}

export function sameSettings(a: TunerSettings, b: TunerSettings): boolean {
  return a.shardCount === b.shardCount && a.cleanupIntervalMs === b.cleanupIntervalMs;
}

/** What got worse, in words; '' when nothing did; undefined when neither figure has enough reads to tell. */
export function harmBetween(before: TrafficInterval, after: TrafficInterval): string | undefined {
  const p99Counts = Math.min(before.getSamples, after.getSamples) >= MIN_LATENCY_SAMPLES;
  const hitsCount = Math.min(before.reads, after.reads) >= MIN_READS;
  if (!p99Counts && !hitsCount) return undefined;
  const [oldP99, newP99] = [before.figures.p99GetLatency, after.figures.p99GetLatency];
  if (p99Counts && newP99 > oldP99 * P99_WORSE_FACTOR && newP99 - oldP99 >= P99_WORSE_MS) {
    return `p99 of reads rose from ${formatDuration(oldP99)} to ${formatDuration(newP99)}`;
  }
  const [oldRate, newRate] = [before.figures.hitRate, after.figures.hitRate];
  if (hitsCount && oldRate - newRate > HIT_RATIO_WORSE) {
    return `the hit ratio fell from ${percent(oldRate)} to ${percent(newRate)}`;
  }
  return '';
}
