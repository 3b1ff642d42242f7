/** The reasoning that a vendor of the OpenAI chat format wants to hear again: gathered from an answer, put back into a message. */
import type { Echo, Message } from '../protocol/chat.js';
import type { EchoedField, WireMessage, WireReasoningDetail } from './openai-chat/wire.js';
import { isObject, objectsOf, textOf } from './wire-values.js';

const FORMAT = 'openai-chat';

export interface EchoCollector {
  /** A whole message, or what a stream adds to one. */
  add(message: WireMessage): void;
  /** Undefined when there was nothing to hear again. */
  echo(): Echo | undefined;
}

export function createEchoCollector(fields: readonly EchoedField[]): EchoCollector {
  let content = '';
  const details: WireReasoningDetail[] = [];
  return {
    add(message) {
      if (fields.includes('reasoning_content')) content += textOf(message.reasoning_content);
      if (fields.includes('reasoning_details')) addDetails(details, objectsOf(message.reasoning_details));
    },
    echo() {
      const data = {
        ...(content === '' ? {} : { reasoning_content: content }),
        ...(details.length === 0 ? {} : { reasoning_details: details }),
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

/** Pieces of the same thought become one: its texts are joined, its other fields are those that came last. */
function addDetails(details: WireReasoningDetail[], pieces: readonly WireReasoningDetail[]): void {
  for (const piece of pieces) {
    const last = details.at(-1);
    if (last === undefined || last.type !== piece.type || last.index !== piece.index) details.push(piece);
    else details[details.length - 1] = join(last, piece);
  }
}

const JOINED_FIELDS: readonly string[] = ['text', 'summary', 'data'];

function join(left: WireReasoningDetail, right: WireReasoningDetail): WireReasoningDetail {
  const joined: Record<string, unknown> = { ...left };
  for (const [field, value] of Object.entries(right)) {
    if (value === null || value === undefined) continue;
    joined[field] = JOINED_FIELDS.includes(field) ? textOf(left[field]) + textOf(value) : value;
  }
  return joined;
}
