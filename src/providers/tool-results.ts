/**
 * Tool messages by the call they answer, for formats that know a call by its function's name and not by its id. Where
 * there is no id, results of parallel calls are told apart by their order, so they are put into that of the calls.
 */
import type { Message } from '../protocol/chat.js';

export interface ToolResult {
  readonly message: Message;
  /** Place of the tool message in the conversation. */
  readonly at: number;
  /** The function's name; the message's own where no call before it has the id, undefined where it has none. */
  readonly name: string | undefined;
  /** The message that made the call, and the call's place in it; undefined and 0 where there is none. */
  readonly caller: Message | undefined;
  readonly index: number;
}

/** The run of tool messages that begins at `start`, in the order of the calls. O(messages before), mostly O(run). */
export function toolResultsFrom(messages: readonly Message[], start: number): readonly ToolResult[] {
  const results: ToolResult[] = [];
  for (let at = start; messages[at]?.role === 'tool'; at++) results.push(resultAt(messages, at));
  return results.sort((left, right) => (left.caller === right.caller ? left.index - right.index : 0));
}

/** Ids may come again in later turns: the nearest call before the result is meant. */
function resultAt(messages: readonly Message[], at: number): ToolResult {
  const message = messages[at] as Message;
  for (let before = at - 1; before >= 0; before--) {
    const caller = messages[before];
    const index = caller?.toolCalls?.findIndex(({ id }) => id === message.toolCallId) ?? -1;
    if (index !== -1) return { message, at, name: caller?.toolCalls?.[index]?.name, caller, index };
  }
  return { message, at, name: message.name, caller: undefined, index: 0 };
}
