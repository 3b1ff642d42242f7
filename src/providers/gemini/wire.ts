/**
 * The Gemini API (generateContent, v1beta) as it is spoken. A whole answer and an event of a stream have one shape. Every
 * field may be absent or null: types and vocabulary only, no code.
 */

/** A place in a call's arguments and what belongs there, when arguments are streamed. */
export interface WirePartialArg {
  readonly jsonPath?: string | null;
  readonly stringValue?: string | null;
  readonly numberValue?: number | null;
  readonly boolValue?: boolean | null;
  readonly nullValue?: string | null;
}

export interface WireFunctionCall {
  readonly id?: string | null;
  /** Absent in the later parts of a call whose arguments are streamed. */
  readonly name?: string | null;
  readonly args?: object | null;
  readonly partialArgs?: readonly WirePartialArg[] | null;
  readonly willContinue?: boolean | null;
}

export interface WirePart {
  readonly text?: string | null;
  /** The text is a summary of thoughts. */
  readonly thought?: boolean | null;
  readonly functionCall?: WireFunctionCall | null;
  readonly thoughtSignature?: string | null;
}

export interface WireCandidate {
  readonly index?: number | null;
  readonly content?: { readonly parts?: readonly WirePart[] | null } | null;
  readonly finishReason?: string | null;
}

export interface WireUsage {
  readonly promptTokenCount?: number | null;
  /** What built-in tools read, beside the prompt. */
  readonly toolUsePromptTokenCount?: number | null;
  readonly cachedContentTokenCount?: number | null;
  /** Without thoughts. */
  readonly candidatesTokenCount?: number | null;
  readonly thoughtsTokenCount?: number | null;
  readonly totalTokenCount?: number | null;
}

export interface WireAnswer {
  readonly responseId?: string | null;
  readonly modelVersion?: string | null;
  readonly candidates?: readonly WireCandidate[] | null;
  readonly promptFeedback?: { readonly blockReason?: string | null } | null;
  readonly usageMetadata?: WireUsage | null;
  readonly error?: unknown;
}

/** What is said with every part of an answer, beside what our vocabulary keeps: the data of an Echo of this format. */
export type EchoPart =
  /** So many UTF-16 units of the text. */
  | { readonly textLength: number; readonly thoughtSignature?: string }
  /** The call at this place, with the id the API gave it, if it gave one. */
  | { readonly call: number; readonly id?: string; readonly thoughtSignature?: string };

export const ECHO_FORMAT = 'gemini';
