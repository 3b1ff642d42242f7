/**
 * OpenAI chat answers, whole and streamed, to our vocabulary. Pure: no I/O, no errors of its own; what is not an answer
 * comes back as undefined. Invariant: `finish` is made only by StreamDecoder.finish(), at the clean end.
 */
import type { Chunk, FinishReason, ProviderAnswer, ToolCall, Usage } from '../../protocol/chat.js';
import { createEchoCollector, type EchoCollector } from '../reasoning-echo.js';
import type { ErrorDetail } from '../upstream-error.js';
import type { StreamDecoder } from '../wire-format.js';
import { countOf, dropUndefined, isObject, isPresent, objectsOf, statusOf, textOf, wordOf } from '../wire-values.js';
import type {
  EchoedField,
  WireAnswer,
  WireChoice,
  WireContentPart,
  WireMessage,
  WireToolCall,
  WireUsage,
} from './wire.js';

/** A whole answer; undefined when the body is not one. Unknown fields survive in `raw`. */
export function decodeAnswer(
  raw: unknown,
  requestId: string | undefined,
  echoes: readonly EchoedField[] = [],
): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const wire = raw as WireAnswer;
  const choice = firstChoice(wire);
  if (choice === undefined || !isObject(choice.message)) return undefined;
  const { text, reasoning } = readContent(choice.message);
  const toolCalls = objectsOf(choice.message.tool_calls).map(decodeToolCall);
  const usage = usageOf(wire, choice);
  const collector = createEchoCollector(echoes);
  collector.add(choice.message);
  const echo = collector.echo();
  return Object.freeze({
    id: textOf(wire.id),
    model: textOf(wire.model),
    text,
    ...(reasoning === '' ? {} : { reasoning }),
    toolCalls: Object.freeze(toolCalls),
    finishReason: finishReasonOf(choice.finish_reason, toolCalls.length > 0, isRefusal(choice.message)),
    usage: usage === undefined ? undefined : decodeUsage(usage),
    raw,
    ...(requestId === undefined ? {} : { requestId }),
    ...(echo === undefined ? {} : { echo }),
  });
}

/** The error that an answer holds beside or instead of its choices; undefined when there is none. */
export function findError(body: unknown): ErrorDetail | undefined {
  if (!isObject(body)) return undefined;
  const wire = body as WireAnswer;
  if (isPresent(wire.error)) return decodeError(body);
  const error = firstChoice(wire)?.error;
  return isPresent(error) ? decodeError(error) : undefined;
}

/** Reads the bodies of errors: `{error: {...}}`, `{error: '...'}`, `{message}` (vLLM), `{detail}` (FastAPI servers). */
export function decodeError(body: unknown): ErrorDetail {
  if (typeof body === 'string') return { message: body };
  if (!isObject(body)) return {};
  const { error, message, detail, type, code, status_code: statusCode } = body as Record<string, unknown>;
  if (typeof error === 'string') return { message: error, status: statusOf(statusCode) };
  if (isObject(error)) return { status: statusOf(statusCode), ...dropUndefined(decodeError(error)) };
  const text = [message, detail].find((value) => typeof value === 'string');
  const first = Array.isArray(detail) ? (detail[0] as { msg?: unknown } | undefined)?.msg : undefined;
  return dropUndefined({
    message: wordOf(text ?? first),
    type: wordOf(type),
    code: wordOf(code),
    status: statusOf(code) ?? statusOf(statusCode),
  });
}

/** Our usage: input includes cached tokens, output includes reasoning. Undefined when the vendor counted neither. */
export function decodeUsage(wire: WireUsage): Usage | undefined {
  const inputTokens = countOf(wire.prompt_tokens);
  const completionTokens = countOf(wire.completion_tokens);
  if (inputTokens === undefined && completionTokens === undefined) return undefined;
  const input = inputTokens ?? 0;
  const completion = completionTokens ?? 0;
  const reasoning = countOf(wire.completion_tokens_details?.reasoning_tokens);
  const total = countOf(wire.total_tokens);
  // xAI counts reasoning beside the completion; its total tells.
  const isReasoningBeside = reasoning !== undefined && total === input + completion + reasoning;
  const output = isReasoningBeside ? completion + reasoning : completion;
  const cached =
    countOf(wire.prompt_tokens_details?.cached_tokens) ??
    countOf(wire.prompt_cache_hit_tokens) ??
    countOf(wire.cached_tokens);
  const written = countOf(wire.prompt_tokens_details?.cache_write_tokens);
  return Object.freeze({
    inputTokens: input,
    outputTokens: output,
    totalTokens: total ?? input + output,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(written === undefined ? {} : { cacheWriteInputTokens: written }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  });
}

export function createStreamDecoder(requestId: string | undefined, echoes: readonly EchoedField[] = []): StreamDecoder {
  return new EventDecoder(requestId, echoes);
}

interface ToolSlot {
  readonly index: number;
  id: string;
  /** Empty until it came; the start is announced only then. */
  name: string;
  isStarted: boolean;
  /** Arguments that came before the name. */
  pending: string;
}

class EventDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  readonly #echo: EchoCollector | undefined;
  #isStarted = false;
  #finishReason: string | undefined = undefined;
  #isRefused = false;
  #usage: WireUsage | undefined = undefined;
  /** By our index, which is the vendor's where that is free. */
  readonly #slots = new Map<number, ToolSlot>();
  /** The slot that a vendor's index means now: some give every parallel call the same one. */
  readonly #slotOfIndex = new Map<number, ToolSlot>();
  #lastSlot: ToolSlot | undefined = undefined;

  constructor(requestId: string | undefined, echoes: readonly EchoedField[]) {
    this.#requestId = requestId;
    this.#echo = echoes.length === 0 ? undefined : createEchoCollector(echoes);
  }

  /** Whether it is the last event, only the end mark tells. */
  get isEnded(): boolean {
    return false;
  }

  get isWhole(): boolean {
    return this.#finishReason !== undefined;
  }

  decode(json: unknown): Chunk[] {
    const event = json as WireAnswer;
    const chunks: Chunk[] = [];
    const choice = firstChoice(event);
    // Azure opens with an event that has neither id nor choices.
    if (!this.#isStarted && (choice !== undefined || textOf(event.id) !== '')) this.#start(event, chunks);
    this.#usage = usageOf(event, choice) ?? this.#usage;
    const delta = choice?.delta;
    if (isObject(delta)) this.#readDelta(delta, chunks);
    if (typeof choice?.finish_reason === 'string') this.#finishReason = choice.finish_reason;
    return chunks;
  }

  finish(): Chunk[] {
    const chunks: Chunk[] = [];
    for (const slot of this.#slots.values()) {
      if (!slot.isStarted) this.#startTool(slot, chunks);
      chunks.push({ kind: 'tool-call-end', index: slot.index });
    }
    const usage = this.#usage === undefined ? undefined : decodeUsage(this.#usage);
    if (usage !== undefined) chunks.push({ kind: 'usage', usage });
    const reason = finishReasonOf(this.#finishReason, this.#slots.size > 0, this.#isRefused);
    const echo = this.#echo?.echo();
    chunks.push({ kind: 'finish', reason, ...(echo === undefined ? {} : { echo }) });
    return chunks;
  }

  #start(event: WireAnswer, chunks: Chunk[]): void {
    this.#isStarted = true;
    const requestId = this.#requestId === undefined ? {} : { requestId: this.#requestId };
    chunks.push({ kind: 'start', id: textOf(event.id), model: textOf(event.model), ...requestId });
  }

  #readDelta(delta: WireMessage, chunks: Chunk[]): void {
    this.#echo?.add(delta);
    const { text, reasoning } = readContent(delta);
    if (reasoning !== '') chunks.push({ kind: 'reasoning-delta', text: reasoning });
    if (text !== '') chunks.push({ kind: 'text-delta', text });
    if (isRefusal(delta)) this.#isRefused = true;
    for (const piece of objectsOf(delta.tool_calls)) this.#readToolPiece(piece, chunks);
  }

  #readToolPiece(piece: WireToolCall, chunks: Chunk[]): void {
    const slot = this.#slotOf(piece);
    this.#lastSlot = slot;
    if (slot.id === '') slot.id = textOf(piece.id);
    if (slot.name === '') slot.name = textOf(piece.function?.name);
    const text = argumentsText(piece.function?.arguments);
    if (slot.name === '') {
      slot.pending += text;
      return;
    }
    if (!slot.isStarted) this.#startTool(slot, chunks);
    if (text !== '') chunks.push({ kind: 'tool-call-delta', index: slot.index, arguments: text });
  }

  #startTool(slot: ToolSlot, chunks: Chunk[]): void {
    slot.isStarted = true;
    chunks.push({ kind: 'tool-call-start', index: slot.index, id: slot.id || `call_${slot.index}`, name: slot.name });
    if (slot.pending !== '') chunks.push({ kind: 'tool-call-delta', index: slot.index, arguments: slot.pending });
  }

  #slotOf(piece: WireToolCall): ToolSlot {
    const id = textOf(piece.id);
    const isNumbered = typeof piece.index === 'number';
    const known = isNumbered ? this.#slotOfIndex.get(piece.index) : this.#unnumberedSlot(id);
    if (known !== undefined && (id === '' || known.id === '' || known.id === id)) return known;
    const wanted = isNumbered ? piece.index : 0;
    const index = this.#slots.has(wanted) || !isNumbered ? Math.max(-1, ...this.#slots.keys()) + 1 : wanted;
    const slot: ToolSlot = { index, id, name: '', isStarted: false, pending: '' };
    this.#slots.set(index, slot);
    if (isNumbered) this.#slotOfIndex.set(piece.index, slot);
    return slot;
  }

  #unnumberedSlot(id: string): ToolSlot | undefined {
    if (id === '') return this.#lastSlot;
    for (const slot of this.#slots.values()) {
      if (slot.id === id) return slot;
    }
    return undefined;
  }
}

/** Choice 0: a request may ask for more through `vendor`, and `raw` keeps them. */
function firstChoice(wire: WireAnswer): WireChoice | undefined {
  for (const choice of objectsOf(wire.choices)) {
    if ((choice.index ?? 0) === 0) return choice;
  }
  return undefined;
}

function usageOf(wire: WireAnswer, choice: WireChoice | undefined): WireUsage | undefined {
  const usage = wire.usage ?? wire.x_groq?.usage ?? choice?.usage;
  return isObject(usage) ? usage : undefined;
}

function readContent(message: WireMessage): { readonly text: string; readonly reasoning: string } {
  let text = textOf(message.content);
  let reasoning = textOf(message.reasoning_content) || textOf(message.reasoning);
  if (Array.isArray(message.content)) {
    for (const part of objectsOf(message.content)) {
      text += textOf(part.text);
      const { thinking } = part;
      reasoning += textOf(thinking);
      for (const inner of objectsOf<WireContentPart>(thinking)) reasoning += textOf(inner.text);
    }
  }
  return { text: text + textOf(message.refusal), reasoning };
}

/** A refusal is text that the caller must see, but no answer worth keeping. */
function isRefusal(message: WireMessage): boolean {
  return textOf(message.refusal) !== '';
}

function finishReasonOf(wire: string | null | undefined, hasToolCalls: boolean, isRefused: boolean): FinishReason {
  if (isRefused) return 'content-filter';
  switch (wire) {
    case 'stop':
    case 'eos_token':
    case 'stop_sequence':
      // Several servers end with 'stop' although they called tools.
      return hasToolCalls ? 'tool-calls' : 'stop';
    case 'tool_calls':
      return 'tool-calls';
    case 'length':
    case 'model_length':
    case 'max_tokens':
      return 'length';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}

function decodeToolCall(wire: WireToolCall, index: number): ToolCall {
  const name = textOf(wire.function?.name);
  return Object.freeze({
    id: textOf(wire.id) || `call_${index}`,
    name,
    arguments: argumentsText(wire.function?.arguments),
  });
}

function argumentsText(value: string | object | null | undefined): string {
  if (typeof value === 'string') return value;
  return isObject(value) ? JSON.stringify(value) : '';
}
