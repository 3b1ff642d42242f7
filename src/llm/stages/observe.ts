/** Sees every call as its caller does: how long it took, how it ended. Counts and tells; changes nothing. */

import type { Stopwatch } from '../../core/clock.js';
import type { AttemptRecord } from '../../core/errors.js';
import type { Chunk, FinishReason, Usage } from '../../protocol/chat.js';
import type { Call, Handler } from '../call.js';
import { isContent, isEnd } from '../chunks.js';
import { costOf } from '../cost.js';
import type { AttemptTrace, ClientEvents } from '../event-types.js';
import { codeOf, withAttempts } from '../failures.js';
import { modelFor } from '../for-target.js';
import type { ClientCounters } from '../metrics.js';
import { type Batch, type Reply, watchRest } from '../reply.js';
import type { Targets } from '../targets.js';

export interface ObserveParts {
  readonly stopwatch: Stopwatch;
  readonly counters: ClientCounters;
  readonly targets: Targets['list'];
  readonly onStart: (event: ClientEvents['call-started']) => void;
  readonly onEnd: (event: ClientEvents['call-ended']) => void;
}

export function observe(parts: ObserveParts, next: Handler<Call>): Handler<Call> {
  const { stopwatch, counters } = parts;
  return async function observed(call): Promise<Reply> {
    const { trace } = call;
    const startMs = stopwatch();
    trace.startedAtMs = startMs;
    const [first] = parts.targets;
    const model = modelFor(call, first);
    parts.onStart({ call: trace.id, provider: first.provider.name, model, stream: !call.isWhole });

    let usage: Usage | undefined;
    let finishReason: FinishReason | undefined;
    function see(batch: Batch): void {
      for (const chunk of batch) {
        if (isContent(chunk)) trace.firstTokenAtMs ??= stopwatch();
        usage = usageIn(chunk) ?? usage;
        finishReason = finishReasonIn(chunk) ?? finishReason;
      }
    }
    function end(outcome: ClientEvents['call-ended']['outcome'], error?: unknown): void {
      trace.endedAtMs = stopwatch();
      if (trace.origin?.shared) counters.savedCost += costOf(trace.origin.provider, trace.origin.model, usage) ?? 0;
      const { provider, model, cached = false, shared = false, target = 0 } = trace.origin ?? {};
      const { firstTokenAtMs } = trace;
      const firstTokenMs = firstTokenAtMs === undefined ? undefined : firstTokenAtMs - startMs;
      const code = outcome === 'failed' ? codeOf(error) : undefined;
      const who = { call: trace.id, outcome, provider, model, cached, shared, target, code };
      const what = { durationMs: trace.endedAtMs - startMs, firstTokenMs, usage, finishReason };
      const attempts = trace.attempts?.list(startMs, trace.endedAtMs);
      parts.onEnd(attempts === undefined ? { ...who, ...what } : { ...who, ...what, attempts });
    }
    function fail(error: unknown): unknown {
      end(call.signal.aborted ? 'aborted' : 'failed', error);
      if (call.signal.aborted) return call.signal.reason;
      const attempts = trace.attempts?.list(startMs, trace.endedAtMs ?? startMs) ?? [];
      return withAttempts(error, attempts.filter(isFailed));
    }

    try {
      const reply = await next(call);
      see(reply.opening);
      let hasEnd = false;
      return watchRest(reply, {
        onBatch(batch) {
          see(batch);
          hasEnd ||= batch.some(isEnd);
        },
        onEnd(outcome, error) {
          if (outcome === 'failed') return fail(error);
          // A reader that has seen the last chunk has all, whether it asks for more or leaves.
          end(outcome === 'ended' || hasEnd ? 'ok' : 'aborted');
          return undefined;
        },
      });
    } catch (error) {
      throw fail(error);
    }
  };
}

/** Of several, the last counts: they are running totals. */
function usageIn(chunk: Chunk): Usage | undefined {
  return chunk.kind === 'usage' ? chunk.usage : chunk.kind === 'response' ? chunk.answer.usage : undefined;
}

function finishReasonIn(chunk: Chunk): FinishReason | undefined {
  return chunk.kind === 'finish' ? chunk.reason : chunk.kind === 'response' ? chunk.answer.finishReason : undefined;
}

/** What an error lists are failures, each with its code. */
function isFailed(attempt: AttemptTrace): attempt is AttemptTrace & AttemptRecord {
  return attempt.code !== undefined;
}
