/** Sees every call as its caller does: how long it took, how it ended. Counts and tells; changes nothing. */

import type { Stopwatch } from '../../core/clock.js';
import type { Chunk, Usage } from '../../protocol/chat.js';
import type { Call, Handler } from '../call.js';
import { isContent, isEnd } from '../chunks.js';
import { costOf } from '../cost.js';
import { codeOf } from '../failures.js';
import type { ClientCounters } from '../metrics.js';
import { type Batch, type Reply, watchRest } from '../reply.js';
import type { ClientEvents } from '../types.js';

export interface ObserveParts {
  readonly stopwatch: Stopwatch;
  readonly counters: ClientCounters;
  readonly onEnd: (event: ClientEvents['call-ended']) => void;
}

export function observe(parts: ObserveParts, next: Handler<Call>): Handler<Call> {
  const { stopwatch, counters } = parts;
  return async function observed(call): Promise<Reply> {
    const { trace } = call;
    const startMs = stopwatch();
    trace.startedAtMs = startMs;

    let usage: Usage | undefined;
    function see(batch: Batch): void {
      for (const chunk of batch) {
        if (isContent(chunk)) trace.firstTokenAtMs ??= stopwatch();
        usage = usageIn(chunk) ?? usage;
      }
    }
    function end(outcome: ClientEvents['call-ended']['outcome'], error?: unknown): void {
      trace.endedAtMs = stopwatch();
      if (trace.origin?.shared) counters.savedCost += costOf(trace.origin.provider, trace.origin.model, usage) ?? 0;
      const { cached = false, shared = false, target = 0 } = trace.origin ?? {};
      const { firstTokenAtMs } = trace;
      const firstTokenMs = firstTokenAtMs === undefined ? undefined : firstTokenAtMs - startMs;
      const code = outcome === 'failed' ? codeOf(error) : undefined;
      parts.onEnd({ outcome, cached, shared, target, code, durationMs: trace.endedAtMs - startMs, firstTokenMs });
    }
    function fail(error: unknown): unknown {
      end(call.signal.aborted ? 'aborted' : 'failed', error);
      return call.signal.aborted ? call.signal.reason : error;
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
