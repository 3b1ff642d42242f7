/**
 * An expired answer in place of an outage: when nobody could answer, and a cache still keeps what somebody once said.
 * The targets are looked up in order, whoever failed last. Invariant: an answer that has begun is never replaced.
 */
import { isDeadlineError } from '../../core/errors.js';
import type { Call, Handler } from '../call.js';
import { isOutage } from '../failures.js';
import { forTarget } from '../for-target.js';
import type { Targets } from '../targets.js';
import type { CachedStage } from './cached.js';

export interface StaleIfErrorParts {
  readonly targets: Targets['list'];
}

export function staleIfError(
  { targets }: StaleIfErrorParts,
  { lastAnswer }: CachedStage,
  next: Handler<Call>,
): Handler<Call> {
  return async (call) => {
    try {
      return await next(call);
    } catch (error) {
      const { signal, trace } = call;
      // The total timeout is an outage as well; whoever has left wants nothing.
      const hasLeft = signal.aborted && !isDeadlineError(signal.reason);
      if (call.caching === undefined || hasLeft || !isOutage(signal.aborted ? signal.reason : error)) throw error;
      for (const target of targets) {
        const asked = forTarget(call, target);
        const reply = lastAnswer(asked);
        if (reply === undefined) continue;
        trace.origin = asked.origin;
        return reply;
      }
      throw error;
    }
  };
}
