/**
 * Ollama answers to our vocabulary. A whole answer is read as a stream of one line, so both say the same. Pure; what is
 * not an answer comes back as undefined. Durations are not ours to report.
 */
import { JoinedText } from '../../core/joined-text.js';
import type { Chunk, Echo, FinishReason, ProviderAnswer, Usage } from '../../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../../protocol/embedding.js';
import type { ErrorDetail } from '../upstream-error.js';
import { wholeAnswer } from '../whole-answer.js';
import type { StreamDecoder } from '../wire-format.js';
import {
  countOf,
  dropUndefined,
  isObject,
  isPresent,
  isVector,
  objectsOf,
  statusOf,
  textOf,
  wordOf,
} from '../wire-values.js';
import { ECHO_FORMAT, type WireAnswer, type WireToolCall } from './wire.js';

/** A whole answer; undefined when the body has no message, or is not done. Unknown fields survive in `raw`. */
export function decodeAnswer(raw: unknown, requestId: string | undefined, model: string): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const { message, done } = raw as WireAnswer;
  if (!isObject(message) || done !== true) return undefined;
  return wholeAnswer(createStreamDecoder(requestId, model), raw);
}

export function findError(body: unknown): ErrorDetail | undefined {
  return isObject(body) && isPresent((body as WireAnswer).error) ? decodeError(body) : undefined;
}

/** Reads `{error: '...'}`, and `{error: {message, type, code}}` of servers in between. */
export function decodeError(body: unknown): ErrorDetail {
  const error = isObject(body) ? (body as WireAnswer).error : undefined;
  if (typeof error === 'string') return { message: error };
  if (!isObject(error)) return {};
  const { message, type, code } = error as Record<string, unknown>;
  return dropUndefined({ message: wordOf(message), type: wordOf(type), code: wordOf(code), status: statusOf(code) });
}

/** Undefined when the server counted neither. */
function decodeUsage(wire: WireAnswer): Usage | undefined {
  const prompt = countOf(wire.prompt_eval_count);
  const output = countOf(wire.eval_count);
  if (prompt === undefined && output === undefined) return undefined;
  const [inputTokens, outputTokens] = [prompt ?? 0, output ?? 0];
  return Object.freeze({ inputTokens, outputTokens, totalTokens: inputTokens + outputTokens });
}

/** Undefined when the body is not one list of numbers for each text. */
export function decodeEmbedding(raw: unknown, request: EmbedRequest): EmbedAnswer | undefined {
  const { embeddings, prompt_eval_count: count } = (isObject(raw) ? raw : {}) as Record<string, unknown>;
  if (!Array.isArray(embeddings) || embeddings.length !== request.texts.length) return undefined;
  if (!embeddings.every(isVector)) return undefined;
  const vectors = Object.freeze(embeddings.map((vector) => Object.freeze(vector)));
  return { model: request.model, vectors, inputTokens: countOf(count) };
}

export function createStreamDecoder(requestId: string | undefined, model: string): StreamDecoder {
  return new LineDecoder(requestId, model);
}

class LineDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  /** The one asked, where the answer names none. */
  readonly #model: string;
  #isStarted = false;
  #isDone = false;
  #finishReason = '';
  #usage: Usage | undefined = undefined;
  readonly #thinking = new JoinedText();
  #calls = 0;

  constructor(requestId: string | undefined, model: string) {
    this.#requestId = requestId;
    this.#model = model;
  }

  get isEnded(): boolean {
    return this.#isDone;
  }

  get isWhole(): boolean {
    return this.#isDone;
  }

  decode(json: unknown): Chunk[] {
    const line = json as WireAnswer;
    const chunks: Chunk[] = [];
    if (!this.#isStarted) this.#start(line, chunks);
    const message = isObject(line.message) ? line.message : {};
    const thinking = textOf(message.thinking);
    if (thinking !== '') chunks.push({ kind: 'reasoning-delta', text: thinking });
    this.#thinking.add(thinking);
    const text = textOf(message.content);
    if (text !== '') chunks.push({ kind: 'text-delta', text });
    for (const call of objectsOf(message.tool_calls)) this.#readCall(call, chunks);
    if (line.done === true) {
      this.#isDone = true;
      this.#finishReason = textOf(line.done_reason);
      this.#usage = decodeUsage(line);
    }
    return chunks;
  }

  finish(): Chunk[] {
    const chunks: Chunk[] = [];
    if (this.#usage !== undefined) chunks.push({ kind: 'usage', usage: this.#usage });
    const echo = this.#echoOf();
    const reason = finishReasonOf(this.#finishReason, this.#calls > 0);
    chunks.push({ kind: 'finish', reason, ...(echo === undefined ? {} : { echo }) });
    return chunks;
  }

  /** The API gives answers no id. */
  #start(line: WireAnswer, chunks: Chunk[]): void {
    this.#isStarted = true;
    const requestId = this.#requestId;
    const named = { id: '', model: textOf(line.model) || this.#model };
    chunks.push({ kind: 'start', ...named, ...(requestId === undefined ? {} : { requestId }) });
  }

  /** Calls come whole, each once. */
  #readCall(call: WireToolCall, chunks: Chunk[]): void {
    const index = this.#calls++;
    const given = call.function?.arguments;
    chunks.push({
      kind: 'tool-call-start',
      index,
      id: textOf(call.id) || `call_${index}`,
      name: textOf(call.function?.name),
    });
    chunks.push({
      kind: 'tool-call-delta',
      index,
      arguments: isObject(given) ? JSON.stringify(given) : textOf(given) || '{}',
    });
    chunks.push({ kind: 'tool-call-end', index });
  }

  #echoOf(): Echo | undefined {
    const thinking = this.#thinking.read();
    if (this.#calls === 0 || thinking === '') return undefined;
    return Object.freeze({ format: ECHO_FORMAT, data: Object.freeze({ thinking }) });
  }
}

/** Older servers give no reason for an ordinary end; calls of tools never have one of their own. */
function finishReasonOf(wire: string, hasCalls: boolean): FinishReason {
  switch (wire) {
    case '':
    case 'stop':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'length':
      return 'length';
    default:
      return 'other';
  }
}
