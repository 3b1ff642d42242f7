/** Durations finer than a clock's. The process's clock may lag a millisecond; an injected one is the only time there is. */
import { performance } from 'node:perf_hooks';
import { type Clock, systemClock } from '../core/clock.js';

/** Milliseconds from some origin. */
export type Stopwatch = () => number;

export function createStopwatch(clock: Clock): Stopwatch {
  return clock === systemClock ? () => performance.now() : () => clock.nowMs();
}
