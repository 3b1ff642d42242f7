/**
 * One chat over HTTP as it is read: the request goes out with the first read, then come the chunks, in the lists that the
 * network brought them in. Not a generator: a read costs one promise. Invariant: however it ends, the body has been read
 * to its end, released, or closed.
 */
import { isProviderError } from '../core/errors.js';
import { answerToChunks } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import type { EventDecoder, StreamEvent } from '../protocol/event-decoder.js';
import { messagesLength } from '../protocol/message-length.js';
import type { ResponseBody, TransportResponse } from '../transport/transport.js';
import { type Asker, type HttpFailures, requestIdOf } from './http-failures.js';
import type { ProviderCall } from './provider.js';
import type { StreamDecoder, WireFormat } from './wire-format.js';
import { isObject, parseJson } from './wire-values.js';

export const JSON_TYPE = 'application/json';

/** What an event of a stream may hold beyond what it repeats of the question. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** A character of JSON, escaped. */
const MAX_CHARACTER_BYTES = 6;

/** A request that is on its way. */
export interface Opening {
  /** Its status is a good one. */
  readonly response: Promise<TransportResponse>;
  readonly asker: Asker;
  /** What was left out of the request. */
  readonly warnings: readonly string[];
}

/** What a chat needs of its provider. */
export interface ChatWire {
  readonly name: string;
  readonly format: WireFormat;
  readonly failures: HttpFailures;
  /** Throws a ConfigError for what cannot be asked. */
  open(call: ProviderCall): Opening;
  readAnswer(response: TransportResponse, asker: Asker, model: string): Promise<ProviderAnswer>;
}

type Read = IteratorResult<readonly Chunk[], undefined>;

const DONE = { done: true, value: undefined } as const;

export class HttpChat implements AsyncIterableIterator<readonly Chunk[], undefined> {
  readonly #wire: ChatWire;
  readonly #call: ProviderCall;
  #response: TransportResponse | undefined = undefined;
  #stream: StreamReader | undefined = undefined;
  #isOver = false;

  constructor(wire: ChatWire, call: ProviderCall) {
    this.#wire = wire;
    this.#call = call;
  }

  async next(): Promise<Read> {
    if (this.#isOver) return DONE;
    try {
      const begun = this.#stream ?? (await this.#begin());
      if (!(begun instanceof StreamReader)) return begun;
      for (;;) {
        begun.throwFailure();
        const chunks = begun.take(await begun.body.next());
        if (begun.isEnded) this.#isOver = true;
        if (chunks.length > 0 || begun.isEnded) return { done: false, value: chunks };
      }
    } catch (error) {
      await this.return();
      throw this.#stream?.failureOf(error) ?? error;
    }
  }

  async return(): Promise<Read> {
    if (this.#isOver) return DONE;
    this.#isOver = true;
    await this.#response?.body.return();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The answer where it comes whole; else what reads the stream. */
  async #begin(): Promise<Read | StreamReader> {
    const { request, stream: isStream } = this.#call;
    const { asker, warnings, response: responding } = this.#wire.open(this.#call);
    const response = await responding;
    this.#response = response;
    if (this.#isOver) {
      await response.body.return();
      return DONE;
    }
    const chunks: Chunk[] = warnings.map((message) => ({ kind: 'warning', message }));
    if (isStream && !this.#isWhole(response)) {
      this.#stream = new StreamReader(this.#wire, response, asker, request.model);
      return chunks.length === 0 ? this.#stream : { done: false, value: chunks };
    }
    const answer = await this.#wire.readAnswer(response, asker, request.model);
    this.#isOver = true;
    if (isStream) append(chunks, answerToChunks(answer));
    else chunks.push({ kind: 'response', answer });
    return { done: false, value: chunks };
  }

  /** A server that does not stream still gives a stream of its one answer. */
  #isWhole(response: TransportResponse): boolean {
    return isOfType(response, JSON_TYPE) && this.#wire.format.framing.contentType !== JSON_TYPE;
  }
}

/** Turns the pieces of a streamed body into chunks. */
class StreamReader {
  readonly #wire: ChatWire;
  readonly #response: TransportResponse;
  readonly #asker: Asker;
  readonly #decoder: EventDecoder;
  readonly #answer: StreamDecoder;
  #failure: { readonly error: unknown } | undefined = undefined;
  /** The answer has come to its clean end. */
  isEnded = false;

  constructor(wire: ChatWire, response: TransportResponse, asker: Asker, model: string) {
    this.#wire = wire;
    this.#response = response;
    this.#asker = asker;
    const repeatable = 'messages' in asker.asked ? messagesLength(asker.asked.messages) : 0;
    const maxEventBytes = MAX_EVENT_BYTES + MAX_CHARACTER_BYTES * repeatable;
    this.#decoder = wire.format.framing.createDecoder(wire.name, maxEventBytes);
    this.#answer = wire.format.createStreamDecoder(requestIdOf(wire.format, response), model);
  }

  get body(): ResponseBody {
    return this.#response.body;
  }

  /** What went wrong behind chunks that were good. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The chunks of the next piece of the body, often none. Throws what goes wrong, unless chunks came before it. */
  take({ done, value: bytes }: IteratorResult<Uint8Array, unknown>): readonly Chunk[] {
    // Bytes that came before the abort may still lie here.
    this.#asker.signal.throwIfAborted();
    const chunks: Chunk[] = [];
    try {
      const isLast = done === true;
      this.isEnded = this.#decode(isLast ? this.#decoder.flush() : this.#decoder.push(bytes), isLast, chunks);
    } catch (error) {
      if (chunks.length === 0) throw error;
      this.#failure = { error };
    }
    // A reader that stops here has its answer, and the connection can serve again.
    if (this.isEnded) this.body.release();
    return chunks;
  }

  /** A connection cut amid a stream is a stream cut short. */
  failureOf(error: unknown): unknown {
    const isCut = isProviderError(error) && error.code === 'ERR_PROVIDER_RESET';
    return isCut ? this.#truncated() : error;
  }

  /** Appends the chunks of these events. True when the answer has come to its clean end. */
  #decode(events: readonly StreamEvent[], isLast: boolean, chunks: Chunk[]): boolean {
    const { format } = this.#wire;
    const answer = this.#answer;
    for (const { data, event } of events) {
      if (format.isEndMark?.(data) === true) {
        if (!answer.isWhole) throw this.#truncated();
        append(chunks, answer.finish());
        return true;
      }
      const json = parseJson(data);
      // An event that the end of the body cut off is no nonsense of the server's.
      if (isLast && json === undefined) throw this.#truncated();
      if (!isObject(json)) throw this.#bad('sent an event that is not a JSON object');
      const error = event === 'error' ? format.decodeError(json) : format.findError(json);
      if (error !== undefined) throw this.#wire.failures.of(this.#response, this.#asker, error, json);
      append(chunks, answer.decode(json, event));
      if (answer.fault !== undefined) throw this.#bad(answer.fault);
      if (!answer.isEnded) continue;
      append(chunks, answer.finish());
      return true;
    }
    if (!isLast) return false;
    const isStream = isOfType(this.#response, format.framing.contentType);
    if (!answer.isWhole && !isStream) throw this.#bad('answered something that is not a stream');
    if (!answer.isWhole || format.mayEndWithBody !== true) throw this.#truncated();
    append(chunks, answer.finish());
    return true;
  }

  #truncated(): unknown {
    return this.#wire.failures.truncated(this.#response);
  }

  #bad(what: string): unknown {
    return this.#wire.failures.bad(this.#response, what);
  }
}

function isOfType({ headers }: TransportResponse, type: string): boolean {
  const given = headers['content-type'] ?? '';
  if (given === type) return true;
  const [essence = ''] = given.split(';', 1);
  return essence.trim().toLowerCase() === type;
}

function append(chunks: Chunk[], more: readonly Chunk[]): void {
  for (const chunk of more) chunks.push(chunk);
}
