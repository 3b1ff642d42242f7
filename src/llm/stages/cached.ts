/**
 * Answers from the cache, and joins equal calls in flight. A trouble of the cache is a miss, never a failed call.
 * Invariant: a call that may not be cached is neither read, nor stored, nor joined: n samples stay n calls.
 */
import { assert } from '../../core/assert.js';
import { isSherdError } from '../../core/errors.js';
import { answerToChunks } from '../../protocol/assemble.js';
import type { ProviderAnswer } from '../../protocol/chat.js';
import { StreamFlights } from '../../resilience/stream-flights.js';
import { type AnswerCache, asStoredAnswer, deepFreeze, type StoredAnswer, storedAnswer } from '../answer-cache.js';
import { AnswerStore, atOnce } from '../answer-store.js';
import type { Handler, TargetCall } from '../call.js';
import { isEnd } from '../chunks.js';
import { costOf } from '../cost.js';
import { cacheKey } from '../key.js';
import type { ClientCounters } from '../metrics.js';
import { record } from '../recorder.js';
import type { Batch, Reply } from '../reply.js';
import type { ClientEvents } from '../types.js';

export interface CachedParts {
  readonly cache: AnswerCache | undefined;
  readonly counters: ClientCounters;
  readonly onHit: (event: ClientEvents['cache-hit']) => void;
}

export interface CachedStage {
  readonly ask: Handler<TargetCall>;
  /** True: the answer is stored or on its way, so that to ask costs nothing upstream. */
  readonly isAtHand: (call: TargetCall) => boolean;
}

export function cached(parts: CachedParts, next: Handler<TargetCall>): CachedStage {
  return parts.cache === undefined ? { ask: next, isAtHand: () => false } : cachedIn(parts.cache, parts, next);
}

function cachedIn(cache: AnswerCache, parts: CachedParts, next: Handler<TargetCall>): CachedStage {
  const { counters } = parts;
  const answers = new AnswerStore(cache, counters);
  const flights = new StreamFlights<Batch>();

  /** Undefined when this provider's body has no name, so that the call goes on without the cache. */
  function nameOf(call: TargetCall, scope: readonly string[]): string | undefined {
    try {
      return keyOf(call, scope);
    } catch (error) {
      // The provider's own refusal: it would refuse the call as well.
      if (isSherdError(error)) throw error;
      counters.cacheErrors++;
      return undefined;
    }
  }

  function store(key: string, call: TargetCall, answer: ProviderAnswer): void {
    // Frozen also when it is not stored: all who joined the flight get this one object.
    deepFreeze(answer);
    if (!mayStore(call, answer, counters)) return;
    const provider = call.target.provider.name;
    const { model } = call.request;
    const cost = (): number | undefined => costOf(provider, model, answer.usage);
    const value = storedAnswer(provider, model, answer);
    if (answers.write(key, value, call.caching?.ttlMs, cost)) call.origin.stored = true;
  }

  function replay(call: TargetCall, stored: StoredAnswer): Reply {
    const { provider, model, answer } = stored;
    call.origin.cached = true;
    counters.cacheHits++;
    const savedCost = costOf(provider, model, answer.usage);
    counters.savedCost += savedCost ?? 0;
    parts.onHit({ provider, model, target: call.target.index, savedCost });
    return { opening: call.isWhole ? [{ kind: 'response', answer }] : answerToChunks(answer), rest: undefined };
  }

  async function join(key: string, call: TargetCall): Promise<Reply> {
    const before = flights.size;
    const rest = flights.join(
      flightKey(key, call),
      (signal) =>
        record(
          () => next({ ...call, signal }),
          (answer) => store(key, call, answer),
        ),
      call.signal,
    );
    // Opening a flight adds one; joining does not.
    call.origin.shared = flights.size === before;
    if (call.origin.shared) counters.joined++;
    const first = await rest.next();
    assert(first.done !== true, 'a flight brings something or fails');
    if (!first.value.some(isEnd)) return { opening: first.value, rest };
    await rest.return();
    return { opening: first.value, rest: undefined };
  }

  async function ask(call: TargetCall): Promise<Reply> {
    const key = call.caching && nameOf(call, call.caching.scope);
    if (key === undefined) return next(call);
    const stored = answers.read(key, asStoredAnswer);
    if (stored !== undefined) return replay(call, stored);
    counters.cacheMisses++;
    return join(key, call);
  }
  function isAtHand(call: TargetCall): boolean {
    if (call.caching === undefined) return false;
    let key: string | undefined;
    try {
      key = nameOf(call, call.caching.scope);
    } catch {
      // Whoever asks will be told.
      return false;
    }
    if (key === undefined) return false;
    return flights.has(flightKey(key, call)) || answers.read(key, asStoredAnswer) !== undefined;
  }
  return { ask, isAtHand };
}

/** The name of the answer that this target would give to this call. */
export function keyOf({ target, request }: Pick<TargetCall, 'target' | 'request'>, scope: readonly string[]): string {
  const { name: provider, endpoint } = target.provider;
  return cacheKey({ provider, endpoint, model: request.model, scope, body: target.provider.body(request) });
}

/** Calls fly together only if their attempts have equal limits: else the least patient would decide for all. */
function flightKey(key: string, { settings, isRepeat }: TargetCall): string {
  const { timeoutMs, firstTokenTimeoutMs, streamIdleTimeoutMs, retryCount, retryDelayMs } = settings;
  const limits = [timeoutMs, firstTokenTimeoutMs, streamIdleTimeoutMs, retryCount, retryDelayMs];
  return `${key} ${limits.join(' ')}${isRepeat ? ' repeat' : ''}`;
}

/** Only what the provider finished of its own accord, unless the caller decides. */
function mayStore(call: TargetCall, answer: ProviderAnswer, counters: ClientCounters): boolean {
  const { shouldCache } = call.settings;
  if (shouldCache === undefined) return answer.finishReason === 'stop' || answer.finishReason === 'tool-calls';
  try {
    return atOnce(shouldCache(answer, call.request), () => counters.containedErrors++) === true;
  } catch {
    counters.containedErrors++;
    return false;
  }
}
