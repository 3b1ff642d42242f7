/** The reasoning that a vendor of the OpenAI chat format wants to hear again: gathered from an answer, put back into a message. */
import { JoinedText } from '../core/joined-text.js';
import type { Echo, Message } from '../protocol/chat.js';
import type { EchoedField, WireMessage, WireReasoningDetail } from './openai-chat/wire.js';
import { isObject, isPresent, objectsOf, textOf } from './wire-values.js';

const FORMAT = 'openai-chat';

export interface EchoCollector {
  /** A whole message, or what a stream adds to one. */
  add(message: WireMessage): void;
  /** Undefined when there was nothing to hear again. */
  echo(): Echo | undefined;
}

export function createEchoCollector(fields: readonly EchoedField[]): EchoCollector {
  const content = new JoinedText();
  const thoughts: Thought[] = [];
  return {
    add(message) {
      if (fields.includes('reasoning_content')) content.add(textOf(message.reasoning_content));
      if (fields.includes('reasoning_details')) addDetails(thoughts, objectsOf(message.reasoning_details));
    },
    echo() {
      const text = content.read();
      const data = {
        ...(text === '' ? {} : { reasoning_content: text }),
        ...(thoughts.length === 0 ? {} : { reasoning_details: thoughts.map((thought) => thought.read()) }),
      };
      return Object.keys(data).length === 0 ? undefined : Object.freeze({ format: FORMAT, data });
    },
  };
}

/** The fields to send with an assistant's message; none when it came from another format. */
export function echoedFields({ echo }: Message, fields: readonly EchoedField[] = []): Record<string, unknown> {
  if (echo?.format !== FORMAT || !isObject(echo.data)) return {};
  const data = echo.data as Record<string, unknown>;
  return Object.fromEntries(fields.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]));
}

function addDetails(thoughts: Thought[], pieces: readonly WireReasoningDetail[]): void {
  for (const piece of pieces) {
    const last = thoughts.at(-1);
    if (last?.isGrownBy(piece) === true) last.add(piece);
    else thoughts.push(new Thought(piece));
  }
}

const JOINED_FIELDS: readonly string[] = ['text', 'summary', 'data'];

/** Pieces of the same thought become one: its texts are joined, its other fields are those that came last. */
class Thought {
  readonly #fields: Record<string, unknown>;
  /** Of the joined fields those that came more than once. */
  readonly #texts = new Map<string, JoinedText>();

  constructor(first: WireReasoningDetail) {
    this.#fields = { ...first };
  }

  isGrownBy({ type, index }: WireReasoningDetail): boolean {
    return this.#fields['type'] === type && this.#fields['index'] === index;
  }

  add(piece: WireReasoningDetail): void {
    for (const [field, value] of Object.entries(piece)) {
      if (!isPresent(value)) continue;
      if (JOINED_FIELDS.includes(field)) this.#textOf(field).add(textOf(value));
      else this.#fields[field] = value;
    }
  }

  read(): WireReasoningDetail {
    const joined: Record<string, unknown> = { ...this.#fields };
    for (const [field, text] of this.#texts) joined[field] = text.read();
    return joined;
  }

  #textOf(field: string): JoinedText {
    const known = this.#texts.get(field);
    if (known !== undefined) return known;
    const text = new JoinedText(textOf(this.#fields[field]));
    this.#texts.set(field, text);
    return text;
  }
}
