/**
 * Which of many requests belong together. Three names tell: who share a `group` are asked in the same way, who share a
 * `nearby` name ask nearly the same, who share an `exact` name ask the same. Only the last may share an answer.
 */
import type { Message } from '../../protocol/chat.js';
import { snapshot } from '../call.js';
import { canonicalJson } from '../key.js';
import type { PerCall } from '../types.js';

/** A request that shares nothing with what its caller passed. */
export interface Gathered {
  readonly messages: readonly Message[];
  /** Without its signal. */
  readonly perCall: Omit<PerCall, 'signal'>;
  readonly group: string;
  readonly nearby: string;
  /** Undefined: it is not to be joined with others (`cache: false`). */
  readonly exact: string | undefined;
}

/** O(request). Throws a ConfigError for what no JSON can say. */
export function gather(messages: readonly Message[], { signal, ...rest }: PerCall): Gathered {
  const ownMessages = snapshot(messages, 'messages');
  const perCall = snapshot(rest, 'perCall');
  const group = canonicalJson(perCall);
  const exact = perCall.cache === false ? undefined : `${group}${canonicalJson(ownMessages)}`;
  return { messages: ownMessages, perCall, group, nearby: canonicalJson(ownMessages.map(nearlyAs)), exact };
}

/**
 * The order in which a batch is sent: groups by their first request, in a group near-duplicates side by side, and otherwise
 * as they came. O(items).
 */
export function sideBySide<T extends Gathered>(items: Iterable<T>): T[] {
  const groups = new Map<string, Map<string, T[]>>();
  for (const item of items) {
    const group = groups.get(item.group) ?? new Map<string, T[]>();
    groups.set(item.group, group);
    const alike = group.get(item.nearby);
    if (alike === undefined) group.set(item.nearby, [item]);
    else alike.push(item);
  }
  return Array.from(groups.values(), (group) => [...group.values()].flat()).flat();
}

/** The message but for the spelling of its texts. */
function nearlyAs(message: Message): Message {
  const { content } = message;
  if (typeof content === 'string') return { ...message, content: plain(content) };
  return {
    ...message,
    content: content.map((part) => (part.kind === 'text' ? { ...part, text: plain(part.text) } : part)),
  };
}

/**
 * The text in Unicode's compatibility form (NFKC) and in lower case, every run of white space one space, none at its ends.
 * Punctuation counts.
 */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
