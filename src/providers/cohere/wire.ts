/**
 * Cohere's chat and embed formats, version 2, as they are spoken. Every field of an answer is optional and may be null:
 * servers that copy the format differ. Types only, no code.
 */

export interface WireTokens {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
}

export interface WireUsage {
  /** What the model read and wrote, with the words that the vendor puts around a request. */
  readonly tokens?: WireTokens | null;
  /** What is charged for. */
  readonly billed_units?: WireTokens | null;
  /** Of the tokens read. */
  readonly cached_tokens?: number | null;
}

/** A part of a message's content. */
export interface WireContent {
  readonly type?: string;
  readonly text?: string | null;
  readonly thinking?: string | null;
}

export interface WireToolCall {
  readonly id?: string | null;
  /** Arguments are JSON text; 'null', null or '' where there are none. */
  readonly function?: { readonly name?: string | null; readonly arguments?: string | null } | null;
}

export interface WireMessage {
  readonly content?: readonly WireContent[] | null;
  /** What the model means to do with its calls. */
  readonly tool_plan?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
}

export interface WireAnswer {
  readonly id?: string | null;
  readonly message?: WireMessage | null;
  readonly finish_reason?: string | null;
  readonly usage?: WireUsage | null;
}

/** What an event adds: one part where a message has a list. */
export interface WireDelta {
  readonly message?: {
    readonly content?: WireContent | null;
    readonly tool_plan?: string | null;
    readonly tool_calls?: WireToolCall | null;
  } | null;
  readonly finish_reason?: string | null;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
}

export interface WireEvent {
  readonly type?: string;
  readonly id?: string | null;
  /** Of the call, or of the part of the content. */
  readonly index?: number | null;
  readonly delta?: WireDelta | null;
}

export interface WireEmbedAnswer {
  readonly embeddings?: { readonly float?: readonly (readonly number[])[] | null } | null;
  readonly meta?: { readonly billed_units?: WireTokens | null } | null;
}

/** What goes back with a message that made calls, as it came. */
export interface EchoData {
  readonly tool_plan?: string;
  readonly thinking?: string;
}
