/**
 * How an answer comes back through the stages: its opening, up to the first content, and the rest where it is a stream.
 * Until the opening is there a call may be tried again or asked of somebody else; from then on it is what it is.
 * Chunks travel in batches, as they came, so a stage costs per read of the network and not per chunk.
 */
import { createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';

export type Batch = readonly Chunk[];

/** Single use. `return()` leaves: what is under way is cancelled. */
export type Batches = AsyncIterator<Batch, undefined> & { return(): Promise<IteratorResult<Batch, undefined>> };

export interface Reply {
  /** Holds at least one chunk. */
  readonly opening: Batch;
  /** Undefined when the opening is the whole answer. Has to be read to its end, or left. */
  readonly rest: Batches | undefined;
}

/** The answer of a reply that came whole; undefined for one that has to be assembled. */
export function wholeOf({ opening: [first], rest }: Reply): ProviderAnswer | undefined {
  return first?.kind === 'response' && rest === undefined ? first.answer : undefined;
}

/** Reads a reply to its end. Rejects as the rest does. */
export async function assemble(reply: Reply): Promise<ProviderAnswer> {
  const whole = wholeOf(reply);
  if (whole !== undefined) return whole;
  const { opening, rest } = reply;
  const assembler = createAnswerAssembler();
  for (const chunk of opening) assembler.add(chunk);
  for (let more = await rest?.next(); more !== undefined && more.done !== true; more = await rest?.next()) {
    for (const chunk of more.value) assembler.add(chunk);
  }
  return assembler.answer();
}

/** What a stage wants to know of the rest of a reply. */
export interface RestWatch {
  /** Sees every batch before it goes on. */
  onBatch?(batch: Batch): void;
  /** Told once, when the rest has ended, failed or was left. What it returns takes the place of the error. */
  onEnd(outcome: 'ended' | 'failed' | 'left', error?: unknown): unknown;
}

/** The reply, its rest watched; onEnd is told at once when there is no rest. */
export function watchRest(reply: Reply, watch: RestWatch): Reply {
  if (reply.rest === undefined) {
    watch.onEnd('ended');
    return reply;
  }
  return { opening: reply.opening, rest: new WatchedBatches(reply.rest, watch) };
}

const DONE = { done: true, value: undefined } as const;

class WatchedBatches implements Batches {
  readonly #source: Batches;
  readonly #watch: RestWatch;
  #isOver = false;

  constructor(source: Batches, watch: RestWatch) {
    this.#source = source;
    this.#watch = watch;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#isOver) return DONE;
    let result: IteratorResult<Batch, undefined>;
    try {
      result = await this.#source.next();
      // What was on its way when the reader left is nobody's.
      if (this.#isOver) return DONE;
      if (result.done !== true) this.#watch.onBatch?.(result.value);
    } catch (error) {
      throw this.#end('failed', error) ?? error;
    }
    if (result.done === true) this.#end('ended');
    return result;
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#end('left');
    await this.#source.return();
    return DONE;
  }

  #end(outcome: 'ended' | 'failed' | 'left', error?: unknown): unknown {
    if (this.#isOver) return undefined;
    this.#isOver = true;
    return this.#watch.onEnd(outcome, error);
  }
}
