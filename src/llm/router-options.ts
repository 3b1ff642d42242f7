/** The option of the router, and its settings as people write them. Checks stand in router-type.ts. */
import { type Option, option } from '../options/option.js';
import type { CandidatePrice, Capabilities, RouterSettings } from './config.js';
import type { SelectRoute } from './route-types.js';
import { type FallbackInput, hideKey } from './target-types.js';

/** A target, with what it takes and costs where the table of models does not know, or is wrong. */
export type CandidateInput =
  | FallbackInput
  | (Extract<FallbackInput, { readonly provider: unknown }> & {
      readonly capabilities?: Partial<Capabilities>;
      readonly price?: CandidatePrice;
    });

export interface RouterInput {
  /** At least one, beside the client's own target, which is always the first candidate. */
  readonly candidates: readonly CandidateInput[];
  /** 0 for the fastest to 1 for the cheapest. Default 0.5. */
  readonly costBias?: number;
  /** Chooses in place of the ranking. Default: none. */
  readonly select?: SelectRoute;
}

/**
 * Chooses for each call who is asked first, and who next when that fails: among the client's own target and these, those
 * that take what the request needs (tools, images, JSON schema, context length), ordered by price and by live time to the
 * first token as `costBias` weighs them, worse the more they fail, last while their breaker refuses. Targets of
 * withFallback come after them; its mode says how all are asked. The order is the configured one when the call names a
 * model of its own, when no candidate has what it needs, or when `select` throws, rejects, gives no target or takes
 * longer than 3 s. Equal ones stay as configured, the client's own target first. Answers are kept under the name of the
 * target that gave them. Default: none. Document 001.
 */
export function withRouter({ candidates, ...settings }: RouterInput): Option<'llm', { router: RouterSettings }> {
  const router = { ...settings, candidates: candidates.map((candidate) => hideKey(candidate as FallbackInput)) };
  // The field completes the settings.
  return option('llm', 'withRouter({...})', { router: router as unknown as RouterSettings });
}
