/**
 * The vocabulary every provider is translated to and from: messages, requests, chunks, answers, usage.
 * Types only, frozen data; no wire format.
 */

export type Role = 'system' | 'user' | 'assistant' | 'tool';

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}
/** `url` is http(s) or a data: URL. */
export interface ImagePart {
  readonly kind: 'image';
  readonly url: string;
}
export type ContentPart = TextPart | ImagePart;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; may be malformed. */
  readonly arguments: string;
}

/**
 * What a provider wants to hear again, unchanged, with the message it came with: signed thoughts, encrypted reasoning.
 * Plain JSON data; only the wire format that made it reads it.
 */
export interface Echo {
  /** The wire format: a folder of src/providers, or the name of a provider of one's own. */
  readonly format: string;
  readonly data: unknown;
}

export interface Message {
  readonly role: Role;
  readonly content: string | readonly ContentPart[];
  /** On an assistant message: the calls it made. */
  readonly toolCalls?: readonly ToolCall[];
  /** On a tool message: the call it answers. */
  readonly toolCallId?: string;
  readonly name?: string;
  /** On an assistant message: what came with the answer. Other wire formats ignore it. */
  readonly echo?: Echo;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: object;
  readonly strict?: boolean;
}
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export interface ResponseFormat {
  readonly kind: 'text' | 'json' | 'json-schema';
  readonly name?: string;
  readonly schema?: object;
  readonly strict?: boolean;
}

/** How much a model thinks before it answers. What a vendor has no word for is left out, with a warning. */
export interface ReasoningSettings {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'max';
  /** Most tokens of thought. */
  readonly maxTokens?: number;
}

/** One question, complete and provider-independent. Absent means the provider's default. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly tools?: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningSettings;
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Merged verbatim into the upstream body. */
  readonly vendor?: Readonly<Record<string, unknown>>;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

/** Tokens; input includes cached, output includes reasoning. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cachedInputTokens?: number;
  /** Input tokens that the provider put into its own prompt cache; some charge more for them. */
  readonly cacheWriteInputTokens?: number;
  readonly reasoningTokens?: number;
  /** What is charged for, where the provider counts that apart from what the model read and wrote. */
  readonly billedInputTokens?: number;
  readonly billedOutputTokens?: number;
}

/** A whole answer, as the provider finished it. */
export interface ProviderAnswer {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly reasoning?: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage | undefined;
  /** The provider's body (whole answers) or undefined (streams). Unknown fields survive here. */
  readonly raw?: unknown;
  readonly requestId?: string;
  readonly echo?: Echo;
}

export type Chunk =
  | { readonly kind: 'start'; readonly id: string; readonly model: string; readonly requestId?: string }
  | { readonly kind: 'text-delta'; readonly text: string }
  | { readonly kind: 'reasoning-delta'; readonly text: string }
  | { readonly kind: 'tool-call-start'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly kind: 'tool-call-delta'; readonly index: number; readonly arguments: string }
  | { readonly kind: 'tool-call-end'; readonly index: number }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'warning'; readonly message: string }
  /** `text`: the whole text, where the provider says it otherwise than in pieces; the answer holds this one. */
  | { readonly kind: 'finish'; readonly reason: FinishReason; readonly text?: string; readonly echo?: Echo }
  /** A whole answer in one chunk: what a call without streaming yields. */
  | { readonly kind: 'response'; readonly answer: ProviderAnswer };

export function userMessage(content: string | readonly ContentPart[]): Message {
  return Object.freeze({ role: 'user', content });
}
export function systemMessage(content: string): Message {
  return Object.freeze({ role: 'system', content });
}
export function assistantMessage(content: string, toolCalls?: readonly ToolCall[]): Message {
  return Object.freeze(
    toolCalls === undefined ? { role: 'assistant', content } : { role: 'assistant', content, toolCalls },
  );
}
/** The answer as the message that continues its conversation, with what its provider wants to hear again. */
export function answerMessage(answer: Pick<ProviderAnswer, 'text' | 'toolCalls' | 'echo'>): Message {
  const { text, toolCalls, echo } = answer;
  return Object.freeze({
    role: 'assistant',
    content: text,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(echo === undefined ? {} : { echo }),
  });
}
export function toolMessage(toolCallId: string, content: string): Message {
  return Object.freeze({ role: 'tool', content, toolCallId });
}
