/**
 * The stream that a caller holds: single use, starts at the first read, cancels when left. It shows every answer as
 * chunks, also one that came whole, and gives the whole answer to final().
 */
import type { CancelSignal } from '../core/cancel.js';
import { holdProcess } from '../core/clock.js';
import { SherdError, StreamTruncatedError } from '../core/errors.js';
import { answerToChunks, createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import { onAbort } from '../resilience/abort.js';
import type { Batch, Batches, Reply } from './reply.js';
import type { ChatResponse, ChatStream } from './types.js';

/** A call that has been started for a stream. */
export interface StreamRun {
  readonly reply: Promise<Reply>;
  respond(answer: ProviderAnswer): ChatResponse | PromiseLike<ChatResponse>;
  /** Aborts when the call shall end, whoever wants it. */
  readonly signal: CancelSignal;
  /** Cancels what is under way. */
  abort(reason: unknown): void;
  /** To be called once, however the stream ended. */
  end(): void;
}

const DONE = { done: true, value: undefined } as const;

export class LiveChatStream implements ChatStream {
  readonly #start: () => StreamRun;
  readonly #final: PromiseWithResolvers<ChatResponse> = withResolvers();
  readonly #assembler = createAnswerAssembler();
  #isUsed = false;
  /** Somebody waits for a batch. */
  #isReading = false;
  #run: StreamRun | undefined;
  #rest: Batches | undefined;
  /** What came and was not asked for yet: `#batch[#at]` and on. */
  #batch: Batch = NOTHING;
  #at = 0;
  #isOver = false;
  #hasLeft = false;
  /** Why the call was ended while nobody waited for a chunk: the next read throws it. */
  #ended: { readonly reason: unknown } | undefined;

  constructor(start: () => StreamRun) {
    this.#start = start;
    // Whoever does not ask for final() is not to hear of it.
    this.#final.promise.catch(() => undefined);
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk, void, undefined> {
    if (this.#isUsed) {
      throw new SherdError('a stream can be read once; call stream() again for another', { code: 'ERR_STREAM_USED' });
    }
    this.#isUsed = true;
    return new OrderedReads({
      read: () => this.#next(),
      isReading: () => this.#isReading,
      leave: () => this.#leave(),
    });
  }

  async final(): Promise<ChatResponse> {
    if (!this.#isUsed) {
      const chunks = this[Symbol.asyncIterator]();
      while ((await chunks.next()).done !== true);
    }
    return this.#final.promise;
  }

  #next(): IteratorResult<Chunk, void> | Promise<IteratorResult<Chunk, void>> {
    const chunk = this.#batch[this.#at];
    if (chunk === undefined) return this.#read();
    this.#at++;
    return { done: false, value: chunk };
  }

  /** Waits for the next batch. */
  async #read(): Promise<IteratorResult<Chunk, void>> {
    this.#throwEnded();
    if (this.#isOver) return DONE;
    // Only while somebody waits for a chunk: a stream left half read must not keep the process open.
    const release = holdProcess();
    this.#isReading = true;
    try {
      const batch = this.#run === undefined ? await this.#open() : (await this.#rest?.next())?.value;
      if (batch === undefined) {
        if (this.#isCalledOff) throw this.#run?.signal.reason;
        // A wrapped client may be somebody's own.
        if (!this.#assembler.isComplete) throw new StreamTruncatedError('the stream ended before it was finished');
        this.#end();
        return DONE;
      }
      this.#take(batch);
      if (this.#isCalledOff) throw this.#run?.signal.reason;
    } catch (error) {
      this.#ended = undefined;
      this.#final.reject(error);
      this.#end();
      // Whoever has the whole answer misses nothing.
      if (this.#hasLeft || (this.#assembler.isComplete && this.#run?.signal.aborted === true)) return DONE;
      throw error;
    } finally {
      this.#isReading = false;
      release();
    }
    return this.#next();
  }

  async #open(): Promise<Batch> {
    const run = this.#start();
    this.#run = run;
    onAbort(run.signal, () => this.#unwind(run.signal.reason));
    const { opening, rest } = await run.reply;
    this.#rest = rest;
    if (rest === undefined || !run.signal.aborted) return opening;
    // The call was ended while its reply was on the way here, and nobody else has the rest to leave it.
    await this.#close();
    throw run.signal.reason;
  }

  #take(batch: Batch): void {
    let isPlain = true;
    for (const chunk of batch) {
      this.#assembler.add(chunk);
      if (chunk.kind === 'response') isPlain = false;
    }
    // Whoever stops at the last chunk has read all.
    if (this.#assembler.isComplete) this.#final.resolve(this.#run?.respond(this.#assembler.answer()) as ChatResponse);
    this.#batch = isPlain ? batch : batch.flatMap(asStreamed);
    this.#at = 0;
  }

  /** The call was ended before its answer was here. */
  get #isCalledOff(): boolean {
    return this.#run?.signal.aborted === true && !this.#assembler.isComplete;
  }

  /**
   * A read that waits gets the abort from the stages, or the end of the answer, if that was on its way already. Where none
   * waits, the stages are left here, or would hold what they hold.
   */
  #unwind(reason: unknown): void {
    if (this.#isCalledOff && !this.#isReading) {
      this.#batch = NOTHING;
      if (!this.#isOver && !this.#hasLeft) this.#ended = { reason };
      this.#final.reject(reason);
    }
    void this.#close().then(() => this.#end());
  }

  #throwEnded(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    if (ended !== undefined) throw ended.reason;
  }

  async #leave(): Promise<void> {
    this.#hasLeft = true;
    this.#batch = NOTHING;
    const left = new SherdError('the stream was left before its end', { code: 'ERR_STREAM_LEFT' });
    this.#final.reject(left);
    this.#run?.abort(left);
    this.#ended = undefined;
    await this.#close();
    this.#end();
  }

  /** How well a stream could be cancelled is no concern of those who have left it. */
  async #close(): Promise<void> {
    await this.#rest?.return().catch(() => undefined);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#run?.end();
  }
}

const NOTHING: Batch = Object.freeze([]);

function asStreamed(chunk: Chunk): readonly Chunk[] {
  return chunk.kind === 'response' ? answerToChunks(chunk.answer) : [chunk];
}

type Read = IteratorResult<Chunk, void>;

interface ReadOptions {
  read(): Read | Promise<Read>;
  /** True while a read waits. */
  isReading(): boolean;
  leave(): Promise<void>;
}

/** Several reads at once are answered in their order. */
class OrderedReads implements AsyncIterator<Chunk, void, undefined> {
  readonly #options: ReadOptions;
  /** Answered after all reads before it. */
  #last: Promise<Read> = Promise.resolve(DONE);
  /** Reads that have yet to begin. */
  #queued = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  next(): Promise<Read> {
    if (this.#queued === 0 && !this.#options.isReading()) {
      const result = this.#options.read();
      if (!(result instanceof Promise)) return Promise.resolve(result);
      this.#last = result;
      return result;
    }
    this.#queued++;
    const read = (): Read | Promise<Read> => {
      this.#queued--;
      return this.#options.read();
    };
    this.#last = this.#last.then(read, read);
    return this.#last;
  }

  /** At once, also while a read waits for a chunk that only an abort brings. */
  async return(): Promise<Read> {
    await this.#options.leave();
    return DONE;
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T | PromiseLike<T>) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
