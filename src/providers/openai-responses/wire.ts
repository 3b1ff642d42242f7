/**
 * The OpenAI responses format as it is spoken. An answer is a list of items: reasoning, messages, calls. Every field may
 * be missing or null: servers differ. Types only, no code.
 */

/** A part of a message, or of a reasoning item's summary or content. */
export interface WirePart {
  readonly type?: string;
  readonly text?: string | null;
  readonly refusal?: string | null;
}

/** An item of the input or the output. Those of tools that run at the vendor have fields of their own. */
export interface WireItem {
  readonly type?: string;
  readonly id?: string | null;
  readonly content?: readonly WirePart[] | string | null;
  readonly summary?: readonly WirePart[] | null;
  readonly encrypted_content?: string | null;
  readonly call_id?: string | null;
  readonly name?: string | null;
  readonly arguments?: string | object | null;
}

export interface WireUsage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly total_tokens?: number | null;
  readonly input_tokens_details?: {
    readonly cached_tokens?: number | null;
    readonly cache_write_tokens?: number | null;
  } | null;
  readonly output_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
}

/** A whole answer; the last event of a stream holds one as well. */
export interface WireResponse {
  readonly id?: string | null;
  readonly model?: string | null;
  readonly status?: string | null;
  readonly incomplete_details?: { readonly reason?: string | null } | null;
  readonly output?: readonly WireItem[] | null;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
}

/** An event of a stream. */
export interface WireEvent {
  readonly type?: string;
  readonly response?: WireResponse | null;
  readonly output_index?: number | null;
  /** Some servers give an item another id in each event; its index stays. */
  readonly item_id?: string | null;
  readonly summary_index?: number | null;
  readonly content_index?: number | null;
  readonly item?: WireItem | null;
  readonly delta?: string | null;
  readonly error?: unknown;
}
