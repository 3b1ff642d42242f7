/**
 * The OpenAI chat format as it is spoken, by OpenAI and by those who copied it. Every field of an answer is optional and
 * may be null: servers differ, and a reader that insists breaks on the next one. Types and quirks only, no code.
 */

import type { ReasoningSettings } from '../../protocol/chat.js';

export type ReasoningEffort = NonNullable<ReasoningSettings['effort']>;
export type EchoedField = 'reasoning_content' | 'reasoning_details';

/** How a vendor of this or the responses format differs from OpenAI. Absent means: as OpenAI. */
export interface OpenAIChatQuirks {
  /** Models that take `max_completion_tokens`, not `max_tokens`, and refuse to be given a temperature. */
  readonly reasoningModels?: RegExp;
  /** The header that carries the key as it is. Default: `authorization`, as a bearer. */
  readonly keyHeader?: string;
  readonly seedField?: 'seed' | 'random_seed';
  /** The word that makes the model call some tool. */
  readonly requiredToolChoice?: 'required' | 'any';
  /** A certain tool is demanded by offering only that one. */
  readonly namedToolChoice?: 'object' | 'only-that-tool';
  /** False: `stream_options` is refused, and the usage comes unasked. */
  readonly streamOptions?: boolean;
  /** What says each effort of reasoning; an effort that is not here the vendor has no word for. Default: `reasoning_effort`. */
  readonly reasoningEfforts?: Readonly<Partial<Record<ReasoningEffort, Readonly<Record<string, unknown>>>>>;
  /** The field, or the field of a field, that bounds the tokens of reasoning. Default: there is none. */
  readonly reasoningTokens?: readonly [field: string, inner?: string];
  /** Fields of an answer's message that must come back with it, or its tool calls are refused. */
  readonly echoes?: readonly EchoedField[];
  /** 'nine-letters': ids of tool calls are 9 letters and digits; those of other vendors are shortened. */
  readonly toolCallIds?: 'nine-letters';
  /** False: the vendor has no embeddings. Default: as OpenAI, up to 2048 texts a call. */
  readonly embedding?: { readonly maxTexts?: number; readonly dimensionsField?: string } | false;
  /** Fields of a request that the vendor has no word for; they are left out, with a warning. */
  readonly unsupported?: readonly ('seed' | 'user' | 'metadata')[];
  /** Streams may end without `[DONE]`: then a finish reason and an orderly end of the body are a clean end. */
  readonly doneOptional?: boolean;
}

export interface WireUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly total_tokens?: number | null;
  readonly prompt_tokens_details?: {
    readonly cached_tokens?: number | null;
    readonly cache_write_tokens?: number | null;
  } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
  /** DeepSeek. */
  readonly prompt_cache_hit_tokens?: number | null;
  /** Kimi. */
  readonly cached_tokens?: number | null;
}

/** Mistral sends content as parts; a thinking part holds parts again. */
export interface WireContentPart {
  readonly type?: string;
  readonly text?: string | null;
  readonly thinking?: string | readonly WireContentPart[] | null;
}

export interface WireToolCall {
  /** Only in streams; Mistral leaves it out. */
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: string | object | null } | null;
}

export interface WireReasoningDetail {
  readonly type?: string;
  readonly index?: number | null;
  readonly [field: string]: unknown;
}

/** A whole message, or what a stream adds to one. */
export interface WireMessage {
  readonly content?: string | readonly WireContentPart[] | null;
  /** DeepSeek, Kimi, xAI. */
  readonly reasoning_content?: string | null;
  /** Groq, OpenRouter. */
  readonly reasoning?: string | null;
  /** OpenRouter: signed or encrypted thoughts, in streams piece by piece. */
  readonly reasoning_details?: readonly WireReasoningDetail[] | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
}

export interface WireChoice {
  readonly index?: number | null;
  readonly message?: WireMessage | null;
  readonly delta?: WireMessage | null;
  readonly finish_reason?: string | null;
  readonly usage?: WireUsage | null;
  readonly error?: unknown;
}

/** A whole answer, or an event of a stream. */
export interface WireAnswer {
  readonly id?: string | null;
  readonly model?: string | null;
  readonly choices?: readonly WireChoice[] | null;
  readonly usage?: WireUsage | null;
  readonly x_groq?: { readonly usage?: WireUsage | null } | null;
  readonly error?: unknown;
}
