/** Sees every call as its caller does: how long it took, how it ended. Counts and tells; changes nothing. */

import type { Stopwatch } from '../../core/clock.js';
import type { Chunk } from '../../protocol/chat.js';
import type { Call, Handler } from '../call.js';
import { isContent, isEnd } from '../chunks.js';
import { costOf } from '../cost.js';
import { codeOf } from '../failures.js';
import type { ClientCounters } from '../metrics.js';
import type { ClientEvents } from '../types.js';

export interface ObserveParts {
  readonly stopwatch: Stopwatch;
  readonly counters: ClientCounters;
  readonly onEnd: (event: ClientEvents['call-ended']) => void;
}

export function observe(parts: ObserveParts, next: Handler<Call>): Handler<Call> {
  const { stopwatch, counters } = parts;
  return async function* observed(call): AsyncGenerator<Chunk, void, undefined> {
    const { trace } = call;
    const startMs = stopwatch();
    let outcome: ClientEvents['call-ended']['outcome'] = 'aborted';
    let code: string | undefined;
    trace.startedAtMs = startMs;
    try {
      for await (const chunk of next(call)) {
        if (isContent(chunk)) trace.firstTokenAtMs ??= stopwatch();
        if (isEnd(chunk)) outcome = 'ok';
        if (trace.shared) counters.savedCost += sharedCost(call, chunk);
        yield chunk;
      }
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason;
      outcome = 'failed';
      code = codeOf(error);
      throw error;
    } finally {
      trace.endedAtMs = stopwatch();
      const { cached, shared, target, firstTokenAtMs } = trace;
      const firstTokenMs = firstTokenAtMs === undefined ? undefined : firstTokenAtMs - startMs;
      parts.onEnd({ outcome, cached, shared, target, code, durationMs: trace.endedAtMs - startMs, firstTokenMs });
    }
  };
}

/** What an answer that another call paid for would have cost. */
function sharedCost({ trace }: Call, chunk: Chunk): number {
  const usage = chunk.kind === 'usage' ? chunk.usage : chunk.kind === 'response' ? chunk.answer.usage : undefined;
  return costOf(trace.provider, trace.model, usage) ?? 0;
}
