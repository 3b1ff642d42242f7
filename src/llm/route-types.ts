/** What a router sees and says: the needs of a request, the candidates, the order to ask them in. Types only. */
import type { ChatRequest } from '../protocol/chat.js';

/** What a request needs of whoever answers it. */
export interface RouteNeeds {
  readonly tools: boolean;
  readonly images: boolean;
  readonly jsonSchema: boolean;
  /** Estimated tokens of the question, with room for the longest answer. */
  readonly contextTokens: number;
}

export interface RouteRequest extends Omit<ChatRequest, 'model'> {
  readonly needs: RouteNeeds;
}

/** A target that can take the request, as it stands now. */
export interface RouteCandidate {
  /** 0 for the client's own, then as listed in withRouter. */
  readonly target: number;
  readonly provider: string;
  readonly model: string;
  /** US dollars the call costs at most; undefined without a price. */
  readonly cost: number | undefined;
  /** Median milliseconds to the first token of late, or to the whole answer where that is asked; undefined without any. */
  readonly latencyMs: number | undefined;
  /** Failures, of its calls of the last minute. */
  readonly failureShare: number;
  /** Its circuit breaker would refuse a call now. */
  readonly isRefusing: boolean;
}

/** Targets to ask, the best first, as `target` numbers of the candidates; those left out are not asked. */
export type SelectRoute = (
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
) => readonly number[] | Promise<readonly number[]>;

/**
 * How a route came about: by our ranking or the caller's selection; or as configured, since the call named its model, no
 * candidate has what it needs, or the selection failed or took too long.
 */
export type RouteReason = 'ranked' | 'selected' | 'model-named' | 'none-fits' | 'select-failed' | 'select-late';
