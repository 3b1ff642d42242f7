/**
 * Ollama's own API (/api/chat) as it is spoken. A whole answer and a line of a stream have one shape. Every field may be
 * absent or null: types only, no code.
 */

export interface WireToolCall {
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: object | string | null } | null;
}

export interface WireMessage {
  readonly content?: string | null;
  readonly thinking?: string | null;
  readonly tool_calls?: readonly WireToolCall[] | null;
}

export interface WireAnswer {
  readonly model?: string | null;
  readonly message?: WireMessage | null;
  /** The last line of a stream, and a whole answer. */
  readonly done?: boolean | null;
  readonly done_reason?: string | null;
  /** Absent when the prompt was still in memory. */
  readonly prompt_eval_count?: number | null;
  readonly eval_count?: number | null;
  readonly error?: unknown;
}

/** The data of an Echo of this format: what the model thought before it called tools. */
export interface EchoData {
  readonly thinking: string;
}

export const ECHO_FORMAT = 'ollama';
