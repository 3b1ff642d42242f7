/** What is wrong with a request whatever the wire format; a format adds what it cannot say. All at once, before anything is sent. */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import type { ChatRequest, Message } from '../protocol/chat.js';
import type { EmbedRequest } from '../protocol/embedding.js';

/** Throws one ConfigError for these faults and for `own`, those of the format. O(messages and tools). */
export function assertSayable(request: ChatRequest, own: readonly ConfigIssue[] = NO_ISSUES): void {
  const { messages, tools, toolChoice, responseFormat } = request;
  const isPlain = tools === undefined && toolChoice === undefined && responseFormat === undefined;
  // Nearly every request, and every one that the cache answers, so nothing is made for it.
  if (own.length === 0 && isPlain && messages.every(isPlainMessage)) return;
  const issues = [...own, ...messages.flatMap(messageIssues), ...toolIssues(request)];
  if (issues.length > 0) throw new ConfigError('chat request', issues);
}

const NO_ISSUES: readonly ConfigIssue[] = Object.freeze([]);

function isPlainMessage({ role, toolCalls }: Message): boolean {
  return role !== 'tool' && toolCalls === undefined;
}

function messageIssues({ role, toolCalls, toolCallId }: Message, i: number): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  if (role === 'tool' && toolCallId === undefined) {
    issues.push(issue(`messages[${i}].toolCallId`, 'the id of the call that the tool answers', 'nothing'));
  }
  if (role !== 'assistant' && toolCalls !== undefined) {
    issues.push(issue(`messages[${i}].toolCalls`, "calls on an 'assistant' message only", `a message of '${role}'`));
  }
  return issues;
}

function toolIssues({ tools = [], toolChoice, responseFormat }: ChatRequest): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  if (typeof toolChoice === 'object' && !tools.some((tool) => tool.name === toolChoice.name)) {
    issues.push(issue('toolChoice.name', 'the name of a tool of the request', 'another name'));
  }
  if (toolChoice === 'required' && tools.length === 0) {
    issues.push(issue('toolChoice', 'tools to choose from', 'none'));
  }
  if (responseFormat?.kind === 'json-schema' && responseFormat.schema === undefined) {
    issues.push(issue('responseFormat.schema', "a JSON Schema for kind 'json-schema'", 'nothing'));
  }
  return issues;
}

function issue(path: string, expected: string, received: string): ConfigIssue {
  return { path, expected, received, setBy: 'the request' };
}

/** Throws one ConfigError for a request that no model can answer, or that holds more texts than one call may. O(texts). */
export function assertEmbeddable({ texts, dimensions }: EmbedRequest, maxTexts: number = Infinity): void {
  const issues: ConfigIssue[] = [];
  const setBy = 'the request';
  if (texts.length === 0 || texts.length > maxTexts) {
    const expected = Number.isFinite(maxTexts) ? `1 to ${maxTexts} texts` : 'at least one text';
    issues.push({ path: 'texts', expected, received: String(texts.length), setBy });
  }
  texts.forEach((text, i) => {
    if (text === '') issues.push({ path: `texts[${i}]`, expected: 'a text that is not empty', received: "''", setBy });
  });
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions > 0)) {
    issues.push({ path: 'dimensions', expected: 'a whole number from 1', received: String(dimensions), setBy });
  }
  if (issues.length > 0) throw new ConfigError('embedding request', issues);
}
