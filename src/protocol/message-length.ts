/** How long the messages of a request are, for those who do otherwise with long ones. */
import type { Message } from './chat.js';

/** Characters of their texts, images as data URLs and arguments of calls. O(messages). */
export function messagesLength(messages: readonly Message[]): number {
  let length = 0;
  for (const { content, toolCalls } of messages) {
    if (typeof content === 'string') length += content.length;
    else for (const part of content) length += part.kind === 'text' ? part.text.length : part.url.length;
    if (toolCalls !== undefined) for (const call of toolCalls) length += call.arguments.length;
  }
  return length;
}
