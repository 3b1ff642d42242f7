/**
 * Chooses the order in which the targets of a call are asked. It asks nobody and keeps nothing: what it knows of the
 * candidates is what the target watch and the breakers know.
 * Invariant: a route holds at least one target and none twice; whatever goes wrong, there is one: the configured order.
 */
import type { Clock, Stopwatch } from '../core/clock.js';
import { isDeadlineError } from '../core/errors.js';
import { abortable } from '../resilience/abort.js';
import { createDeadline } from '../resilience/deadline.js';
import type { Breakers } from './breakers.js';
import type { Call } from './call.js';
import type { RouterCandidate, RouterSettings } from './config.js';
import type { ClientEvents } from './event-types.js';
import { modelFor } from './for-target.js';
import { fits, highestCost, needsOf } from './route-fit.js';
import type { RouteCandidate, RouteNeeds, RouteReason, RouteRequest } from './route-types.js';
import type { Target } from './target.js';
import type { TargetWatch } from './target-watch.js';
import type { Targets } from './targets.js';

export type Order = Targets['list'];
/** Who is asked in this call, in order. A promise only where somebody else decides. */
export type Route = (call: Call) => Order | Promise<Order>;

export interface RouterParts {
  readonly settings: RouterSettings;
  /** The client's own model: a call that asks for another is not routed. */
  readonly model: string | undefined;
  readonly targets: Targets['list'];
  readonly watch: TargetWatch;
  readonly breakers: Breakers;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly onRoute: (event: ClientEvents['route-chosen']) => void;
}

/** Document 001: 3 s for the call of its selection service. */
const SELECT_TIMEOUT_MS = 3_000;
/** Fewer times say too little. */
const MIN_SAMPLES = 5;
/** So that failures weigh also among candidates that cost nothing. */
const BASE_SCORE = 0.01;
/** What always fails is bad, not infinitely so. */
const MIN_SUCCESS_SHARE = 0.05;
/** The client's own target says nothing of itself. */
const OWN = { capabilities: undefined, price: undefined };

export function createRoute(parts: RouterParts): Route {
  const { settings, targets, clock, stopwatch } = parts;
  const { select, costBias } = settings;
  const routed = targets.slice(0, settings.candidates.length + 1);
  const others = targets.slice(routed.length);

  function describe(call: Call, needs: RouteNeeds): readonly RouteCandidate[] {
    return routed.flatMap((target) => {
      const said: Pick<RouterCandidate, 'capabilities' | 'price'> = settings.candidates[target.index - 1] ?? OWN;
      const place = { provider: target.provider.name, model: modelFor(call, target) };
      if (!fits(needs, place.provider, place.model, said)) return [];
      const asked = { target, request: place, isWhole: call.isWhole };
      const openings = parts.watch.openings(asked);
      return {
        target: target.index,
        ...place,
        cost: highestCost(needs, call.settings.maxTokens, place, said),
        latencyMs: openings === undefined || openings.count < MIN_SAMPLES ? undefined : openings.p50Ms,
        failureShare: parts.watch.failureShare(asked),
        isRefusing: parts.breakers.isRefusing(target, place.model, clock.nowMs()),
      };
    });
  }

  function finish(startMs: number, reason: RouteReason, chosen: readonly number[] | undefined): Order {
    const first = chosen === undefined ? routed : chosen.map((index) => routed[index] as Target);
    // At least one: an empty choice is none.
    const order = [...first, ...others] as unknown as Order;
    parts.onRoute({ order: order.map(({ index }) => index), reason, durationMs: stopwatch() - startMs });
    return order;
  }

  async function wait(call: Call, selected: Promise<readonly number[]>): Promise<readonly number[]> {
    const limit = createDeadline({ clock, timeoutMs: SELECT_TIMEOUT_MS, signal: call.signal });
    try {
      return await abortable(selected, limit.signal);
    } finally {
      limit.dispose();
    }
  }

  return (call) => {
    const startMs = stopwatch();
    if (call.settings.model !== parts.model) return finish(startMs, 'model-named', undefined);
    const needs = needsOf(call);
    const candidates = describe(call, needs);
    if (candidates.length === 0) return finish(startMs, 'none-fits', undefined);
    if (select === undefined) return finish(startMs, 'ranked', rank(candidates, costBias));

    const settle = (chosen: unknown): Order =>
      isChoice(chosen, candidates) ? finish(startMs, 'selected', chosen) : finish(startMs, 'select-failed', undefined);
    try {
      const chosen: unknown = select(requestOf(call, needs), candidates);
      if (!(chosen instanceof Promise)) return settle(chosen);
      return wait(call, chosen).then(settle, (error: unknown) => {
        if (call.signal.aborted) throw call.signal.reason;
        return finish(startMs, isDeadlineError(error) ? 'select-late' : 'select-failed', undefined);
      });
    } catch {
      return finish(startMs, 'select-failed', undefined);
    }
  };
}

/** The best first; equal ones as configured. */
export function rank(candidates: readonly RouteCandidate[], costBias: number): readonly number[] {
  const costs = costShares(candidates.map(({ cost }) => cost));
  const latencies = latencyShares(candidates.map(({ latencyMs }) => latencyMs));
  const scored = candidates.map(({ target, failureShare, isRefusing }, i) => {
    const score = BASE_SCORE + costBias * (costs[i] ?? 0) + (1 - costBias) * (latencies[i] ?? 0);
    const healthy = score / Math.max(MIN_SUCCESS_SHARE, 1 - failureShare);
    return { target, score: isRefusing ? Number.POSITIVE_INFINITY : healthy };
  });
  return scored.toSorted((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : 0)).map(({ target }) => target);
}

/** 0..1. A price that nobody knows counts as twice the highest known: what is known to be cheap goes before it. */
function costShares(costs: readonly (number | undefined)[]): readonly number[] {
  const highest = Math.max(0, ...costs.filter((cost) => cost !== undefined));
  const unknownAs = costs.includes(undefined) ? 2 : 1;
  return costs.map((cost) => (cost === undefined ? 1 : shareOf(cost, highest) / unknownAs));
}

/** 0..1. A time that nobody knows counts as none: who is never asked would never be known. */
function latencyShares(latenciesMs: readonly (number | undefined)[]): readonly number[] {
  const longestMs = Math.max(0, ...latenciesMs.filter((latencyMs) => latencyMs !== undefined));
  return latenciesMs.map((latencyMs) => shareOf(latencyMs ?? 0, longestMs));
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function requestOf({ messages, extras, settings }: Call, needs: RouteNeeds): RouteRequest {
  return { messages, maxTokens: settings.maxTokens, ...extras, needs };
}

/** A selection may give anything. */
function isChoice(chosen: unknown, candidates: readonly RouteCandidate[]): chosen is readonly number[] {
  if (!Array.isArray(chosen) || chosen.length === 0 || new Set(chosen).size < chosen.length) return false;
  return chosen.every((index) => candidates.some(({ target }) => target === index));
}
