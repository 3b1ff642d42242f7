/**
 * OpenAI responses, whole and streamed, to our vocabulary. Pure: no I/O, no errors of its own; what is not an answer comes
 * back as undefined. Invariant: `finish` is made only by StreamDecoder.finish(), at the clean end.
 */
import type { Chunk, Echo, FinishReason, ProviderAnswer, ToolCall, Usage } from '../../protocol/chat.js';
import { decodeError as decodeOpenAIError } from '../openai-chat/decode.js';
import type { ErrorDetail } from '../upstream-error.js';
import type { StreamDecoder } from '../wire-format.js';
import { countOf, dropUndefined, isObject, isPresent, objectsOf, textOf } from '../wire-values.js';
import type { WireEvent, WireItem, WirePart, WireResponse, WireUsage } from './wire.js';

/** The `format` of our echoes: a folder of src/providers. */
export const ECHO_FORMAT = 'openai-responses';

/** A whole answer; undefined when the body is not one. Unknown fields and items survive in `raw`. */
export function decodeAnswer(raw: unknown, requestId: string | undefined): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const wire = raw as WireResponse;
  if (!Array.isArray(wire.output)) return undefined;
  const items = objectsOf(wire.output);
  const output = readOutput(items);
  const { text, reasoning, toolCalls } = output;
  const echo = echoOf(items);
  return Object.freeze({
    id: textOf(wire.id),
    model: textOf(wire.model),
    text,
    ...(reasoning === '' ? {} : { reasoning }),
    toolCalls: Object.freeze(toolCalls),
    finishReason: finishReasonOf(wire, output),
    usage: isObject(wire.usage) ? decodeUsage(wire.usage) : undefined,
    raw,
    ...(requestId === undefined ? {} : { requestId }),
    ...(echo === undefined ? {} : { echo }),
  });
}

/** The error of a failed answer, or of an event that ends a stream with one; undefined when there is none. */
export function findError(body: unknown): ErrorDetail | undefined {
  if (!isObject(body)) return undefined;
  const { type, response } = body as WireEvent;
  if (type === 'response.failed' && isObject(response)) return failureOf(response);
  const wire = body as WireResponse;
  if (type === 'error' || isPresent(wire.error)) return decodeError(body);
  return wire.status === 'failed' && Array.isArray(wire.output) ? failureOf(wire) : undefined;
}

/** Reads what a failed request says: `{error: {...}}`, or an event whose own fields tell. */
export function decodeError(body: unknown): ErrorDetail {
  return decodeOpenAIError(body);
}

function failureOf({ error }: WireResponse): ErrorDetail {
  return isPresent(error) ? decodeError(error) : { message: 'the response failed without a reason' };
}

/** Our usage: the format counts as we do, input with cached tokens and output with reasoning. */
export function decodeUsage(wire: WireUsage): Usage | undefined {
  const inputTokens = countOf(wire.input_tokens);
  const outputTokens = countOf(wire.output_tokens);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const input = inputTokens ?? 0;
  const output = outputTokens ?? 0;
  return Object.freeze(
    dropUndefined({
      inputTokens: input,
      outputTokens: output,
      totalTokens: countOf(wire.total_tokens) ?? input + output,
      cachedInputTokens: countOf(wire.input_tokens_details?.cached_tokens),
      cacheWriteInputTokens: countOf(wire.input_tokens_details?.cache_write_tokens),
      reasoningTokens: countOf(wire.output_tokens_details?.reasoning_tokens),
    }),
  ) as Usage;
}

/** What the items of an answer say in our vocabulary. */
export interface Output {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly hasMessage: boolean;
  readonly isRefused: boolean;
}

export function readOutput(items: readonly WireItem[]): Output {
  const messages = items.filter(({ type }) => type === 'message');
  const thoughts = items.filter(({ type }) => type === 'reasoning').flatMap(reasoningPartsOf);
  return {
    text: messages.map(messageTextOf).join(''),
    reasoning: thoughts.join(PART_GAP),
    toolCalls: items.filter(isCall).map(decodeToolCall),
    hasMessage: messages.length > 0,
    isRefused: messages.some(isRefusal),
  };
}

/** Between two parts of reasoning, each of which is a paragraph with a heading of its own. */
const PART_GAP = '\n\n';

export function createStreamDecoder(requestId: string | undefined): StreamDecoder {
  return new EventDecoder(requestId);
}

interface ItemSlot {
  /** Its own word of itself, the last one that came. */
  item: WireItem;
  /** What of its text or arguments went out. */
  sent: string;
  /** Text went out: it is a message, whatever it calls itself. */
  hasText: boolean;
  /** Of a call: its place among the calls. */
  toolIndex: number | undefined;
  /** The item came whole. */
  isDone: boolean;
}

const OTHER_TEXT = 'the whole text is not the one that came in pieces: the answer holds the whole';
const OTHER_ARGUMENTS = 'the whole arguments of a call are not those that came in pieces: the answer holds the pieces';

class EventDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  #isStarted = false;
  #end: WireResponse | undefined = undefined;
  /** All text that went out, in the order in which it did. */
  #text = '';
  #lastThought: string | undefined = undefined;
  /** By the index of the item, or its id where there is no index. */
  readonly #slots = new Map<number | string, ItemSlot>();
  #toolCount = 0;
  #hasOtherArguments = false;
  #isRefused = false;

  constructor(requestId: string | undefined) {
    this.#requestId = requestId;
  }

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  get isWhole(): boolean {
    return this.#end !== undefined;
  }

  decode(json: unknown): Chunk[] {
    const event = json as WireEvent;
    const chunks: Chunk[] = [];
    if (!this.#isStarted && isObject(event.response)) this.#start(event.response, chunks);
    switch (event.type) {
      case 'response.output_item.added':
        if (isObject(event.item)) this.#openItem(event, event.item, chunks);
        break;
      case 'response.refusal.delta':
        this.#isRefused = true;
        this.#readText(event, chunks);
        break;
      case 'response.output_text.delta':
        this.#readText(event, chunks);
        break;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        this.#readThought(event, chunks);
        break;
      case 'response.function_call_arguments.delta':
        this.#readArguments(event, chunks);
        break;
      case 'response.output_item.done':
        if (isObject(event.item)) this.#closeItem(event, event.item, chunks);
        break;
      case 'response.completed':
      case 'response.incomplete':
        if (isObject(event.response)) this.#close(event.response, chunks);
        break;
    }
    return chunks;
  }

  finish(): Chunk[] {
    const chunks: Chunk[] = [];
    const slots = [...this.#slots].sort(byNumber).map(([, slot]) => slot);
    const said = readOutput(slots.map(itemSoFar));
    const output = { ...said, isRefused: said.isRefused || this.#isRefused };
    const echo = echoOf(slots.filter(({ isDone }) => isDone).map(({ item }) => item));
    for (const slot of slots) this.#endCall(slot, chunks);
    // What is told cannot be taken back, but whoever asks for the whole answer gets it.
    const isOther = output.text !== this.#text;
    if (isOther) chunks.push({ kind: 'warning', message: OTHER_TEXT });
    if (this.#hasOtherArguments) chunks.push({ kind: 'warning', message: OTHER_ARGUMENTS });
    const end = this.#end ?? {};
    const usage = isObject(end.usage) ? decodeUsage(end.usage) : undefined;
    if (usage !== undefined) chunks.push({ kind: 'usage', usage });
    chunks.push({
      kind: 'finish',
      reason: finishReasonOf(end, output),
      ...(isOther ? { text: output.text } : {}),
      ...(echo === undefined ? {} : { echo }),
    });
    return chunks;
  }

  #start(response: WireResponse, chunks: Chunk[]): void {
    this.#isStarted = true;
    const requestId = this.#requestId === undefined ? {} : { requestId: this.#requestId };
    chunks.push({ kind: 'start', id: textOf(response.id), model: textOf(response.model), ...requestId });
  }

  #openItem(event: WireEvent, item: WireItem, chunks: Chunk[]): ItemSlot {
    const slot = this.#slotOf(event);
    slot.item = item;
    if (!isCall(item) || slot.toolIndex !== undefined) return slot;
    const index = this.#toolCount++;
    slot.toolIndex = index;
    const { id, name } = decodeToolCall(item, index);
    chunks.push({ kind: 'tool-call-start', index, id, name });
    return slot;
  }

  #readText(event: WireEvent, chunks: Chunk[]): void {
    const text = textOf(event.delta);
    if (text === '') return;
    const slot = this.#slotOf(event);
    slot.hasText = true;
    slot.sent += text;
    this.#text += text;
    chunks.push({ kind: 'text-delta', text });
  }

  #readThought(event: WireEvent, chunks: Chunk[]): void {
    const text = textOf(event.delta);
    if (text === '') return;
    this.#slotOf(event).sent += text;
    const part = `${event.output_index ?? event.item_id}/${event.type}/${event.summary_index ?? event.content_index}`;
    const isNext = this.#lastThought !== undefined && this.#lastThought !== part;
    this.#lastThought = part;
    chunks.push({ kind: 'reasoning-delta', text: isNext ? `${PART_GAP}${text}` : text });
  }

  #readArguments(event: WireEvent, chunks: Chunk[]): void {
    const slot = this.#slotOf(event);
    const text = textOf(event.delta);
    if (text === '' || slot.toolIndex === undefined) return;
    slot.sent += text;
    chunks.push({ kind: 'tool-call-delta', index: slot.toolIndex, arguments: text });
  }

  /** The whole item: what did not come in pieces comes now. */
  #closeItem(event: WireEvent, item: WireItem, chunks: Chunk[]): void {
    const slot = this.#openItem(event, item, chunks);
    if (slot.toolIndex !== undefined) this.#closeCall(slot, slot.toolIndex, chunks);
    slot.isDone = true;
    if (item.type === 'message') this.#readText({ ...event, delta: restOf(messageTextOf(item), slot.sent) }, chunks);
    if (item.type !== 'reasoning' || slot.sent !== '') return;
    reasoningPartsOf(item).forEach((delta, summaryIndex) => {
      this.#readThought({ ...event, delta, summary_index: summaryIndex }, chunks);
    });
  }

  #closeCall(slot: ItemSlot, index: number, chunks: Chunk[]): void {
    const whole = argumentsOf(slot.item);
    const rest = slot.isDone ? '' : restOf(whole, slot.sent);
    if (rest !== '') chunks.push({ kind: 'tool-call-delta', index, arguments: rest });
    slot.sent += rest;
    this.#hasOtherArguments ||= whole !== '' && whole !== slot.sent;
    this.#endCall(slot, chunks);
  }

  #endCall(slot: ItemSlot, chunks: Chunk[]): void {
    if (slot.toolIndex === undefined || slot.isDone) return;
    slot.isDone = true;
    chunks.push({ kind: 'tool-call-end', index: slot.toolIndex });
  }

  /** The whole answer: the items that were not told, and what told ones say beyond that. */
  #close(response: WireResponse, chunks: Chunk[]): void {
    this.#end = response;
    const items = objectsOf(response.output);
    const isAllTold = this.#slots.size >= items.length;
    const keys = new Map([...this.#slots].map(([key, slot]) => [textOf(slot.item.id), key]));
    keys.delete('');
    items.forEach((item, index) => {
      const key = keys.get(textOf(item.id)) ?? index;
      const slot = this.#slots.get(key);
      // What was told under another id and another number is no new item.
      if (slot === undefined ? isAllTold : !isNews(item, slot)) return;
      this.#closeItem(
        { type: '', ...(typeof key === 'number' ? { output_index: key } : { item_id: key }) },
        item,
        chunks,
      );
    });
  }

  #slotOf(event: WireEvent): ItemSlot {
    const key = event.output_index ?? event.item_id ?? event.item?.id ?? '';
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { item: {}, sent: '', hasText: false, toolIndex: undefined, isDone: false };
      this.#slots.set(key, slot);
    }
    return slot;
  }
}

/** Items without numbers stay in the order they came in. */
function byNumber([left]: readonly [number | string, ItemSlot], [right]: readonly [number | string, ItemSlot]): number {
  return typeof left === 'number' && typeof right === 'number' ? left - right : 0;
}

/** The item as far as it came. One that says nothing is what its pieces said. */
function itemSoFar({ item, sent, hasText }: ItemSlot): WireItem {
  if (isCall(item)) return { ...item, arguments: argumentsOf(item) || sent };
  const isSaid = item.type === 'message' && messageTextOf(item) !== '';
  return hasText && !isSaid ? { ...item, type: 'message', content: sent } : item;
}

/** Whether the whole answer's word of an item is more than was known. */
function isNews(item: WireItem, { item: told, isDone }: ItemSlot): boolean {
  // The place of another item: some servers count differently in the whole.
  if (told.type !== undefined && told.type !== item.type) return false;
  return !isDone || messageTextOf(told) !== messageTextOf(item) || argumentsOf(told) !== argumentsOf(item);
}

/** What is told cannot be taken back: where the whole contradicts it, the pieces stand. */
function restOf(whole: string, sent: string): string {
  return whole.startsWith(sent) ? whole.slice(sent.length) : '';
}

function isCall({ type }: WireItem): boolean {
  return type === 'function_call';
}

function decodeToolCall(item: WireItem, index: number): ToolCall {
  const id = textOf(item.call_id) || textOf(item.id) || `call_${index}`;
  return Object.freeze({ id, name: textOf(item.name), arguments: argumentsOf(item) });
}

function argumentsOf({ arguments: given }: WireItem): string {
  return isObject(given) ? JSON.stringify(given) : textOf(given);
}

function messageTextOf({ content }: WireItem): string {
  if (typeof content === 'string') return content;
  return objectsOf<WirePart>(content)
    .map((part) => textOf(part.text) + textOf(part.refusal))
    .join('');
}

/** A refusal is text that the caller must see, but no answer worth keeping. */
function isRefusal({ content }: WireItem): boolean {
  return objectsOf<WirePart>(content).some((part) => textOf(part.refusal) !== '');
}

function reasoningPartsOf({ content, summary }: WireItem): readonly string[] {
  return [...objectsOf<WirePart>(content), ...objectsOf(summary)].map((part) => textOf(part.text)).filter(Boolean);
}

function finishReasonOf(wire: WireResponse, output: Output): FinishReason {
  if (wire.status === 'incomplete') {
    const reason = wire.incomplete_details?.reason;
    if (reason === 'max_output_tokens') return 'length';
    return reason === 'content_filter' ? 'content-filter' : 'other';
  }
  if (wire.status !== 'completed') return 'other';
  if (output.isRefused) return 'content-filter';
  if (output.toolCalls.length > 0) return 'tool-calls';
  // Without a message it waits for something that our vocabulary has no word for, like an approval.
  return output.hasMessage ? 'stop' : 'other';
}

/** What a message and a call say in our vocabulary, or what does not matter when they come back. */
const PLAIN_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  message: new Set(['type', 'id', 'status', 'role', 'content']),
  function_call: new Set(['type', 'id', 'status', 'call_id', 'name', 'arguments']),
};

/** The items, when one of them says more than text and calls: reasoning, a tool that ran at the vendor, a phase. */
function echoOf(items: readonly WireItem[]): Echo | undefined {
  return items.every(isPlain) ? undefined : Object.freeze({ format: ECHO_FORMAT, data: items });
}

function isPlain(item: WireItem): boolean {
  const fields = PLAIN_FIELDS[item.type ?? ''];
  return fields !== undefined && Object.entries(item).every(([name, value]) => fields.has(name) || !isPresent(value));
}
