/** What is wrong with a request whatever the wire format; a format adds what it cannot say. All at once, before anything is sent. */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import type { ChatRequest } from '../protocol/chat.js';
import type { EmbedRequest } from '../protocol/embedding.js';

/** Throws one ConfigError for these faults and for `own`, those of the format. O(messages and tools). */
export function assertSayable(request: ChatRequest, own: readonly ConfigIssue[] = []): void {
  const issues: ConfigIssue[] = [...own];
  function refuse(path: string, expected: string, received: string): void {
    issues.push({ path, expected, received, setBy: 'the request' });
  }
  request.messages.forEach((message, i) => {
    if (message.role === 'tool' && message.toolCallId === undefined) {
      refuse(`messages[${i}].toolCallId`, 'the id of the call that the tool answers', 'nothing');
    }
    if (message.role !== 'assistant' && message.toolCalls !== undefined) {
      refuse(`messages[${i}].toolCalls`, "calls on an 'assistant' message only", `a message of '${message.role}'`);
    }
  });
  const { tools = [], toolChoice, responseFormat } = request;
  if (typeof toolChoice === 'object' && !tools.some((tool) => tool.name === toolChoice.name)) {
    refuse('toolChoice.name', 'the name of a tool of the request', 'another name');
  }
  if (toolChoice === 'required' && tools.length === 0) refuse('toolChoice', 'tools to choose from', 'none');
  if (responseFormat?.kind === 'json-schema' && responseFormat.schema === undefined) {
    refuse('responseFormat.schema', "a JSON Schema for kind 'json-schema'", 'nothing');
  }
  if (issues.length > 0) throw new ConfigError('chat request', issues);
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
