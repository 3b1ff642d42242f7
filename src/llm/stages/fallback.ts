/**
 * Asks the targets in order until one answers. Each looks up and flies under its own key, since it has its own provider
 * and model. Invariant: nobody else is asked once a chunk has left, so an answer is never stitched together from two.
 */

import type { Stopwatch } from '../../core/clock.js';
import { type AttemptRecord, isConfigError, isProviderError } from '../../core/errors.js';
import type { Call, Handler, TargetCall } from '../call.js';
import { allFailed, codeOf, mayFallBack } from '../failures.js';
import { forTarget } from '../for-target.js';
import type { Reply } from '../reply.js';
import type { Targets } from '../targets.js';
import type { ClientEvents } from '../types.js';

export interface FallbackParts {
  readonly targets: Targets['list'];
  readonly stopwatch: Stopwatch;
  readonly onFallback: (event: ClientEvents['fallback']) => void;
}

export function fallback(parts: FallbackParts, next: Handler<TargetCall>): Handler<Call> {
  const { targets, stopwatch } = parts;
  const [primary] = targets;

  async function inOrder(call: Call): Promise<Reply> {
    const attempts: AttemptRecord[] = [];
    for (let index = 0; ; index++) {
      const target = targets[index] ?? primary;
      const asked = forTarget(call, target);
      const startMs = stopwatch();
      try {
        return await next(asked);
      } catch (error) {
        attempts.push(...attemptsOf(error, asked, stopwatch() - startMs));
        // A later target that cannot say the request has failed like any other; the primary's word is final.
        const mayGoOn = mayFallBack(error) || (index > 0 && isConfigError(error));
        if (call.signal.aborted || !mayGoOn) throw error;
        const following = targets[index + 1];
        if (following === undefined) throw allFailed(error, attempts);
        const from = { provider: target.provider.name, model: asked.request.model };
        const to = { provider: following.provider.name, model: following.model };
        parts.onFallback({ from, to, code: codeOf(error) });
      }
    }
  }

  return (call) => {
    // A lone target needs no order, and its errors stay as they are.
    return targets.length === 1 ? next(forTarget(call, primary)) : inOrder(call);
  };
}

function attemptsOf(error: unknown, asked: TargetCall, durationMs: number): readonly AttemptRecord[] {
  if (isProviderError(error) && error.attempts.length > 0) return error.attempts;
  const status = isProviderError(error) ? error.status : undefined;
  return [
    { provider: asked.target.provider.name, model: asked.request.model, code: codeOf(error), status, durationMs },
  ];
}
