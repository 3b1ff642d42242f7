/**
 * Anthropic's answers, whole and streamed, to our vocabulary. Pure: no I/O, no errors of its own; what is not an answer
 * comes back as undefined. Invariant: a stream is read into the blocks that the whole answer would have had, so both say
 * the same, and `finish` is made only after `message_stop`.
 */
import { JoinedText } from '../../core/joined-text.js';
import type { Chunk, Echo, FinishReason, ProviderAnswer, ToolCall, Usage } from '../../protocol/chat.js';
import type { ErrorDetail } from '../upstream-error.js';
import type { StreamDecoder } from '../wire-format.js';
import { countOf, dropUndefined, isObject, isPresent, objectsOf, textOf, wordOf } from '../wire-values.js';
import { ECHO_FORMAT, toolInputOf } from './encode.js';
import type { WireBlock, WireDelta, WireEvent, WireMessage, WireUsage } from './wire.js';

/** A whole answer; undefined when the body is not one. Unknown fields survive in `raw`. */
export function decodeAnswer(
  raw: unknown,
  requestId: string | undefined,
  askedModel: string,
): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const wire = raw as WireMessage;
  if (!Array.isArray(wire.content)) return undefined;
  const blocks = objectsOf(wire.content);
  const reasoning = blocks.map((block) => (block.type === 'thinking' ? textOf(block.thinking) : '')).join('');
  const echo = echoOf(blocks);
  return Object.freeze({
    id: textOf(wire.id),
    model: textOf(wire.model) || askedModel,
    text: blocks.map((block) => (block.type === 'text' ? textOf(block.text) : '')).join(''),
    ...(reasoning === '' ? {} : { reasoning }),
    toolCalls: Object.freeze(blocks.filter(({ type }) => type === 'tool_use').map(decodeToolCall)),
    finishReason: finishReasonOf(wire.stop_reason),
    usage: isObject(wire.usage) ? decodeUsage(wire.usage) : undefined,
    raw,
    ...(requestId === undefined ? {} : { requestId }),
    ...(echo === undefined ? {} : { echo }),
  });
}

/** The error that stands where an answer or an event should; undefined when there is none. */
export function findError(body: unknown): ErrorDetail | undefined {
  if (!isObject(body)) return undefined;
  const { type, error } = body as { readonly type?: unknown; readonly error?: unknown };
  return type === 'error' || isPresent(error) ? decodeError(body) : undefined;
}

/** The statuses that the types of errors come with. Inside a 200 there is only the type. */
const STATUS_OF_ERROR: ReadonlyMap<string | undefined, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** Reads `{type: 'error', error: {type, message}}`, and what stands for it on servers in between. */
export function decodeError(body: unknown): ErrorDetail {
  if (typeof body === 'string') return { message: body };
  if (!isObject(body)) return {};
  const { error, message, type } = body as Record<string, unknown>;
  if (isPresent(error)) return decodeError(error);
  const word = type === 'error' ? undefined : wordOf(type);
  return dropUndefined({ message: wordOf(message), type: word, status: STATUS_OF_ERROR.get(word) });
}

/** Our usage: input includes both cache counts. Undefined when the vendor counted nothing. */
function decodeUsage(wire: WireUsage): Usage | undefined {
  const fresh = countOf(wire.input_tokens);
  const output = countOf(wire.output_tokens);
  if (fresh === undefined && output === undefined) return undefined;
  const cached = countOf(wire.cache_read_input_tokens);
  const written = countOf(wire.cache_creation_input_tokens);
  const reasoning = countOf(wire.output_tokens_details?.thinking_tokens);
  const inputTokens = (fresh ?? 0) + (cached ?? 0) + (written ?? 0);
  const outputTokens = output ?? 0;
  return Object.freeze({
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(written === undefined ? {} : { cacheWriteInputTokens: written }),
    ...(reasoning === undefined ? {} : { reasoningTokens: reasoning }),
  });
}

export function createStreamDecoder(requestId: string | undefined, askedModel: string): StreamDecoder {
  return new EventDecoder(requestId, askedModel);
}

/** A block of a stream, as far as it has come. */
interface GrowingBlock {
  readonly block: { -readonly [K in keyof WireBlock]: WireBlock[K] } & { content?: unknown };
  /** What it says, or thinks, where that came in pieces. */
  text: JoinedText | undefined;
  thinking: JoinedText | undefined;
  /** The text of its input. */
  readonly json: JoinedText;
  /** Its place among the calls; undefined when it is none of the caller's tools. */
  readonly toolIndex: number | undefined;
  isOpen: boolean;
}

class EventDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  readonly #askedModel: string;
  readonly #blocks: GrowingBlock[] = [];
  readonly #byIndex = new Map<number, GrowingBlock>();
  #hasStarted = false;
  #toolCount = 0;
  #usage: WireUsage | undefined = undefined;
  #stopReason: string | undefined = undefined;
  #hasStopped = false;
  #fault: string | undefined = undefined;

  constructor(requestId: string | undefined, askedModel: string) {
    this.#requestId = requestId;
    this.#askedModel = askedModel;
  }

  get isEnded(): boolean {
    return this.#hasStopped && this.#stopReason !== undefined;
  }
  get isWhole(): boolean {
    return this.isEnded;
  }
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Pings, and events yet to be invented, say nothing. */
  decode(event: unknown): Chunk[] {
    const wire = event as WireEvent;
    const index = wire.index ?? 0;
    switch (wire.type) {
      case 'message_start':
        return this.#startMessage(wire.message ?? {});
      case 'content_block_start':
        return this.#openBlock(index, wire.content_block ?? {});
      case 'content_block_delta':
        return this.#growBlock(index, wire.delta ?? {});
      case 'content_block_stop': {
        const growing = this.#byIndex.get(index);
        return growing === undefined ? [] : this.#closeBlock(growing);
      }
      case 'message_delta':
        this.#note(wire.delta?.stop_reason, wire.usage);
        return [];
      case 'message_stop':
        this.#hasStopped = true;
        return [];
      default:
        return [];
    }
  }

  finish(): Chunk[] {
    const chunks = this.#blocks.flatMap((growing) => this.#closeBlock(growing));
    const usage = this.#usage === undefined ? undefined : decodeUsage(this.#usage);
    if (usage !== undefined) chunks.push({ kind: 'usage', usage });
    const echo = echoOf(this.#blocks.map(wholeBlock));
    chunks.push({
      kind: 'finish',
      reason: finishReasonOf(this.#stopReason),
      ...(echo === undefined ? {} : { echo }),
    });
    return chunks;
  }

  /** A message may come with blocks, and even with its end, when a program on the server made them. */
  #startMessage(message: WireMessage): Chunk[] {
    if (this.#hasStarted) {
      this.#fault = 'began a second message amid the first';
      return [];
    }
    this.#hasStarted = true;
    this.#note(message.stop_reason, message.usage);
    const id = textOf(message.id);
    const model = textOf(message.model) || this.#askedModel;
    const requestId = this.#requestId;
    const chunks: Chunk[] = [{ kind: 'start', id, model, ...(requestId === undefined ? {} : { requestId }) }];
    objectsOf(message.content).forEach((block, index) => {
      chunks.push(...this.#openBlock(index, block));
    });
    return chunks;
  }

  /** Counts are those of the message so far: a later one corrects an earlier one. */
  #note(stopReason: string | null | undefined, usage: WireUsage | null | undefined): void {
    if (typeof stopReason === 'string') this.#stopReason = stopReason;
    if (!isObject(usage)) return;
    const given = Object.entries(usage).filter(([, value]) => isPresent(value));
    this.#usage = { ...this.#usage, ...Object.fromEntries(given) };
  }

  #openBlock(index: number, wire: WireBlock): Chunk[] {
    const chunks = this.#hasStarted ? [] : this.#startMessage({});
    const toolIndex = wire.type === 'tool_use' ? this.#toolCount++ : undefined;
    const growing: GrowingBlock = {
      block: { ...wire },
      text: undefined,
      thinking: undefined,
      json: new JoinedText(),
      toolIndex,
      isOpen: true,
    };
    this.#blocks.push(growing);
    this.#byIndex.set(index, growing);
    if (toolIndex !== undefined) {
      const { id, name } = decodeToolCall(wire, toolIndex);
      chunks.push({ kind: 'tool-call-start', index: toolIndex, id, name });
    }
    const { text, thinking } = wire;
    if (wire.type === 'text' && textOf(text) !== '') chunks.push({ kind: 'text-delta', text: textOf(text) });
    if (wire.type === 'thinking' && textOf(thinking) !== '')
      chunks.push({ kind: 'reasoning-delta', text: textOf(thinking) });
    return chunks;
  }

  #growBlock(index: number, delta: WireDelta): Chunk[] {
    let growing = this.#byIndex.get(index);
    const chunks: Chunk[] = [];
    if (growing === undefined) {
      chunks.push(...this.#openBlock(index, { type: typeOfDelta(delta) }));
      growing = this.#byIndex.get(index) as GrowingBlock;
    }
    const { block, toolIndex } = growing;
    const piece = textOf(delta.text ?? delta.thinking ?? delta.partial_json);
    switch (delta.type) {
      case 'text_delta':
        growing.text ??= new JoinedText(textOf(block.text));
        growing.text.add(piece);
        if (piece !== '') chunks.push({ kind: 'text-delta', text: piece });
        return chunks;
      case 'thinking_delta':
        growing.thinking ??= new JoinedText(textOf(block.thinking));
        growing.thinking.add(piece);
        if (piece !== '') chunks.push({ kind: 'reasoning-delta', text: piece });
        return chunks;
      case 'input_json_delta':
        growing.json.add(piece);
        if (toolIndex !== undefined && piece !== '')
          chunks.push({ kind: 'tool-call-delta', index: toolIndex, arguments: piece });
        return chunks;
      case 'signature_delta':
        block.signature = textOf(delta.signature);
        return chunks;
      case 'citations_delta':
        block.citations = [...(block.citations ?? []), delta.citation];
        return chunks;
      case 'compaction_delta':
        block.content = delta.content;
        return chunks;
      default:
        return chunks;
    }
  }

  #closeBlock(growing: GrowingBlock): Chunk[] {
    if (!growing.isOpen) return [];
    growing.isOpen = false;
    const { block, toolIndex } = growing;
    const json = growing.json.read();
    const hasText = json.trim() !== '';
    if (hasText) block.input = toolInputOf(json);
    if (toolIndex === undefined) return [];
    const end: Chunk = { kind: 'tool-call-end', index: toolIndex };
    if (hasText) return [end];
    // No text is the text of no arguments, or of those that came with the block.
    const { arguments: text } = decodeToolCall(block, toolIndex);
    return [{ kind: 'tool-call-delta', index: toolIndex, arguments: text }, end];
  }
}

function wholeBlock({ block, text, thinking }: GrowingBlock): WireBlock {
  return {
    ...block,
    ...(text === undefined ? {} : { text: text.read() }),
    ...(thinking === undefined ? {} : { thinking: thinking.read() }),
  };
}

function typeOfDelta({ type }: WireDelta): string {
  return type === 'thinking_delta' ? 'thinking' : type === 'text_delta' ? 'text' : 'unknown';
}

/** Text and calls can be said again from the message itself; thoughts and what the server's tools did cannot. */
function echoOf(blocks: readonly WireBlock[]): Echo | undefined {
  if (blocks.every(isPlain)) return undefined;
  return Object.freeze({ format: ECHO_FORMAT, data: Object.freeze([...blocks]) });
}

function isPlain({ type, caller }: WireBlock): boolean {
  return type === 'text' || (type === 'tool_use' && (!isObject(caller) || caller.type === 'direct'));
}

function finishReasonOf(wire: string | null | undefined): FinishReason {
  switch (wire) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'tool_use':
      return 'tool-calls';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'content-filter';
    default:
      // Among them 'pause_turn': the server's tools are not done, and the same conversation sent again goes on.
      return 'other';
  }
}

function decodeToolCall({ id, name, input }: WireBlock, index: number): ToolCall {
  const text = JSON.stringify(isObject(input) ? input : {});
  return Object.freeze({ id: textOf(id) || `call_${index}`, name: textOf(name), arguments: text });
}
