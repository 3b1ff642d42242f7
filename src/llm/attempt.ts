/**
 * One upstream attempt: breaker, limiter, timeouts, the provider, the validator. What is asked whole comes out as one
 * `response` chunk; a stream comes out from its first content on, since what stands before it commits to nothing.
 * Invariant: the last chunk leaves only after the source's clean end, and the permit, timers and the upstream request are
 * given back however the attempt ends.
 */
import type { Clock, Stopwatch } from '../core/clock.js';
import { isConfigError, isRateLimitError, ProviderError, StreamTruncatedError } from '../core/errors.js';
import { type AnswerAssembler, createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer, Usage } from '../protocol/chat.js';
import { flatten } from '../protocol/flatten.js';
import { abortable, linkAbort } from '../resilience/abort.js';
import type { CircuitPermit } from '../resilience/circuit-breaker.js';
import { timeStream } from '../resilience/time-stream.js';
import { isAnswer } from './answer-cache.js';
import { type Breakers, isHealthFailure } from './breakers.js';
import type { TargetCall } from './call.js';
import { isContent, isEnd } from './chunks.js';
import { costOf } from './cost.js';
import { codeOf, toTypedError } from './failures.js';
import type { ClientCounters } from './metrics.js';
import type { ClientEvents } from './types.js';

export interface AttemptParts {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly breakers: Breakers;
  readonly counters: ClientCounters;
  /** Told once for each attempt, unless the provider refused to encode the request. */
  readonly onUpstream: (event: ClientEvents['upstream-call'], usage: Usage | undefined, error: unknown) => void;
}

/** Longest pause of the limiter that a provider's Retry-After may cause. */
const MAX_PAUSE_MS = 60_000;

export async function* attemptCall(
  parts: AttemptParts,
  call: TargetCall,
  number: number,
): AsyncGenerator<Chunk, void, undefined> {
  const { target, request, signal } = call;
  const permit = parts.breakers.acquire(target, request.model);
  try {
    await target.limiter?.acquire(1, signal, call.deadlineAtMs);
    yield* askProvider(parts, call, number, permit);
  } finally {
    // Does nothing when the outcome was told.
    permit?.release();
  }
}

async function* askProvider(
  parts: AttemptParts,
  call: TargetCall,
  number: number,
  permit: CircuitPermit | undefined,
): AsyncGenerator<Chunk, void, undefined> {
  const { clock, stopwatch } = parts;
  const { target, request, settings } = call;
  const { name } = target.provider;
  const startMs = stopwatch();
  const controller = new AbortController();
  const unlink = linkAbort(call.signal, controller);
  const isStream = settings.streaming || !call.isWhole;
  const reading = new Reading(name, call.isWhole, settings.responseValidator !== undefined);
  let outcome: ClientEvents['upstream-call']['outcome'] = 'aborted';
  let failure: unknown;
  let firstTokenMs: number | undefined;
  try {
    const source = target.provider.chat({
      request,
      stream: isStream,
      signal: controller.signal,
      apiKey: target.apiKey?.reveal(),
    });
    const limits = {
      clock,
      attemptMs: settings.timeoutMs,
      // A whole answer comes at once: its first token is its last.
      firstTokenMs: isStream ? settings.firstTokenTimeoutMs : undefined,
      idleMs: isStream ? settings.streamIdleTimeoutMs : undefined,
      isToken: isContent,
    };
    for await (const chunk of timeStream(flatten(streamOf(source, name)), limits, controller)) {
      if (isContent(chunk)) firstTokenMs ??= stopwatch() - startMs;
      for (const ready of reading.take(chunk)) yield ready;
    }
    const last = reading.end();
    // The validator may wait for somebody else; nobody has to wait for it longer than he wants.
    await abortable(validate(parts.counters, call, reading), call.signal);
    permit?.succeed();
    outcome = 'ok';
    for (const chunk of last) yield chunk;
  } catch (error) {
    if (call.signal.aborted) throw call.signal.reason;
    failure = toTypedError(error, name);
    outcome = 'failed';
    if (isHealthFailure(failure)) permit?.fail();
    if (isRateLimitError(failure) && failure.retryAfterMs !== undefined) {
      target.limiter?.pauseUntil(clock.nowMs() + Math.min(failure.retryAfterMs, MAX_PAUSE_MS));
    }
    throw failure;
  } finally {
    unlink();
    if (!isConfigError(failure)) {
      const durationMs = stopwatch() - startMs;
      const cost = costOf(name, request.model, reading.usage);
      const code = failure === undefined ? undefined : codeOf(failure);
      const place = { provider: name, model: request.model, target: target.index, attempt: number };
      parts.onUpstream({ ...place, outcome, code, durationMs, firstTokenMs, cost }, reading.usage, failure);
    }
  }
}

/** Throws when the caller's validator refuses the answer, or throws itself. */
async function validate(counters: ClientCounters, call: TargetCall, reading: Reading): Promise<void> {
  const { responseValidator } = call.settings;
  if (responseValidator === undefined) return;
  let cause: unknown;
  try {
    if ((await responseValidator(reading.answer(), call.request)) === true) return;
  } catch (error) {
    cause = error;
  }
  counters.invalidAnswers++;
  const provider = call.target.provider.name;
  const options = { code: 'ERR_PROVIDER_INVALID_ANSWER', provider, retryable: true, cause };
  throw new ProviderError(`the answer of ${provider} was refused by the validator`, options);
}

/** What of an attempt has been read, and which of its chunks may leave. */
class Reading {
  usage: Usage | undefined;
  readonly #provider: string;
  readonly #isWhole: boolean;
  /** Undefined where nobody needs the whole answer. */
  readonly #assembler: AnswerAssembler | undefined;
  /** Chunks before the first content; undefined once that came. */
  #opening: Chunk[] | undefined = [];
  #last: Chunk | undefined;

  constructor(provider: string, isWhole: boolean, isValidated: boolean) {
    this.#provider = provider;
    this.#isWhole = isWhole;
    this.#assembler = isWhole || isValidated ? createAnswerAssembler() : undefined;
  }

  take(chunk: Chunk): readonly Chunk[] {
    this.#assembler?.add(chunk);
    if (chunk.kind === 'usage') this.usage = chunk.usage;
    if (chunk.kind === 'response') this.usage = checked(chunk.answer, this.#provider).usage;
    if (isEnd(chunk)) {
      this.#last = chunk;
      return NOTHING;
    }
    if (this.#isWhole) return NOTHING;
    if (this.#opening === undefined) return [chunk];
    this.#opening.push(chunk);
    return isContent(chunk) ? this.#open() : NOTHING;
  }

  /** What is left to be handed out. Throws a StreamTruncatedError when the provider ended without an end. */
  end(): readonly Chunk[] {
    if (this.#last === undefined) {
      const provider = this.#provider;
      throw new StreamTruncatedError(`${provider} ended without a finish`, { provider });
    }
    return this.#isWhole ? [{ kind: 'response', answer: this.answer() }] : [...this.#open(), this.#last];
  }

  answer(): ProviderAnswer {
    // Made for every reading whose answer is asked for.
    return (this.#assembler as AnswerAssembler).answer();
  }

  #open(): readonly Chunk[] {
    const opening = this.#opening ?? NOTHING;
    this.#opening = undefined;
    return opening;
  }
}

/** What chat() gave, if it is a stream: an async method gives a promise, whose rejection nobody would see. */
function streamOf<T>(source: AsyncIterable<T>, provider: string): AsyncIterable<T> {
  const given: unknown = source;
  if (given instanceof Promise) given.catch(() => undefined);
  if (typeof (given as Partial<AsyncIterable<T>> | null | undefined)?.[Symbol.asyncIterator] === 'function')
    return source;
  throw new ProviderError(`chat() of ${provider} gave no async iterable`, {
    code: 'ERR_PROVIDER_BAD_RESPONSE',
    provider,
  });
}

/** The answer of a provider that may be somebody's own. Throws a ProviderError for what is none. */
function checked(answer: ProviderAnswer, provider: string): ProviderAnswer {
  if (isAnswer(answer)) return answer;
  const options = { code: 'ERR_PROVIDER_BAD_RESPONSE', provider, retryable: true };
  throw new ProviderError(`${provider} gave something that is not an answer`, options);
}

const NOTHING: readonly Chunk[] = Object.freeze([]);
