/**
 * A warmup that is repeated: at once, then every so often, until it is stopped. Invariant: no two runs overlap, and its timer
 * never holds the process; a run under way does, as every call does.
 */
import { type Clock, systemClock } from '../../core/clock.js';
import type { Duration } from '../../core/units.js';
import { boolean, callback, type ValueType } from '../../options/value-type.js';
import { createSharedAbort, linkAbort } from '../../resilience/abort.js';
import { groupOf } from '../setting-types.js';
import type { ChatClient, Client } from '../types.js';
import { clockType, parseSettings, spanType } from './settings.js';
import {
  type WarmupOptions,
  type WarmupQuery,
  type WarmupResult,
  warmUp,
  warmupArguments,
  warmupOptionsType,
} from './warmup.js';
import type { WarmupCache } from './warmup-targets.js';

/** The queries, or what finds them anew for each run, in the logs perhaps. */
export type WarmupQueries = Iterable<WarmupQuery> | (() => Iterable<WarmupQuery> | Promise<Iterable<WarmupQuery>>);

export interface WarmupScheduleOptions extends WarmupOptions {
  /** From the start of a run to the start of the next; one that takes longer is followed at once. From 1 ms. */
  readonly every: Duration;
  /** False: the first run comes after the first interval. Default true. */
  readonly immediately?: boolean;
  /** Told of each run that has ended of itself. What it throws is thrown as from any timer. */
  readonly onRun?: (run: WarmupRun) => void;
  /** Default: the process's. */
  readonly clock?: Clock;
}

export type WarmupRun =
  | { readonly ok: true; readonly result: WarmupResult }
  /** The queries could not be found, or a callback of the warmup threw. */
  | { readonly ok: false; readonly error: unknown };

export interface WarmupSchedule {
  /** Runs that have ended. */
  readonly runs: number;
  /** The last of them. */
  readonly last: WarmupRun | undefined;
  /** Ends the run under way and starts no other; resolves once nothing is under way. Idempotent. */
  stop(): Promise<void>;
}

interface Settings {
  readonly every: number;
  readonly immediately: boolean;
  readonly onRun: WarmupScheduleOptions['onRun'];
  readonly clock: Clock;
}
const NAMES = ['every', 'immediately', 'onRun', 'clock'] as const;
const optionsType: ValueType<Settings> = groupOf<Settings>('an object with `every`', {
  every: { type: spanType },
  immediately: { type: boolean, fallback: true },
  onRun: { type: callback('(run) => void'), fallback: undefined },
  clock: { type: clockType, fallback: systemClock },
});

/**
 * warmupCache() again and again; what is cached is skipped, so a run asks for what is new or has expired. Aborting
 * `perCall.signal` stops it as stop() does. Throws a ConfigError. Source 001, "provider warmup"; guide, Advanced 2.
 */
export function scheduleWarmup(
  client: ChatClient,
  queries: WarmupQueries,
  options: WarmupScheduleOptions,
): WarmupSchedule;
export function scheduleWarmup(
  cacheOrClient: WarmupCache | ChatClient,
  client: Client,
  queries: WarmupQueries,
  options: WarmupScheduleOptions,
): WarmupSchedule;
export function scheduleWarmup(...given: readonly unknown[]): WarmupSchedule {
  const [filled, client, queries, options] = warmupArguments<WarmupQueries, WarmupScheduleOptions>(given);
  const { own, rest } = split(options);
  const { every: everyMs, immediately, onRun, clock } = parseSettings('scheduleWarmup', optionsType, own);
  parseSettings('scheduleWarmup', warmupOptionsType, rest);
  const { signal } = rest.perCall ?? {};
  const end = createSharedAbort();
  const perCall = { ...rest.perCall, signal: end.signal };
  const unlink = linkAbort(signal, end);
  let cancelTimer = clock.setTimer(immediately ? 0 : everyMs, begin);
  let running: Promise<void> = Promise.resolve();
  let runs = 0;
  let last: WarmupRun | undefined;
  end.signal.addEventListener('abort', () => cancelTimer(), { once: true });

  function begin(): void {
    running = run();
  }
  async function run(): Promise<void> {
    const startMs = clock.nowMs();
    const outcome = await attempt();
    if (end.signal.aborted) return;
    runs++;
    last = outcome;
    cancelTimer = clock.setTimer(Math.max(0, everyMs - (clock.nowMs() - startMs)), begin);
    onRun?.(outcome);
  }
  async function attempt(): Promise<WarmupRun> {
    try {
      const found = typeof queries === 'function' ? await queries() : queries;
      return { ok: true, result: await warmUp(filled, client, found, { ...rest, perCall }) };
    } catch (error) {
      return { ok: false, error };
    }
  }
  return {
    get runs() {
      return runs;
    },
    get last() {
      return last;
    },
    async stop() {
      unlink();
      end.abort();
      await Promise.allSettled([running]);
    },
  };
}

/** What is the schedule's, and what is each run's. */
function split(options: WarmupScheduleOptions | undefined): { readonly own: object; readonly rest: WarmupOptions } {
  const isOwn = ([name]: readonly [string, unknown]): boolean => NAMES.some((own) => own === name);
  const entries = Object.entries(options ?? {});
  return {
    own: Object.fromEntries(entries.filter(isOwn)),
    rest: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
}
