/**
 * Anthropic's Messages format as it is spoken. Every field of an answer is optional and may be null: servers that copy
 * the format differ. Blocks and deltas of kinds that are not named here pass through unread. Types only, no code.
 */

/** Counts of a message so far, not what an event adds. `input_tokens` holds neither of the two cache counts. */
export interface WireUsage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null } | null;
}

/** A piece of a message: text, a thought, a call, or what a tool of the server's did. */
export interface WireBlock {
  readonly type?: string;
  readonly text?: string | null;
  readonly thinking?: string | null;
  readonly signature?: string | null;
  readonly id?: string;
  readonly name?: string;
  /** An object, never text. In a stream it comes as text, piece by piece. */
  readonly input?: unknown;
  /** Who made the call: the model ('direct'), or a program that it runs on the server. */
  readonly caller?: { readonly type?: string } | null;
  readonly citations?: readonly unknown[] | null;
}

export interface WireMessage {
  readonly type?: string;
  readonly id?: string | null;
  readonly model?: string | null;
  readonly content?: readonly WireBlock[] | null;
  readonly stop_reason?: string | null;
  readonly usage?: WireUsage | null;
}

export interface WireDelta {
  readonly type?: string;
  readonly text?: string | null;
  readonly thinking?: string | null;
  readonly signature?: string | null;
  readonly partial_json?: string | null;
  readonly citation?: unknown;
  /** Of a summary of what went before. */
  readonly content?: unknown;
  readonly stop_reason?: string | null;
}

export interface WireEvent {
  readonly type?: string;
  readonly message?: WireMessage | null;
  /** Of the block in its message. */
  readonly index?: number | null;
  readonly content_block?: WireBlock | null;
  readonly delta?: WireDelta | null;
  readonly usage?: WireUsage | null;
}
