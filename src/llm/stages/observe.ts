/** Sees every call as its caller does: how long it took, how it ended. Counts and tells; changes nothing. */

import type { Stopwatch } from '../../core/clock.js';
import type { AttemptRecord } from '../../core/errors.js';
import type { FinishReason, Usage } from '../../protocol/chat.js';
import type { Call, Handler } from '../call.js';
import { isContent, isEnd } from '../chunks.js';
import { costOf } from '../cost.js';
import type { AttemptTrace, ClientEvents } from '../event-types.js';
import { codeOf, withAttempts } from '../failures.js';
import { modelFor } from '../for-target.js';
import type { ClientCounters } from '../metrics.js';
import { type Batch, type Reply, type RestWatch, watchRest } from '../reply.js';
import type { Targets } from '../targets.js';

export interface ObserveParts {
  readonly stopwatch: Stopwatch;
  readonly counters: ClientCounters;
  readonly targets: Targets['list'];
  readonly onStart: (event: ClientEvents['call-started']) => void;
  readonly onEnd: (event: ClientEvents['call-ended']) => void;
}

export function observe(parts: ObserveParts, next: Handler<Call>): Handler<Call> {
  return async function observed(call): Promise<Reply> {
    const observation = new Observation(parts, call);
    try {
      const reply = await next(call);
      observation.onBatch(reply.opening);
      return watchRest(reply, observation);
    } catch (error) {
      throw observation.onEnd('failed', error);
    }
  };
}

/** One call, from its start to its end. */
class Observation implements RestWatch {
  readonly #parts: ObserveParts;
  readonly #call: Call;
  readonly #startMs: number;
  #usage: Usage | undefined = undefined;
  #finishReason: FinishReason | undefined = undefined;
  #hasEnd = false;

  constructor(parts: ObserveParts, call: Call) {
    this.#parts = parts;
    this.#call = call;
    this.#startMs = parts.stopwatch();
    call.trace.startedAtMs = this.#startMs;
    const [first] = parts.targets;
    const model = modelFor(call, first);
    parts.onStart({ call: call.trace.id, provider: first.provider.name, model, stream: !call.isWhole });
  }

  onBatch(batch: Batch): void {
    const { trace } = this.#call;
    for (const chunk of batch) {
      if (trace.firstTokenAtMs === undefined && isContent(chunk)) {
        trace.firstTokenAtMs = trace.origin?.firstTokenAtMs ?? this.#parts.stopwatch();
      }
      // Of several, the last counts: they are running totals.
      if (chunk.kind === 'usage') this.#usage = chunk.usage;
      else if (chunk.kind === 'finish') this.#finishReason = chunk.reason;
      else if (chunk.kind === 'response') {
        this.#usage = chunk.answer.usage ?? this.#usage;
        this.#finishReason = chunk.answer.finishReason;
      }
      this.#hasEnd ||= isEnd(chunk);
    }
  }

  onEnd(outcome: 'ended' | 'failed' | 'left', error?: unknown): unknown {
    if (outcome === 'failed') return this.#fail(error);
    // A reader that has seen the last chunk has all, whether it asks for more or leaves.
    this.#end(outcome === 'ended' || this.#hasEnd ? 'ok' : 'aborted');
    return undefined;
  }

  /** The error that the caller gets. */
  #fail(error: unknown): unknown {
    const { signal, trace } = this.#call;
    const startMs = this.#startMs;
    this.#end(signal.aborted ? 'aborted' : 'failed', error);
    if (signal.aborted) return signal.reason;
    const attempts = trace.attempts?.list(startMs, trace.endedAtMs ?? startMs) ?? [];
    return withAttempts(error, attempts.filter(isFailed));
  }

  #end(outcome: ClientEvents['call-ended']['outcome'], error?: unknown): void {
    const { counters, stopwatch, onEnd } = this.#parts;
    const { trace } = this.#call;
    const { origin, firstTokenAtMs } = trace;
    const startMs = this.#startMs;
    const endMs = stopwatch();
    trace.endedAtMs = endMs;
    const usage = this.#usage;
    if (origin?.shared) counters.savedCost += costOf(origin.provider, origin.model, usage) ?? 0;
    const event: ClientEvents['call-ended'] = {
      call: trace.id,
      outcome,
      provider: origin?.provider,
      model: origin?.model,
      cached: origin?.cached ?? false,
      shared: origin?.shared ?? false,
      target: origin?.target ?? 0,
      code: outcome === 'failed' ? codeOf(error) : undefined,
      durationMs: endMs - startMs,
      firstTokenMs: firstTokenAtMs === undefined ? undefined : firstTokenAtMs - startMs,
      usage,
      finishReason: this.#finishReason,
    };
    onEnd(trace.attempts === undefined ? event : { ...event, attempts: trace.attempts.list(startMs, endMs) });
  }
}

/** What an error lists are failures, each with its code. */
function isFailed(attempt: AttemptTrace): attempt is AttemptTrace & AttemptRecord {
  return attempt.code !== undefined;
}
