/**
 * Chunks to a whole answer and back. The recorder, final() and replay use it, so a stream and a whole answer can never
 * tell two stories. Invariant: assembling the chunks of an answer gives that answer again, without `raw`.
 */
import { assertNever } from '../core/assert.js';
import { StreamTruncatedError } from '../core/errors.js';
import { JoinedText } from '../core/joined-text.js';
import type { Chunk, Echo, FinishReason, ProviderAnswer, ToolCall, Usage } from './chat.js';

export interface AnswerAssembler {
  /** Takes the next chunk. O(its length). */
  add(chunk: Chunk): void;
  /** The answer so far came to a clean end: a `finish` or a `response` chunk was added. */
  readonly isComplete: boolean;
  /** The whole answer, frozen. Throws a StreamTruncatedError when no clean end was seen. */
  answer(): ProviderAnswer;
}

export function createAnswerAssembler(): AnswerAssembler {
  return new Assembler();
}

/** The chunks a stream of this answer would have had, in the order of a real one; text and arguments each in one piece. */
export function answerToChunks(answer: ProviderAnswer): readonly Chunk[] {
  const { id, model, requestId } = answer;
  const chunks: Chunk[] = [{ kind: 'start', id, model, ...(requestId === undefined ? {} : { requestId }) }];
  if (answer.reasoning !== undefined) chunks.push({ kind: 'reasoning-delta', text: answer.reasoning });
  if (answer.text !== '') chunks.push({ kind: 'text-delta', text: answer.text });
  answer.toolCalls.forEach((call, index) => {
    chunks.push({ kind: 'tool-call-start', index, id: call.id, name: call.name });
    if (call.arguments !== '') chunks.push({ kind: 'tool-call-delta', index, arguments: call.arguments });
    chunks.push({ kind: 'tool-call-end', index });
  });
  if (answer.usage !== undefined) chunks.push({ kind: 'usage', usage: answer.usage });
  const { echo } = answer;
  chunks.push({ kind: 'finish', reason: answer.finishReason, ...(echo === undefined ? {} : { echo }) });
  return chunks;
}

class Assembler implements AnswerAssembler {
  #id = '';
  #model = '';
  #requestId: string | undefined = undefined;
  #text = new JoinedText();
  #reasoning: JoinedText | undefined = undefined;
  #usage: Usage | undefined = undefined;
  #finishReason: FinishReason | undefined = undefined;
  #echo: Echo | undefined = undefined;
  #response: ProviderAnswer | undefined = undefined;
  readonly #toolCalls = new Map<
    number,
    { readonly id: string; readonly name: string; readonly arguments: JoinedText }
  >();

  get isComplete(): boolean {
    return this.#response !== undefined || this.#finishReason !== undefined;
  }

  add(chunk: Chunk): void {
    switch (chunk.kind) {
      case 'start':
        this.#id = chunk.id;
        this.#model = chunk.model;
        this.#requestId = chunk.requestId;
        return;
      case 'text-delta':
        this.#text.add(chunk.text);
        return;
      case 'reasoning-delta':
        this.#reasoning ??= new JoinedText();
        this.#reasoning.add(chunk.text);
        return;
      case 'tool-call-start':
        this.#toolCalls.set(chunk.index, { id: chunk.id, name: chunk.name, arguments: new JoinedText() });
        return;
      case 'tool-call-delta':
        this.#toolCalls.get(chunk.index)?.arguments.add(chunk.arguments);
        return;
      case 'usage':
        this.#usage = chunk.usage;
        return;
      case 'finish':
        this.#finishReason = chunk.reason;
        if (chunk.text !== undefined) this.#text = new JoinedText(chunk.text);
        this.#echo = chunk.echo;
        return;
      case 'response':
        this.#response = chunk.answer;
        return;
      case 'tool-call-end':
      case 'warning':
        return;
      default:
        assertNever(chunk);
    }
  }

  answer(): ProviderAnswer {
    if (this.#response !== undefined) return this.#response;
    if (this.#finishReason === undefined) throw new StreamTruncatedError('the stream ended before it was finished');
    return Object.freeze({
      id: this.#id,
      model: this.#model,
      text: this.#text.read(),
      ...(this.#reasoning === undefined ? {} : { reasoning: this.#reasoning.read() }),
      toolCalls: this.#orderedToolCalls(),
      finishReason: this.#finishReason,
      usage: this.#usage,
      ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
      ...(this.#echo === undefined ? {} : { echo: this.#echo }),
    });
  }

  /** By index: parallel calls may arrive in any order. */
  #orderedToolCalls(): readonly ToolCall[] {
    const entries = [...this.#toolCalls].sort(([left], [right]) => left - right);
    return Object.freeze(entries.map(([, call]) => Object.freeze({ ...call, arguments: call.arguments.read() })));
  }
}
