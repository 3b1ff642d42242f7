/**
 * One upstream attempt: breaker, limiter, timeouts, the provider, the validator. What is asked whole comes out as one
 * `response` chunk; a stream comes out from its first content on, since what stands before it commits to nothing.
 * Invariant: the last chunk leaves only after the source's clean end, and the permit, timers and the upstream request are
 * given back however the attempt ends.
 */
import { Canceller } from '../core/cancel.js';
import type { Clock, Stopwatch } from '../core/clock.js';
import {
  isConfigError,
  isDeadlineError,
  isProviderError,
  isRateLimitError,
  ProviderError,
  SherdError,
  StreamTruncatedError,
} from '../core/errors.js';
import { type AnswerAssembler, createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer, Usage } from '../protocol/chat.js';
import { abortable, linkAbort } from '../resilience/abort.js';
import type { CircuitPermit } from '../resilience/circuit-breaker.js';
import { timeStream } from '../resilience/time-stream.js';
import { isAnswer } from './answer-cache.js';
import { type AttemptNote, refusedAttempt } from './attempt-notes.js';
import { type Breakers, isHealthFailure } from './breakers.js';
import type { TargetCall } from './call.js';
import { charactersIn, isContent, isEnd } from './chunks.js';
import { costOf } from './cost.js';
import type { AttemptKind, ClientEvents } from './event-types.js';
import { codeOf, toTypedError } from './failures.js';
import { NO_USAGE, UNSENT } from './gate.js';
import { LazyProviderCall } from './lazy-provider-call.js';
import type { ClientCounters } from './metrics.js';
import type { Pass } from './pass.js';
import type { Batch, Batches, Reply } from './reply.js';
import { tokensSoFar } from './token-estimate.js';
import { takesAny, validate } from './validate.js';

export interface AttemptParts {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly breakers: Breakers;
  readonly counters: ClientCounters;
  /** Told once for each attempt, unless the provider refused to encode the request. */
  readonly onUpstream: (event: ClientEvents['upstream-call'], error: unknown) => void;
}

/** Resolves with the first content of a stream, or with the whole answer. Throws or rejects when there is none. */
export function attemptCall(parts: AttemptParts, call: TargetCall, number: number): Promise<Reply> {
  const note = call.trace.attempts?.begin(placeOf(call, number), parts.stopwatch());
  return note === undefined ? open(parts, call, number) : openNoted(parts, call, number, note);
}

function open(parts: AttemptParts, call: TargetCall, number: number): Promise<Reply> {
  const rights = enter(parts, call);
  const begin = (given: Rights): Promise<Reply> => new Attempt(parts, call, number, given).open();
  return rights instanceof Promise ? rights.then(begin) : begin(rights);
}

async function openNoted(parts: AttemptParts, call: TargetCall, number: number, note: AttemptNote): Promise<Reply> {
  try {
    return await open(parts, { ...call, note }, number);
  } catch (error) {
    // Our own breaker or limits refused it: an attempt that was made has told its end.
    note.end ??= { how: refusedAttempt(error, call.signal.aborted), atMs: parts.stopwatch() };
    throw error;
  }
}

/** At once, where there is nothing to wait for. */
function enter({ breakers }: AttemptParts, call: TargetCall): Rights | Promise<Rights> {
  const { target, request } = call;
  const permit = breakers.acquire(target, request.model);
  try {
    const pass = target.gate.enter(call);
    return pass instanceof Promise ? enterLater(breakers, call, permit, pass) : { permit, pass };
  } catch (error) {
    permit?.release();
    throw error;
  }
}

/** The breaker is asked before the wait at the gate, and again when it has changed its mind meanwhile. */
async function enterLater(
  breakers: Breakers,
  { target, request }: TargetCall,
  permit: CircuitPermit | undefined,
  waiting: Promise<Pass>,
): Promise<Rights> {
  let pass: Pass;
  try {
    pass = await waiting;
  } catch (error) {
    permit?.release();
    throw error;
  }
  if (permit === undefined || permit.isCurrent) return { permit, pass };
  try {
    return { permit: breakers.acquire(target, request.model), pass };
  } catch (error) {
    pass.end(UNSENT);
    throw error;
  }
}

/** What an attempt holds while it lasts. */
interface Rights {
  readonly permit: CircuitPermit | undefined;
  readonly pass: Pass;
}

const DONE = { done: true, value: undefined } as const;

/** The rest of its own reply: reading on reads the provider on. */
class Attempt implements Batches {
  readonly #parts: AttemptParts;
  readonly #call: TargetCall;
  readonly #number: number;
  readonly #permit: CircuitPermit | undefined;
  readonly #pass: Pass;
  readonly #name: string;
  readonly #startMs: number;
  readonly #canceller = new Canceller();
  readonly #unlink: () => void;
  /** Made for answers that are wanted whole, and for the validator. */
  readonly #isAssembled: boolean;
  #assembler: AnswerAssembler | undefined = undefined;
  #source: AsyncIterator<Chunk | Batch> | undefined = undefined;
  #asked: LazyProviderCall | undefined = undefined;
  #response: ProviderAnswer | undefined = undefined;
  #usage: Usage | undefined = undefined;
  #firstTokenMs: number | undefined = undefined;
  #last: Chunk | undefined = undefined;
  #characters = 0;
  #isOver = false;

  constructor(parts: AttemptParts, call: TargetCall, number: number, { permit, pass }: Rights) {
    this.#parts = parts;
    this.#call = call;
    this.#number = number;
    this.#permit = permit;
    this.#pass = pass;
    this.#name = call.target.provider.name;
    this.#startMs = parts.stopwatch();
    this.#unlink = linkAbort(call.signal, this.#canceller);
    this.#isAssembled = call.isWhole || !takesAny(call);
  }

  async open(): Promise<Reply> {
    try {
      const source = this.#ask();
      this.#source = source;
      let opening: Batch = NOTHING;
      while (this.#last === undefined) {
        const batch = this.#wanted(await source.next());
        if (this.#call.isWhole) continue;
        opening = opening.length === 0 ? batch : [...opening, ...batch];
        if (this.#firstTokenMs !== undefined) break;
      }
      if (this.#last === undefined) return { opening, rest: this };
      const whole = await this.#conclude(source, opening);
      return { opening: this.#call.isWhole ? [this.#wholeChunk()] : whole, rest: undefined };
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    const source = this.#source;
    if (this.#isOver || source === undefined) return DONE;
    try {
      const batch = this.#wanted(await source.next());
      return { done: false, value: this.#last === undefined ? batch : await this.#conclude(source, batch) };
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#isOver) return DONE;
    const { signal } = this.#call;
    this.#canceller.abort(signal.aborted ? signal.reason : leftError());
    this.#settle('aborted');
    await this.#leaveSource();
    return DONE;
  }

  get #isStream(): boolean {
    return this.#call.settings.streaming || !this.#call.isWhole;
  }

  #ask(): AsyncIterator<Chunk | Batch> {
    const { target, request, settings, idempotencyKey } = this.#call;
    const isStream = this.#isStream;
    const canceller = this.#canceller;
    const apiKey = this.#pass.key.secret?.reveal();
    const asked = new LazyProviderCall(request, isStream, canceller, apiKey, idempotencyKey);
    this.#asked = asked;
    const source = target.provider.chat(asked);
    const limits = {
      clock: this.#parts.clock,
      attemptMs: settings.timeoutMs,
      // A whole answer comes at once: its first token is its last.
      firstTokenMs: isStream ? settings.firstTokenTimeoutMs : undefined,
      idleMs: isStream ? settings.streamIdleTimeoutMs : undefined,
      isToken: holdsContent,
    };
    return timeStream(iterableOf(source, this.#name), limits, canceller);
  }

  /** What came next. Throws a StreamTruncatedError when the provider ended without an end. */
  #wanted(result: IteratorResult<Chunk | Batch>): Batch {
    const batch = this.#seen(result);
    if (batch !== undefined) return batch;
    const provider = this.#name;
    throw new StreamTruncatedError(`${provider} ended without a finish`, { provider });
  }

  #seen(result: IteratorResult<Chunk | Batch>): Batch | undefined {
    if (result.done === true) return undefined;
    const batch = Array.isArray(result.value) ? (result.value as Batch) : [result.value as Chunk];
    for (const chunk of batch) this.#see(chunk);
    return batch;
  }

  #see(chunk: Chunk): void {
    if (chunk.kind === 'response') {
      this.#response = checked(chunk.answer, this.#name);
      this.#usage = this.#response.usage;
      this.#characters += this.#response.text.length;
    } else {
      if (this.#isAssembled) {
        this.#assembler ??= createAnswerAssembler();
        this.#assembler.add(chunk);
      }
      if (chunk.kind === 'usage') this.#usage = chunk.usage;
      else this.#characters += charactersIn(chunk);
    }
    if (isEnd(chunk)) this.#last = chunk;
    if (this.#firstTokenMs === undefined && isContent(chunk))
      this.#firstTokenMs = this.#parts.stopwatch() - this.#startMs;
  }

  /** Reads the source to its clean end. The batches, with the end at the end. */
  async #conclude(source: AsyncIterator<Chunk | Batch>, batch: Batch): Promise<Batch> {
    let all = batch;
    for (let more = this.#seen(await source.next()); more !== undefined; more = this.#seen(await source.next())) {
      all = [...all, ...more];
    }
    // The validator may wait for somebody else; nobody has to wait for it longer than he wants.
    if (!takesAny(this.#call))
      await abortable(validate(this.#parts.counters, this.#call, this.#answer()), this.#call.signal);
    this.#permit?.succeed();
    this.#settle('ok');
    const last = this.#last as Chunk;
    return all.at(-1) === last ? all : [...all.filter((chunk) => !isEnd(chunk)), last];
  }

  #wholeChunk(): Chunk {
    const { origin } = this.#call;
    // The stages above see the answer only now.
    if (this.#isStream && this.#firstTokenMs !== undefined) origin.firstTokenAtMs = this.#startMs + this.#firstTokenMs;
    return { kind: 'response', answer: this.#answer() };
  }

  #answer(): ProviderAnswer {
    // One of them was made: the end of the answer has been seen.
    return this.#response ?? (this.#assembler as AnswerAssembler).answer();
  }

  /** The error to throw in place of this one. */
  async #fail(error: unknown): Promise<unknown> {
    const call = this.#call;
    if (call.signal.aborted) {
      this.#settle('aborted');
      await this.#leaveSource();
      return call.signal.reason;
    }
    const failure = toTypedError(error, this.#name);
    if (isHealthFailure(failure)) this.#permit?.fail();
    this.#settle('failed', failure);
    await this.#leaveSource();
    return failure;
  }

  /** Does nothing to a source that has ended by itself. */
  async #leaveSource(): Promise<void> {
    await this.#source?.return?.();
  }

  /**
   * What an attempt took that ended before its provider told it, as it does with the end of an answer: nothing, if it was
   * not sent or was refused. Who is still asked when nobody waits any longer reads the question all the same.
   */
  #estimate(outcome: ClientEvents['upstream-call']['outcome'], failure: unknown): Usage | undefined {
    if (this.#usage !== undefined || outcome === 'ok') return undefined;
    const isRead = this.#firstTokenMs !== undefined || this.#isLeftToItself(outcome, failure);
    return isRead ? tokensSoFar(this.#call.request, this.#characters) : NO_USAGE;
  }

  #isLeftToItself(outcome: ClientEvents['upstream-call']['outcome'], failure: unknown): boolean {
    switch (this.#asked?.isSent) {
      case false:
        return false;
      case true:
        return outcome === 'aborted' || !isRefusal(failure);
      case undefined:
        // Whose errors nobody knows, and whether it sent anything before them.
        return outcome === 'aborted' || (isDeadlineError(failure) && failure.kind !== 'connect');
    }
  }

  /** Gives back what the attempt held and tells how it went. Idempotent. */
  #settle(outcome: ClientEvents['upstream-call']['outcome'], failure?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unlink();
    // Does nothing when the outcome was told.
    this.#permit?.release();
    const { target, request, trace, note } = this.#call;
    const atMs = this.#parts.stopwatch();
    const durationMs = atMs - this.#startMs;
    const firstTokenMs = this.#firstTokenMs;
    const estimate = this.#estimate(outcome, failure);
    const used = this.#usage ?? estimate;
    this.#pass.end({ outcome, error: failure, used, latencyMs: firstTokenMs ?? durationMs });
    const code = failure === undefined ? undefined : codeOf(failure);
    const status = isProviderError(failure) ? failure.status : undefined;
    const usage = used === NO_USAGE ? undefined : used;
    const cost = costOf(this.#name, request.model, usage);
    if (note !== undefined) note.end = { how: { outcome, code, status, firstTokenMs, cost }, atMs };
    // Nothing was sent.
    if (isConfigError(failure)) return;
    const event: ClientEvents['upstream-call'] = {
      call: trace.id,
      provider: this.#name,
      model: request.model,
      target: target.index,
      kind: kindOf(this.#call, this.#number),
      attempt: this.#number,
      stream: this.#isStream,
      usage,
      isEstimate: usage !== undefined && usage === estimate,
      outcome,
      code,
      status,
      firstTokenMs,
      cost,
      durationMs,
    };
    this.#parts.onUpstream(event, failure);
  }
}

function placeOf(call: TargetCall, number: number): AttemptNote['place'] {
  const { target, request } = call;
  return { provider: target.provider.name, model: request.model, target: target.index, kind: kindOf(call, number) };
}

function kindOf({ begunAs }: TargetCall, number: number): AttemptKind {
  return number > 1 ? 'retry' : begunAs;
}

function holdsContent(given: Chunk | Batch): boolean {
  return Array.isArray(given) ? (given as Batch).some(isContent) : isContent(given as Chunk);
}

/** The provider said that it does not answer: by its status, or in the body that an answer would have had. */
function isRefusal(failure: unknown): boolean {
  if (isRateLimitError(failure)) return true;
  if (!isProviderError(failure)) return false;
  return failure.code === 'ERR_PROVIDER_IN_BODY' || (failure.status ?? 0) >= 300;
}

/** What chat() gave, if it is a stream: an async method gives a promise, whose rejection nobody would see. */
function iterableOf<T>(source: AsyncIterable<T>, provider: string): AsyncIterable<T> {
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

function leftError(): SherdError {
  return new SherdError('nobody reads on', { code: 'ERR_STREAM_LEFT' });
}

const NOTHING: Batch = Object.freeze([]);
