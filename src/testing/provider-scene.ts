/** What the upstream of a provider under test is to do, in our words: the subject of the suite says it in its vendor's. Types only. */
import type { ProviderAnswer } from '../protocol/chat.js';

/** One thing that every call of a test meets. */
export type ProviderScene =
  | { readonly kind: 'answer'; readonly answer: SceneAnswer }
  /** Refused with this status, whatever is asked. */
  | {
      readonly kind: 'error';
      readonly status: 401 | 404 | 429 | 500;
      readonly message: string;
      /** Of the 429: how long to wait, as the vendor says it. */
      readonly retryAfterSeconds?: number;
    }
  /** A stream that begins well, with status 200 and this text, and then tells a failure in place of its end. */
  | { readonly kind: 'error-in-stream'; readonly text: string; readonly message: string };

/** Counts are as ours: the input includes what was cached, the output what was thought. */
export type SceneAnswer = Pick<ProviderAnswer, 'text' | 'reasoning' | 'toolCalls' | 'finishReason'> & {
  readonly usage: NonNullable<ProviderAnswer['usage']>;
};

/**
 * What not every upstream can play: an answer with calls of tools or with thoughts; counts of input tokens from the
 * vendor's cache, and of output tokens that were thought; an answer cut at a limit, or stopped by a filter; the refusals;
 * and the error amid a stream.
 */
export type ScenePart =
  | 'tools'
  | 'reasoning'
  | 'cached-tokens'
  | 'reasoning-tokens'
  | 'length'
  | 'content-filter'
  | 'errors'
  | 'error-in-stream';
