/**
 * How the targets of a client do lately: the time to the opening of an answer, and the share of failures. Whole answers
 * and streams are timed apart, since the opening of the first is its end. Knows no request and no answer.
 * Invariant: what nobody refreshed for five minutes is forgotten, so a target that was avoided is tried again.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { OutcomeWindow } from '../resilience/outcome-window.js';
import { type LatencySummary, LatencyWindow } from '../telemetry/latency-window.js';
import type { Target } from './target.js';

/** Models may be named per call, so there is a bound. */
const MAX_WATCHED = 256;
const SAMPLES = 256;
/** A summary costs a sort: it serves for this many samples more, or for a tenth of those there are. */
const SAMPLES_PER_SUMMARY = 16;
const MAX_AGE_MS = 300_000;
const FAILURE_WINDOW_MS = 60_000;

/** Who is asked, and for what. */
export interface Asked {
  readonly target: Pick<Target, 'index'>;
  readonly request: { readonly model: string };
  readonly isWhole: boolean;
}

export class TargetWatch {
  readonly #clock: Clock;
  readonly #openings: LRUCache<string, Openings> = new LRUCache({ max: MAX_WATCHED });
  readonly #outcomes: LRUCache<string, OutcomeWindow> = new LRUCache({ max: MAX_WATCHED });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  opened(asked: Asked, afterMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#openingsOf(asked).add(afterMs, nowMs);
    this.#outcomesOf(asked).note(1, 0, nowMs);
  }

  failed(asked: Asked): void {
    this.#outcomesOf(asked).note(0, 1, this.#clock.nowMs());
  }

  /**
   * The call was cancelled since another was first. It would have taken longer than `afterMs`, so it counts if that is
   * among the slowest already: to leave such calls out would make a slow target look faster with each of them.
   */
  lost(asked: Asked, afterMs: number): void {
    const known = this.openings(asked);
    if (known === undefined || afterMs >= known.p95Ms) this.#openingsOf(asked).add(afterMs, this.#clock.nowMs());
  }

  /** Times to the opening; undefined while there is none of late. */
  openings(asked: Asked): LatencySummary | undefined {
    return this.#openings.get(timedName(asked))?.summary(this.#clock.nowMs());
  }

  /** Failures, of the calls of the last minute; 0 without any. */
  failureShare(asked: Asked): number {
    const outcomes = this.#outcomes.get(name(asked));
    const nowMs = this.#clock.nowMs();
    const calls = outcomes?.calls(nowMs) ?? 0;
    return outcomes === undefined || calls === 0 ? 0 : outcomes.failures(nowMs) / calls;
  }

  #openingsOf(asked: Asked): Openings {
    const known = this.#openings.get(timedName(asked));
    if (known !== undefined) return known;
    const made = new Openings();
    this.#openings.set(timedName(asked), made);
    return made;
  }

  #outcomesOf(asked: Asked): OutcomeWindow {
    const known = this.#outcomes.get(name(asked));
    if (known !== undefined) return known;
    const made = new OutcomeWindow(FAILURE_WINDOW_MS);
    this.#outcomes.set(name(asked), made);
    return made;
  }
}

/** The newest times of one kind of call. */
class Openings {
  #window = new LatencyWindow(SAMPLES);
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #added = 0;
  #summary: LatencySummary | undefined = undefined;
  #summaryOf = 0;

  add(afterMs: number, nowMs: number): void {
    if (nowMs - this.#lastAtMs > MAX_AGE_MS) {
      this.#window = new LatencyWindow(SAMPLES);
      this.#added = 0;
      this.#summary = undefined;
      this.#summaryOf = 0;
    }
    this.#window.record(afterMs);
    this.#lastAtMs = nowMs;
    this.#added++;
  }

  summary(nowMs: number): LatencySummary | undefined {
    if (this.#added === 0 || nowMs - this.#lastAtMs > MAX_AGE_MS) return undefined;
    const serves = Math.min(SAMPLES_PER_SUMMARY, this.#summaryOf / 10);
    if (this.#summary === undefined || this.#added - this.#summaryOf > serves) {
      this.#summary = this.#window.summary();
      this.#summaryOf = this.#added;
    }
    return this.#summary;
  }
}

function name({ target, request }: Asked): string {
  return `${target.index} ${request.model}`;
}

function timedName(asked: Asked): string {
  return `${name(asked)} ${asked.isWhole ? 'whole' : 'stream'}`;
}
