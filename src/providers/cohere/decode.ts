/**
 * Cohere's answers, whole and streamed, to our vocabulary. Pure: no I/O, no errors of its own; what is not an answer comes
 * back as undefined. A plan for the use of tools is reasoning. Invariant: `finish` is made only after `message-end`.
 */
import { JoinedText } from '../../core/joined-text.js';
import type { Chunk, Echo, FinishReason, ProviderAnswer, ToolCall, Usage } from '../../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../../protocol/embedding.js';
import type { ErrorDetail } from '../upstream-error.js';
import type { StreamDecoder } from '../wire-format.js';
import { countOf, dropUndefined, isObject, isPresent, objectsOf, statusOf, textOf, wordOf } from '../wire-values.js';
import { ECHO_FORMAT } from './encode.js';
import type {
  WireAnswer,
  WireContent,
  WireDelta,
  WireEmbedAnswer,
  WireEvent,
  WireToolCall,
  WireUsage,
} from './wire.js';

/** A whole answer; undefined when the body is not one. Unknown fields survive in `raw`. */
export function decodeAnswer(
  raw: unknown,
  requestId: string | undefined,
  askedModel: string,
): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const { id, message, finish_reason: reason, usage } = raw as WireAnswer;
  if (!isObject(message)) return undefined;
  const parts = objectsOf(message.content);
  const plan = textOf(message.tool_plan);
  const thinking = parts.map((part) => textOf(part.thinking)).join('');
  const reasoning = thinking + plan;
  const toolCalls = objectsOf(message.tool_calls).map(decodeToolCall);
  const echo = echoOf(plan, thinking);
  return Object.freeze({
    id: textOf(id),
    model: askedModel,
    text: parts.map((part) => textOf(part.text)).join(''),
    ...(reasoning === '' ? {} : { reasoning }),
    toolCalls: Object.freeze(toolCalls),
    finishReason: finishReasonOf(reason),
    usage: isObject(usage) ? decodeUsage(usage) : undefined,
    raw,
    ...(requestId === undefined ? {} : { requestId }),
    ...(echo === undefined ? {} : { echo }),
  });
}

/** The error that stands where an answer should, or at the end of a stream; undefined when there is none. */
export function findError(body: unknown): ErrorDetail | undefined {
  if (!isObject(body)) return undefined;
  const { message, error, delta } = body as {
    readonly message?: unknown;
    readonly error?: unknown;
    readonly delta?: unknown;
  };
  if (typeof message === 'string' || isPresent(error)) return decodeError(body);
  if (!isObject(delta) || !isPresent((delta as WireDelta).error)) return undefined;
  const { error: inner, finish_reason: reason } = delta as WireDelta;
  // The answer was begun and not finished: that is the server's failure, whatever its words.
  return { status: reason === 'TIMEOUT' ? 504 : 500, ...decodeError(inner) };
}

/** Reads `{id, message}`, and what stands for it on servers in between. */
export function decodeError(body: unknown): ErrorDetail {
  if (typeof body === 'string') return { message: body };
  if (!isObject(body)) return {};
  const { error, message, type, code, status_code: statusCode } = body as Record<string, unknown>;
  if (typeof message !== 'string' && isPresent(error)) return decodeError(error);
  return dropUndefined({
    message: wordOf(message),
    type: wordOf(type),
    code: wordOf(code),
    status: statusOf(statusCode),
  });
}

/** Our usage: what the model read and wrote, and apart from it what is charged for; that alone where there is nothing else. */
function decodeUsage({ tokens, billed_units: billed, cached_tokens: cached }: WireUsage): Usage | undefined {
  const billedInput = countOf(billed?.input_tokens);
  const billedOutput = countOf(billed?.output_tokens);
  const input = countOf(tokens?.input_tokens) ?? billedInput;
  const output = countOf(tokens?.output_tokens) ?? billedOutput;
  if (input === undefined && output === undefined) return undefined;
  const inputTokens = input ?? 0;
  const outputTokens = output ?? 0;
  const cachedInputTokens = countOf(cached);
  return Object.freeze({
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(billedInput === undefined ? {} : { billedInputTokens: billedInput }),
    ...(billedOutput === undefined ? {} : { billedOutputTokens: billedOutput }),
  });
}

/** Undefined when the body does not hold one vector of numbers for each text. */
export function decodeEmbedAnswer(raw: unknown, request: EmbedRequest): EmbedAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const { embeddings, meta } = raw as WireEmbedAnswer;
  const vectors = embeddings?.float;
  if (!Array.isArray(vectors) || vectors.length !== request.texts.length) return undefined;
  if (!vectors.every((vector) => Array.isArray(vector) && vector.every((value) => typeof value === 'number')))
    return undefined;
  return Object.freeze({ model: request.model, vectors, inputTokens: countOf(meta?.billed_units?.input_tokens) });
}

export function createStreamDecoder(requestId: string | undefined, askedModel: string): StreamDecoder {
  return new EventDecoder(requestId, askedModel);
}

interface ToolSlot {
  readonly index: number;
  /** Held back as long as it may become the word null. */
  held: string;
  hasSent: boolean;
}

class EventDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  readonly #askedModel: string;
  readonly #open = new Map<number, ToolSlot>();
  #toolCount = 0;
  readonly #plan = new JoinedText();
  readonly #thinking = new JoinedText();
  #hasStarted = false;
  #finishReason: string | undefined = undefined;
  #usage: Usage | undefined = undefined;

  constructor(requestId: string | undefined, askedModel: string) {
    this.#requestId = requestId;
    this.#askedModel = askedModel;
  }

  get isEnded(): boolean {
    return this.#finishReason !== undefined;
  }
  get isWhole(): boolean {
    return this.isEnded;
  }

  /** Citations, and events yet to be invented, say nothing. */
  decode(event: unknown, name: string): Chunk[] {
    const { type = name, id, index, delta } = event as WireEvent;
    const chunks: Chunk[] = [];
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      const requestId = this.#requestId;
      const start = { kind: 'start', id: textOf(id), model: this.#askedModel } as const;
      chunks.push(requestId === undefined ? start : { ...start, requestId });
    }
    const message = delta?.message ?? {};
    switch (type) {
      case 'content-start':
      case 'content-delta':
        this.#readContent(message.content ?? {}, chunks);
        return chunks;
      case 'tool-plan-delta':
        this.#plan.add(textOf(message.tool_plan));
        pushReasoning(message.tool_plan, chunks);
        return chunks;
      case 'tool-call-start':
        this.#openCall(index ?? 0, message.tool_calls ?? {}, chunks);
        return chunks;
      case 'tool-call-delta':
        this.#growCall(index ?? 0, message.tool_calls?.function?.arguments, chunks);
        return chunks;
      case 'tool-call-end':
        this.#closeCall(index ?? 0, chunks);
        return chunks;
      case 'message-end':
        this.#finishReason = textOf(delta?.finish_reason);
        this.#usage = isObject(delta?.usage) ? decodeUsage(delta.usage) : undefined;
        return chunks;
      default:
        return chunks;
    }
  }

  finish(): Chunk[] {
    const chunks: Chunk[] = [];
    for (const index of [...this.#open.keys()]) this.#closeCall(index, chunks);
    if (this.#usage !== undefined) chunks.push({ kind: 'usage', usage: this.#usage });
    const echo = echoOf(this.#plan.read(), this.#thinking.read());
    const reason = finishReasonOf(this.#finishReason);
    chunks.push({ kind: 'finish', reason, ...(echo === undefined ? {} : { echo }) });
    return chunks;
  }

  #readContent(content: WireContent, chunks: Chunk[]): void {
    this.#thinking.add(textOf(content.thinking));
    pushReasoning(content.thinking, chunks);
    const text = textOf(content.text);
    if (text !== '') chunks.push({ kind: 'text-delta', text });
  }

  #openCall(at: number, wire: WireToolCall, chunks: Chunk[]): void {
    this.#closeCall(at, chunks);
    const slot: ToolSlot = { index: this.#toolCount++, held: '', hasSent: false };
    this.#open.set(at, slot);
    const { id, name } = decodeToolCall(wire, slot.index);
    chunks.push({ kind: 'tool-call-start', index: slot.index, id, name });
    this.#growCall(at, wire.function?.arguments, chunks);
  }

  #growCall(at: number, piece: unknown, chunks: Chunk[]): void {
    const slot = this.#open.get(at);
    if (slot === undefined) return;
    slot.held += textOf(piece);
    if (slot.held === '' || (!slot.hasSent && 'null'.startsWith(slot.held.trim()))) return;
    chunks.push({ kind: 'tool-call-delta', index: slot.index, arguments: slot.held });
    slot.held = '';
    slot.hasSent = true;
  }

  #closeCall(at: number, chunks: Chunk[]): void {
    const slot = this.#open.get(at);
    if (slot === undefined) return;
    this.#open.delete(at);
    const { index, held, hasSent } = slot;
    const rest = hasSent ? held : argumentsText(held);
    if (rest !== '') chunks.push({ kind: 'tool-call-delta', index, arguments: rest });
    chunks.push({ kind: 'tool-call-end', index });
  }
}

function pushReasoning(text: unknown, chunks: Chunk[]): void {
  if (textOf(text) !== '') chunks.push({ kind: 'reasoning-delta', text: textOf(text) });
}

function echoOf(plan: string, thinking: string): Echo | undefined {
  if (plan === '' && thinking === '') return undefined;
  const data = { ...(plan === '' ? {} : { tool_plan: plan }), ...(thinking === '' ? {} : { thinking }) };
  return Object.freeze({ format: ECHO_FORMAT, data: Object.freeze(data) });
}

function finishReasonOf(wire: string | null | undefined): FinishReason {
  switch (wire) {
    case 'COMPLETE':
    case 'STOP_SEQUENCE':
      return 'stop';
    case 'TOOL_CALL':
      return 'tool-calls';
    case 'MAX_TOKENS':
      return 'length';
    case 'ERROR_TOXIC':
      return 'content-filter';
    default:
      return 'other';
  }
}

function decodeToolCall(wire: WireToolCall, index: number): ToolCall {
  return Object.freeze({
    id: textOf(wire.id) || `call_${index}`,
    name: textOf(wire.function?.name),
    arguments: argumentsText(textOf(wire.function?.arguments)),
  });
}

/** A call without arguments comes with none, or with the word null. */
function argumentsText(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || trimmed === 'null' ? '{}' : text;
}
