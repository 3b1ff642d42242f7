/** The key of a call's answer, from what the provider of its target would be sent. */
import type { TargetCall } from './call.js';
import { cacheKey, cacheKeyInTurns, type KeyParts } from './key.js';

type Keyed = Pick<TargetCall, 'target' | 'request'>;

/** The name of the answer that this target would give to this call. */
export function keyOf(call: Keyed, scope: readonly string[]): string {
  return cacheKey(partsOf(call, scope));
}

/** The same name; of a long request later, made in several turns of the event loop. */
export function keyInTurns(call: Keyed, scope: readonly string[]): string | Promise<string> {
  return cacheKeyInTurns(partsOf(call, scope));
}

function partsOf({ target, request }: Keyed, scope: readonly string[]): KeyParts {
  const { name: provider, endpoint } = target.provider;
  return { provider, endpoint, model: request.model, scope, body: target.provider.body(request) };
}
