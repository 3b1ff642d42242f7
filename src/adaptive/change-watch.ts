/**
 * Watches the intervals after a change of settings, and says whether the change stands or is to be undone.
 * Only intervals of the tier that led to the change are compared: other traffic gives other figures by itself.
 * It takes several bad intervals in a row, or a bad whole, each with enough reads on both sides, so that noise undoes
 * nothing; and it looks long enough to see dead entries pile up, which is what a longer cleanup interval can do.
 */
import { formatDuration } from '../core/units.js';
import { pooled, type TrafficInterval } from './traffic-interval.js';
import type { TunerSettings } from './tuner-decision.js';
import { percent } from './wording.js';

/** Worse p99: above this many times the old one, and by at least the second figure (clocks are no finer). */
const P99_WORSE_FACTOR = 1.5;
const P99_WORSE_MS = 0.05;
/** Measured reads an interval needs, before and after, for its p99 to count. */
export const MIN_LATENCY_SAMPLES = 200;
/** A hit ratio differs by more than this, as a difference of fractions, on top of what chance explains. */
const HIT_RATIO_MARGIN = 0.02;
/** Standard errors of the difference that count as chance. */
const CHANCE_ERRORS = 2;
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
  /** `judged`: enough was seen to say that nothing stayed worse. */
  | { readonly kind: 'kept'; readonly judged: boolean; readonly reason: string }
  | { readonly kind: 'undo'; readonly reason: string };

export interface ChangeWatch {
  /** The settings that were replaced, and those that replaced them. */
  readonly before: TunerSettings;
  readonly after: TunerSettings;
  /** The traffic that led to the change: what the intervals after it are held against. */
  readonly baseline: TrafficInterval;
  /** Takes the next interval. Any verdict but 'watching' is the last. */
  look(next: TrafficInterval, inForce: TunerSettings): WatchVerdict;
}

export function watchChange(before: TunerSettings, after: TunerSettings, baseline: TrafficInterval): ChangeWatch {
  // Dead entries pile up until the first round of a longer interval: no harm is to be seen before.
  const leastMs = after.cleanupIntervalMs > before.cleanupIntervalMs ? after.cleanupIntervalMs : 0;
  const judged: TrafficInterval[] = [];
  let looks = 0;
  let watchedMs = 0;
  let badInARow = 0;

  function look(next: TrafficInterval, inForce: TunerSettings): WatchVerdict {
    looks++;
    watchedMs += next.durationMs;
    if (!sameSettings(inForce, after)) return unjudged('the settings were changed by hand');
    const { tier } = next.recommended;
    if (tier !== baseline.recommended.tier) return unjudged(`the traffic moved to the ${tier} tier`);
    const harm = harmBetween(baseline, next);
    if (harm !== undefined) {
      judged.push(next);
      badInARow = harm === '' ? 0 : badInARow + 1;
      if (badInARow >= BAD_INTERVALS_TO_UNDO) return { kind: 'undo', reason: harm };
    }
    const isEnough = judged.length >= JUDGED_INTERVALS && badInARow === 0;
    const isLongEnough = watchedMs >= leastMs && (isEnough || looks >= WATCHED_INTERVALS);
    return isLongEnough ? closing() : { kind: 'watching' };
  }

  /** The whole tells finer than its parts, of which chance explains more. */
  function closing(): WatchVerdict {
    if (judged.length === 0) return unjudged('too few reads');
    const whole = pooled(judged);
    if (judged.length >= JUDGED_INTERVALS && fellBetween(baseline, whole)) {
      return { kind: 'undo', reason: fall(baseline, whole) };
    }
    return { kind: 'kept', judged: true, reason: 'nothing stayed worse' };
  }

  return { before, after, baseline, look };
}

function unjudged(why: string): WatchVerdict {
  return { kind: 'kept', judged: false, reason: `not judged: ${why}` };
}

export function sameSettings(a: TunerSettings, b: TunerSettings): boolean {
  return a.shardCount === b.shardCount && a.cleanupIntervalMs === b.cleanupIntervalMs;
}

/** False while the hit ratio moves by itself, as in a cache that is filling: a baseline of then would mislead. */
export function isSteady(earlier: TrafficInterval, later: TrafficInterval): boolean {
  return !fellBetween(earlier, later) && !fellBetween(later, earlier);
}

/** What got worse, in words; '' when nothing did; undefined when neither figure has enough reads to tell. */
export function harmBetween(before: TrafficInterval, after: TrafficInterval): string | undefined {
  const p99Counts = Math.min(before.getSamples, after.getSamples) >= MIN_LATENCY_SAMPLES;
  if (!p99Counts && !hitsCount(before, after)) return undefined;
  const [oldP99, newP99] = [before.figures.p99GetLatency, after.figures.p99GetLatency];
  if (p99Counts && newP99 > oldP99 * P99_WORSE_FACTOR && newP99 - oldP99 >= P99_WORSE_MS) {
    return `p99 of reads rose from ${formatDuration(oldP99)} to ${formatDuration(newP99)}`;
  }
  return fellBetween(before, after) ? fall(before, after) : '';
}

function fall(before: TrafficInterval, after: TrafficInterval): string {
  return `the hit ratio fell from ${percent(before.figures.hitRate)} to ${percent(after.figures.hitRate)}`;
}

function hitsCount(a: TrafficInterval, b: TrafficInterval): boolean {
  return Math.min(a.reads, b.reads) >= MIN_READS;
}

/** True when the hit ratio is lower by more than the margin and chance explain (two-proportion standard error). */
function fellBetween(before: TrafficInterval, after: TrafficInterval): boolean {
  if (!hitsCount(before, after)) return false;
  const [oldRate, newRate] = [before.figures.hitRate, after.figures.hitRate];
  const rate = (oldRate * before.reads + newRate * after.reads) / (before.reads + after.reads);
  const error = Math.sqrt(rate * (1 - rate) * (1 / before.reads + 1 / after.reads));
  return oldRate - newRate > HIT_RATIO_MARGIN + CHANCE_ERRORS * error;
}
