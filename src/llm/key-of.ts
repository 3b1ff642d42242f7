/** The key of a call's answer, from what the provider of its target would be sent. */
import type { TargetCall } from './call.js';
import { cacheKey } from './key.js';

/** The name of the answer that this target would give to this call. */
export function keyOf({ target, request }: Pick<TargetCall, 'target' | 'request'>, scope: readonly string[]): string {
  const { name: provider, endpoint } = target.provider;
  return cacheKey({ provider, endpoint, model: request.model, scope, body: target.provider.body(request) });
}
