/**
 * The walk of a call, in its one fixed order: observe -> deadline -> plugged -> stale-if-error -> fallback -> semantic
 * -> cached -> guarded. Wired once for each client. The order is the meaning: plugins rewrite what is looked up, every target looks up
 * and flies under its own key (cached inside fallback), a hit needs no permit and no token of the limiter (guarded inside
 * cached), and one deadline covers all.
 */
import type { Clock } from '../core/clock.js';
import type { Call, Handler } from './call.js';
import { type CachedParts, cached } from './stages/cached.js';
import { deadline } from './stages/deadline.js';
import { type FallbackParts, fallback } from './stages/fallback.js';
import { type GuardedParts, guarded } from './stages/guarded.js';
import { type ObserveParts, observe } from './stages/observe.js';
import { type PluggedParts, plugged } from './stages/plugged.js';
import { type SemanticParts, semantic } from './stages/semantic.js';
import { type StaleIfErrorParts, staleIfError } from './stages/stale-if-error.js';

export interface PipelineParts
  extends ObserveParts,
    PluggedParts,
    StaleIfErrorParts,
    FallbackParts,
    SemanticParts,
    CachedParts,
    GuardedParts {
  readonly clock: Clock;
}

export function createPipeline(parts: PipelineParts): Handler<Call> {
  const ask = guarded(parts);
  const once = semantic(parts, cached(parts, ask));
  const askAnyone = fallback(parts, once);
  const askOrRemember = staleIfError(parts, once, askAnyone);
  const askThrough = plugged(parts, askOrRemember);
  const askInTime = deadline(parts.clock, askThrough);
  return observe(parts, askInTime);
}
