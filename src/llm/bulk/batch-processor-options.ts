/** What a BatchProcessor can be told, and what it makes of it. */
import type { Clock } from '../../core/clock.js';
import type { Duration } from '../../core/units.js';
import { integer, type Parsed, type ValueType } from '../../options/value-type.js';
import { groupOf } from '../setting-types.js';
import { clockType, concurrencyType, DEFAULT_CONCURRENCY, parseSettings, spanType } from './settings.js';

export interface BatchProcessorOptions {
  /** Requests that make a batch, 1 to 100,000. Default 10. */
  readonly batchSize?: number;
  /** A batch is sent at the latest this long after its first request has come. From 1 ms. Default 50 ms. */
  readonly interval?: Duration;
  /** Requests asked of the client at once, over all batches: 1 to 10,000. Default 10. */
  readonly concurrency?: number;
  /** Changes the batch size by what answers take. Default false. */
  readonly adaptive?: boolean | AdaptiveBatching;
  /** Requests that may wait to be sent, from 1; more are refused. Default 10,000. */
  readonly maxPending?: number;
  /** Default: the process's. */
  readonly clock?: Clock;
}

export interface AdaptiveBatching {
  /** Bounds of the batch size. Defaults 1 and four times `batchSize`. */
  readonly min?: number;
  readonly max?: number;
  /**
   * A batch is slow when its answers took longer on average, their wait for a place included. Default: twice what the
   * fastest of the last 32 batches took.
   */
  readonly targetLatency?: Duration;
}

export interface BatchProcessorSettings {
  readonly batchSize: number;
  readonly intervalMs: number;
  readonly concurrency: number;
  /** Undefined: off. */
  readonly adaptive: { readonly min: number; readonly max: number; readonly targetMs: number | undefined } | undefined;
  readonly maxPending: number;
  readonly clock: Clock | undefined;
}

const MAX_BATCH = 100_000;
const DEFAULT_SIZE = 10;
const DEFAULT_INTERVAL_MS = 50;
const DEFAULT_MAX_PENDING = 10_000;
const GROWTH = 4;

const sizeType = integer({ min: 1, max: MAX_BATCH });

interface AdaptiveGiven {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly targetLatency: number | undefined;
}
const adaptiveGroup = groupOf<AdaptiveGiven>('true, false, or an object of min, max and targetLatency', {
  min: { type: sizeType, fallback: undefined },
  max: { type: sizeType, fallback: undefined },
  targetLatency: { type: spanType, fallback: undefined },
});
const adaptiveType: ValueType<AdaptiveGiven | undefined> = {
  ...adaptiveGroup,
  parse(value): Parsed<AdaptiveGiven | undefined> {
    if (value === false) return { ok: true, value: undefined };
    return adaptiveGroup.parse(value === true ? {} : value);
  },
};

interface Given {
  readonly batchSize: number;
  readonly interval: number;
  readonly concurrency: number;
  readonly adaptive: AdaptiveGiven | undefined;
  readonly maxPending: number;
  readonly clock: Clock | undefined;
}
const optionsType = groupOf<Given>('an object of options', {
  batchSize: { type: sizeType, fallback: DEFAULT_SIZE },
  interval: { type: spanType, fallback: DEFAULT_INTERVAL_MS },
  concurrency: { type: concurrencyType, fallback: DEFAULT_CONCURRENCY },
  adaptive: { type: adaptiveType, fallback: undefined },
  maxPending: { type: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fallback: DEFAULT_MAX_PENDING },
  clock: { type: clockType, fallback: undefined },
});

/** Throws a ConfigError that lists every problem. */
export function processorSettings(options: BatchProcessorOptions): BatchProcessorSettings {
  const { interval, adaptive, batchSize, ...rest } = parseSettings('BatchProcessor', optionsType, options);
  if (adaptive === undefined) return { ...rest, batchSize, intervalMs: interval, adaptive };
  const { min = 1, max = Math.min(MAX_BATCH, GROWTH * batchSize), targetLatency: targetMs } = adaptive;
  const range = integer({ min, max });
  parseSettings('BatchProcessor', groupOf<{ batchSize: number }>('', { batchSize: { type: range } }), { batchSize });
  return { ...rest, batchSize, intervalMs: interval, adaptive: { min, max, targetMs } };
}
