/** What is measured while the cache works: sampled latencies, the request rate, contained errors. */
import { type Clock, createStopwatch, type Stopwatch } from '../core/clock.js';
import { Histogram } from '../structures/histogram.js';
import { TotalRate } from '../telemetry/total-rate.js';

/** One call in this many is timed (a power of two). */
const SAMPLE_EVERY = 64;

export class OperationLog {
  readonly getLatency: Histogram = new Histogram();
  readonly setLatency: Histogram = new Histogram();
  readonly rate: TotalRate;
  /** Errors of listeners, collectors, weighers, serializers and frames that did not reach the caller. */
  containedErrors = 0;
  /** Hits whose stored bytes could not be read back: misses in truth. */
  unreadable = 0;
  readonly isOn: boolean;
  #watcher: Histogram | undefined;
  readonly #stopwatch: Stopwatch;
  private calls = 0;

  constructor(isOn: boolean, clock: Clock) {
    this.isOn = isOn;
    this.rate = new TotalRate(clock.nowMs());
    this.#stopwatch = createStopwatch(clock);
  }

  /** True for the calls that are to be timed. */
  isSampled(): boolean {
    return this.isOn && (++this.calls & (SAMPLE_EVERY - 1)) === 1;
  }

  /** Read latencies also go to `histogram`, which its owner empties. */
  watchGets(histogram: Histogram): void {
    this.#watcher = histogram;
  }

  start(): number {
    return this.#stopwatch();
  }
  endGet(startMs: number): void {
    const latencyMs = this.#stopwatch() - startMs;
    this.getLatency.record(latencyMs);
    this.#watcher?.record(latencyMs);
  }
  endSet(startMs: number): void {
    this.setLatency.record(this.#stopwatch() - startMs);
  }
}
