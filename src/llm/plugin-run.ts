/**
 * The plugins of one call, or of one attempt: told in order on the way out, in reverse on the way back, so that the first
 * sees the response last. Invariant: one that throws, or gives what it may not, is counted, changes nothing, and takes no
 * further part; a call fails by a plugin only when it is aborted while the plugin is waited for.
 */
import { assert } from '../core/assert.js';
import type { CancelSignal } from '../core/cancel.js';
import { type AnswerAssembler, answerToChunks, createAnswerAssembler } from '../protocol/assemble.js';
import type { ChatRequest, Chunk, ProviderAnswer } from '../protocol/chat.js';
import { abortable, abortSignalOf } from '../resilience/abort.js';
import { deepFreeze, isAnswer } from './answer-cache.js';
import { isEnd } from './chunks.js';
import type { Plugin, PluginContext, PluginVerdict } from './plugin.js';
import { assemble, type Batch, type Batches, type Reply } from './reply.js';

export interface PluginRunParts {
  readonly plugins: readonly Plugin[];
  readonly signal: CancelSignal;
  /** The caller wants one answer, and nothing before it is whole. */
  readonly isWhole: boolean;
  /** Throws for a request that cannot be made. */
  readonly check: (request: ChatRequest) => void;
  readonly onError: () => void;
}

/** What a run makes of a request: what goes on, or the answer of a plugin. */
export type Outcome = { readonly request: ChatRequest } | { readonly answer: ProviderAnswer; readonly plugin: string };

export class PluginRun {
  readonly #parts: PluginRunParts;
  readonly #context: PluginContext;
  /** Those that the request has passed, and that have not failed. */
  #passed: Plugin[] = [];

  constructor(parts: PluginRunParts) {
    const { signal, isWhole } = parts;
    let abortSignal: AbortSignal | undefined;
    this.#parts = parts;
    this.#context = {
      isStream: !isWhole,
      // Made for those who ask: it costs as much as the rest of a call.
      get signal() {
        abortSignal ??= abortSignalOf(signal);
        return abortSignal;
      },
    };
  }

  async before(given: ChatRequest): Promise<Outcome> {
    let request = given;
    for (const plugin of this.#parts.plugins) {
      this.#passed.push(plugin);
      const verdict = await this.#contain(plugin, () => this.#ask(plugin, request));
      if (verdict === undefined) continue;
      if ('answer' in verdict) return { answer: verdict.answer, plugin: plugin.name };
      request = verdict.request;
    }
    return { request };
  }

  /** The reply as the plugins leave it. */
  async back(reply: Reply): Promise<Reply> {
    if (!this.#passed.some(({ afterResponse, onChunk }) => afterResponse !== undefined || onChunk !== undefined))
      return reply;
    if (this.#parts.isWhole) {
      return { opening: [{ kind: 'response', answer: await this.after(await assemble(reply)) }], rest: undefined };
    }
    const rest = new PluggedBatches(reply.rest, this);
    return { opening: await rest.pass(reply.opening), rest: reply.rest && rest };
  }

  async after(given: ProviderAnswer): Promise<ProviderAnswer> {
    let answer = given;
    for (const plugin of this.#passed.toReversed()) {
      const changed = await this.#contain(plugin, () => plugin.afterResponse?.(answer, this.#context));
      if (changed === undefined) continue;
      if (isAnswer(changed)) answer = deepFreeze(changed);
      else this.#drop(plugin);
    }
    return answer;
  }

  chunk(given: Chunk): Chunk {
    // Whoever may change the pieces has changed the text that they make.
    let chunk = given.kind === 'finish' && this.#passed.some(({ onChunk }) => onChunk) ? withoutText(given) : given;
    for (const plugin of this.#passed.toReversed()) {
      if (plugin.onChunk === undefined) continue;
      try {
        const changed = plugin.onChunk(chunk, this.#context);
        if (changed === undefined) continue;
        assert(changed.kind === chunk.kind, 'a chunk is replaced by one of its kind');
        chunk = changed;
      } catch {
        this.#drop(plugin);
      }
    }
    return chunk;
  }

  async #ask(plugin: Plugin, request: ChatRequest): Promise<PluginVerdict> {
    const verdict = await plugin.beforeRequest?.(request, this.#context);
    if (verdict === undefined) return undefined;
    if ('answer' in verdict) {
      assert(isAnswer(verdict.answer), 'a plugin answers with an answer');
      return { answer: deepFreeze(verdict.answer) };
    }
    this.#parts.check(verdict.request);
    return { request: deepFreeze(verdict.request) };
  }

  async #contain<T>(plugin: Plugin, run: () => T | Promise<T>): Promise<T | undefined> {
    const { signal } = this.#parts;
    try {
      return await abortable(Promise.resolve(run()), signal);
    } catch {
      signal.throwIfAborted();
      this.#drop(plugin);
      return undefined;
    }
  }

  #drop(plugin: Plugin): void {
    this.#parts.onError();
    this.#passed = this.#passed.filter((other) => other !== plugin);
  }
}

function withoutText({ text: _, ...finish }: Extract<Chunk, { kind: 'finish' }>): Chunk {
  return finish;
}

const DONE = { done: true, value: undefined } as const;

/** The rest of a stream on its way through the plugins. The last chunk leaves when all were told of the whole answer. */
class PluggedBatches implements Batches {
  readonly #source: Batches | undefined;
  readonly #run: PluginRun;
  readonly #assembler: AnswerAssembler = createAnswerAssembler();

  constructor(source: Batches | undefined, run: PluginRun) {
    this.#source = source;
    this.#run = run;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    const result = await this.#source?.next();
    return result === undefined || result.done === true ? DONE : { done: false, value: await this.pass(result.value) };
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    await this.#source?.return();
    return DONE;
  }

  async pass(batch: Batch): Promise<Batch> {
    const chunks = batch
      .flatMap((chunk) => (chunk.kind === 'response' ? answerToChunks(chunk.answer) : [chunk]))
      .map((chunk) => this.#run.chunk(chunk));
    for (const chunk of chunks) this.#assembler.add(chunk);
    if (!chunks.some(isEnd)) return chunks;
    try {
      await this.#run.after(this.#assembler.answer());
    } catch (error) {
      await this.return();
      throw error;
    }
    return chunks;
  }
}
