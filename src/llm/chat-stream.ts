/**
 * The stream that a caller holds: single use, starts at the first read, cancels when left. It shows every answer as
 * chunks, also one that came whole, and gives the whole answer to final().
 */
import { holdProcess } from '../core/clock.js';
import { SherdError, StreamTruncatedError } from '../core/errors.js';
import { answerToChunks, createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import { onAbort } from '../resilience/abort.js';
import type { ChatResponse, ChatStream } from './types.js';

/** A call that has been started for a stream. */
export interface StreamRun {
  readonly chunks: AsyncIterable<Chunk>;
  respond(answer: ProviderAnswer): ChatResponse | PromiseLike<ChatResponse>;
  /** Aborts when the call shall end, whoever wants it. */
  readonly signal: AbortSignal;
  /** Cancels what is under way. */
  abort(reason: unknown): void;
  /** To be called once, however the stream ended. */
  end(): void;
}

export class LiveChatStream implements ChatStream {
  readonly #start: () => StreamRun;
  readonly #final: PromiseWithResolvers<ChatResponse> = withResolvers();
  #isUsed = false;
  #run: StreamRun | undefined;
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
    // A read that waits gets the abort from the pipeline; where none does, the stages have to be left here, or what
    // they hold would be held until somebody reads again.
    const chunks = this.#read(() => void close(chunks));
    return {
      next: async () => {
        // Only while somebody waits for a chunk: a stream left half read must not keep the process open.
        const release = holdProcess();
        try {
          const result = await chunks.next();
          if (result.done === true && this.#ended !== undefined) throw this.#ended.reason;
          return result;
        } catch (error) {
          this.#ended = undefined;
          if (this.#hasLeft) return { done: true, value: undefined };
          throw error;
        } finally {
          release();
        }
      },
      return: async () => {
        this.#leave();
        await close(chunks);
        return { done: true, value: undefined };
      },
    };
  }

  async final(): Promise<ChatResponse> {
    if (!this.#isUsed) {
      const chunks = this[Symbol.asyncIterator]();
      while ((await chunks.next()).done !== true);
    }
    return this.#final.promise;
  }

  /** Before the generator is told: it may be waiting for a chunk that only an abort brings. */
  #leave(): void {
    this.#hasLeft = true;
    const left = new SherdError('the stream was left before its end', { code: 'ERR_STREAM_LEFT' });
    this.#final.reject(left);
    this.#run?.abort(left);
  }

  async *#read(unwind: () => void): AsyncGenerator<Chunk, void, undefined> {
    const assembler = createAnswerAssembler();
    let run: StreamRun | undefined;
    try {
      run = this.#start();
      this.#run = run;
      const { signal } = run;
      onAbort(signal, () => {
        if (!assembler.isComplete) this.#ended = { reason: signal.reason };
        this.#final.reject(signal.reason);
        unwind();
      });
      for await (const chunk of run.chunks) {
        assembler.add(chunk);
        // Whoever stops at the last chunk has read all.
        if (assembler.isComplete) this.#final.resolve(run.respond(assembler.answer()));
        if (chunk.kind === 'response') yield* answerToChunks(chunk.answer);
        else yield chunk;
      }
      // A wrapped client may be somebody's own.
      if (!assembler.isComplete) throw new StreamTruncatedError('the stream ended before it was finished');
    } catch (error) {
      this.#final.reject(error);
      throw error;
    } finally {
      this.#run = undefined;
      run?.end();
    }
  }
}

/** How well a stream could be cancelled is no concern of those who have left it. */
async function close(chunks: AsyncGenerator<Chunk, void, undefined>): Promise<void> {
  await chunks.return().catch(() => undefined);
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
