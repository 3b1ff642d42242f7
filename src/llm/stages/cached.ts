/**
 * Answers from the cache, and joins equal calls in flight. A trouble of the cache is a miss, never a failed call.
 * Invariant: a call that may not be cached is neither read, nor stored, nor joined: n samples stay n calls.
 */
import { assert } from '../../core/assert.js';
import type { Clock } from '../../core/clock.js';
import { isSherdError } from '../../core/errors.js';
import { answerToChunks } from '../../protocol/assemble.js';
import type { ProviderAnswer } from '../../protocol/chat.js';
import { createDeadline } from '../../resilience/deadline.js';
import { StreamFlights } from '../../resilience/stream-flights.js';
import { type AnswerCache, asStoredAnswer, deepFreeze, type StoredAnswer, storedAnswer } from '../answer-cache.js';
import { AnswerStore } from '../answer-store.js';
import { type Handler, newTrace, type TargetCall } from '../call.js';
import { isEnd } from '../chunks.js';
import type { NegativeCacheSettings } from '../config.js';
import { costOf } from '../cost.js';
import type { ClientEvents } from '../event-types.js';
import { keyInTurns, keyOf } from '../key-of.js';
import { isRefusal, mayStore } from '../may-store.js';
import type { ClientCounters } from '../metrics.js';
import { record } from '../recorder.js';
import { Refusals } from '../refusals.js';
import { assemble, type Batch, type Reply } from '../reply.js';
import type { Runs } from '../runs.js';

export interface CachedParts {
  readonly clock: Clock;
  readonly cache: AnswerCache | undefined;
  readonly negativeCache: NegativeCacheSettings | undefined;
  readonly counters: ClientCounters;
  readonly runs: Runs;
  readonly onHit: (event: ClientEvents['cache-hit']) => void;
}

export interface CachedStage {
  readonly ask: Handler<TargetCall>;
  /** True: the answer is stored or on its way, so that to ask costs nothing upstream. */
  readonly isAtHand: (call: TargetCall) => boolean;
  /** The stored answer of another question, that means the same; not one that goes on to tools, which are told its words. */
  readonly nearAnswer: (key: string, call: TargetCall, similarity: number) => Reply | undefined;
  /** The expired answer, for a call that could not be answered. */
  readonly lastAnswer: (call: TargetCall) => Reply | undefined;
}

const NO_CACHE: Omit<CachedStage, 'ask'> = {
  isAtHand: () => false,
  nearAnswer: () => undefined,
  lastAnswer: () => undefined,
};

export function cached(parts: CachedParts, next: Handler<TargetCall>): CachedStage {
  return parts.cache === undefined ? { ask: next, ...NO_CACHE } : cachedIn(parts.cache, parts, next);
}

function cachedIn(cache: AnswerCache, parts: CachedParts, next: Handler<TargetCall>): CachedStage {
  const { counters, clock, runs, negativeCache } = parts;
  const answers = new AnswerStore(cache, counters);
  const refusals = negativeCache && new Refusals(negativeCache, clock);
  const flights = new StreamFlights<Batch>();

  /** Undefined when this provider's body has no name, so that the call goes on without the cache. */
  function nameOf<Name>(
    call: TargetCall,
    make: (call: TargetCall, scope: readonly string[]) => Name,
  ): Name | undefined {
    if (call.caching === undefined) return undefined;
    try {
      return make(call, call.caching.scope);
    } catch (error) {
      // The provider's own refusal: it would refuse the call as well.
      if (isSherdError(error)) throw error;
      counters.cacheErrors++;
      return undefined;
    }
  }

  /** The same for those who only look: whoever asks will be told. */
  function quietNameOf(call: TargetCall): string | undefined {
    try {
      return nameOf(call, keyOf);
    } catch {
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
    const value = storedAnswer(provider, model, answer, clock.wallMs());
    const ttlMs = isRefusal(call, answer) ? negativeCache?.ttlMs : call.caching?.ttlMs;
    if (answers.write(key, value, ttlMs, cost)) call.origin.stored = true;
  }

  function replay(call: TargetCall, stored: StoredAnswer, { isStale = false, isPaid = false } = {}): Reply {
    const { provider, model, answer, storedAtMs } = stored;
    call.origin.cached = true;
    call.origin.stale = isStale;
    // The calendar may have been set back since.
    call.origin.ageMs = Math.max(0, clock.wallMs() - storedAtMs);
    const { similarity } = call.origin;
    const savedCost = isPaid ? 0 : costOf(provider, model, answer.usage);
    counters[isStale ? 'staleHits' : 'cacheHits']++;
    counters.savedCost += savedCost ?? 0;
    parts.onHit({ provider, model, target: call.target.index, stale: isStale, similarity, savedCost });
    return { opening: call.isWhole ? [{ kind: 'response', answer }] : answerToChunks(answer), rest: undefined };
  }

  function askUpstream(key: string, call: TargetCall): Promise<Reply> {
    return refusals === undefined ? next(call) : askNoted(refusals, key, call);
  }

  async function askNoted(noted: Refusals, key: string, call: TargetCall): Promise<Reply> {
    try {
      return await next(call);
    } catch (error) {
      noted.note(key, error);
      throw error;
    }
  }

  async function join(key: string, call: TargetCall): Promise<Reply> {
    const before = flights.size;
    const rest = flights.join(
      flightKey(key, call),
      (signal, timeLimit) =>
        record(
          () => askUpstream(key, { ...call, signal, timeLimit }),
          (answer) => store(key, call, answer),
        ),
      call.signal,
      call.timeLimit,
    );
    // Opening a flight adds one; joining does not.
    call.origin.shared = flights.size === before;
    if (call.origin.shared) counters.joined++;
    const first = await rest.next();
    assert(first.done !== true, 'a flight brings something or fails');
    if (!first.value.some(isEnd)) return { opening: first.value, rest };
    rest.leave();
    return { opening: first.value, rest: undefined };
  }

  /** Asks anew for nobody in particular, unless somebody is asking: true when it has begun. */
  function refresh(key: string, call: TargetCall): boolean {
    const run = flights.has(flightKey(key, call)) ? undefined : runs.beginBackground();
    if (run === undefined) return false;
    const limit = createDeadline({ clock, timeoutMs: call.settings.totalTimeoutMs, signal: run.signal });
    const { signal } = limit;
    join(key, { ...call, signal, timeLimit: limit, origin: { ...call.origin }, trace: newTrace(call.trace.id) })
      .then(assemble)
      .catch(() => {
        if (!run.signal.aborted) counters.refreshFailures++;
      })
      .finally(() => {
        limit.dispose();
        run.end();
      });
    return true;
  }

  async function ask(call: TargetCall): Promise<Reply> {
    const named = nameOf(call, keyInTurns);
    const key = named instanceof Promise ? await named : named;
    if (key === undefined) return next(call);
    const stored = answers.read(key, storedFor(call));
    if (stored !== undefined) return replay(call, stored);
    counters.cacheMisses++;
    const refusal = refusals?.get(key);
    if (refusal !== undefined) {
      counters.refusalHits++;
      throw refusal;
    }
    const stale = answers.readStale(key, 'while-revalidate', storedFor(call));
    // What answers the call is free; what replaces it is paid for.
    if (stale !== undefined) return replay(call, stale, { isStale: true, isPaid: refresh(key, call) });
    return join(key, call);
  }
  function isAtHand(call: TargetCall): boolean {
    const key = quietNameOf(call);
    return key !== undefined && (flights.has(flightKey(key, call)) || answers.read(key, storedFor(call)) !== undefined);
  }
  function nearAnswer(key: string, call: TargetCall, similarity: number): Reply | undefined {
    const stored = answers.read(key, storedFor(call));
    if (stored?.answer.finishReason !== 'stop') return undefined;
    call.origin.similarity = similarity;
    counters.semanticHits++;
    return replay(call, stored);
  }
  function lastAnswer(call: TargetCall): Reply | undefined {
    const key = quietNameOf(call);
    const stale = key === undefined ? undefined : answers.readStale(key, 'if-error', storedFor(call));
    return stale && replay(call, stale, { isStale: true });
  }
  return { ask, isAtHand, nearAnswer, lastAnswer };
}

/** Reads a stored answer, unless it does not fit what the call wants of it. */
function storedFor({ check }: TargetCall): (value: unknown) => StoredAnswer | undefined {
  if (check === undefined) return asStoredAnswer;
  return (value) => {
    const stored = asStoredAnswer(value);
    return stored !== undefined && check.judge(stored.answer).ok ? stored : undefined;
  };
}

/**
 * Calls fly together only if their attempts have equal limits, else the least patient would decide for all, and want the
 * same of the answer.
 */
function flightKey(key: string, { settings, isRepeat, check }: TargetCall): string {
  const { timeoutMs, firstTokenTimeoutMs, streamIdleTimeoutMs, retryCount, retryDelayMs } = settings;
  const limits = [timeoutMs, firstTokenTimeoutMs, streamIdleTimeoutMs, retryCount, retryDelayMs, check?.id];
  return `${key} ${limits.join(' ')}${isRepeat ? ' repeat' : ''}`;
}
