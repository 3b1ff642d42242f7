/**
 * Asks the targets until one answers: in order, all at once, or one more when the first is late (asking.ts has the rules).
 * Each looks up and flies under its own key, since it has its own provider and model. Invariant: nobody else is asked once
 * a chunk has left, so an answer is never stitched together from two.
 */
import { contest } from '../../resilience/contest.js';
import { Asking, type AskingParts } from '../asking.js';
import type { Call, Handler } from '../call.js';
import { forTarget } from '../for-target.js';
import type { Targets } from '../targets.js';
import type { CachedStage } from './cached.js';

export interface FallbackParts extends AskingParts {
  readonly targets: Targets['list'];
}

export function fallback(parts: FallbackParts, once: CachedStage): Handler<Call> {
  const { targets, route } = parts;
  const { ask } = once;
  // A lone target needs no order, and its errors stay as they are.
  if (parts.fallback === undefined && route === undefined) {
    return (call) => {
      const asked = forTarget(call, targets[0]);
      call.trace.origin = asked.origin;
      return ask(asked);
    };
  }
  return async (call) => {
    const order = route === undefined ? targets : await route(call);
    const asking = new Asking(parts, call, order, once);
    return asking.won(await contest(asking));
  };
}
