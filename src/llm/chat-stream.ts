/**
 * The stream that a caller holds: single use, starts at the first read, cancels when left. It shows every answer as
 * chunks, also one that came whole, and gives the whole answer to final().
 */
import { SherdError } from '../core/errors.js';
import { answerToChunks, createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import type { ChatResponse, ChatStream } from './types.js';

/** A call that has been started for a stream. */
export interface StreamRun {
  readonly chunks: AsyncIterable<Chunk>;
  respond(answer: ProviderAnswer): ChatResponse | PromiseLike<ChatResponse>;
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
    const chunks = this.#read();
    return {
      next: async () => {
        try {
          return await chunks.next();
        } catch (error) {
          if (this.#hasLeft) return { done: true, value: undefined };
          throw error;
        }
      },
      return: async () => {
        this.#leave();
        await chunks.return();
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

  async *#read(): AsyncGenerator<Chunk, void, undefined> {
    const assembler = createAnswerAssembler();
    let run: StreamRun | undefined;
    try {
      run = this.#start();
      this.#run = run;
      for await (const chunk of run.chunks) {
        assembler.add(chunk);
        // Whoever stops at the last chunk has read all.
        if (assembler.isComplete) this.#final.resolve(run.respond(assembler.answer()));
        if (chunk.kind === 'response') yield* answerToChunks(chunk.answer);
        else yield chunk;
      }
    } catch (error) {
      this.#final.reject(error);
      throw error;
    } finally {
      this.#run = undefined;
      run?.end();
    }
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
