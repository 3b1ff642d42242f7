/**
 * An answer on its way to those who wait for it, noted as it passes: once its last chunk is there, the whole answer goes to
 * `store`, before anybody sees that chunk. A reply hands out its last chunk only after a clean end, so nothing else is kept.
 */
import { type AnswerAssembler, createAnswerAssembler } from '../protocol/assemble.js';
import type { ProviderAnswer } from '../protocol/chat.js';
import { isEnd } from './chunks.js';
import type { Batch, Batches, Reply } from './reply.js';

/** `open` is called at the first read. */
export function record(open: () => Promise<Reply>, store: (answer: ProviderAnswer) => void): AsyncIterable<Batch> {
  return { [Symbol.asyncIterator]: () => new Recording(open, store) };
}

const DONE = { done: true, value: undefined } as const;

class Recording implements Batches {
  readonly #open: () => Promise<Reply>;
  readonly #store: (answer: ProviderAnswer) => void;
  #reply: Reply | undefined = undefined;
  #assembler: AnswerAssembler | undefined = undefined;
  #isLeft = false;

  constructor(open: () => Promise<Reply>, store: (answer: ProviderAnswer) => void) {
    this.#open = open;
    this.#store = store;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#reply !== undefined) {
      const result = await this.#reply.rest?.next();
      if (result === undefined || result.done === true) return DONE;
      this.#note(result.value);
      return result;
    }
    const reply = await this.#open();
    this.#reply = reply;
    if (this.#isLeft) {
      await reply.rest?.return();
      return DONE;
    }
    this.#note(reply.opening);
    return { done: false, value: reply.opening };
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#isLeft = true;
    await this.#reply?.rest?.return();
    return DONE;
  }

  #note(batch: Batch): void {
    for (const chunk of batch) {
      if (chunk.kind === 'response') {
        this.#store(chunk.answer);
        continue;
      }
      this.#assembler ??= createAnswerAssembler();
      this.#assembler.add(chunk);
      if (isEnd(chunk)) this.#store(this.#assembler.answer());
    }
  }
}
