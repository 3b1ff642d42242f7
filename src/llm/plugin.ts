/** What a plugin is: somebody's own code on the way of a call. Types only. */
import type { ChatRequest, Chunk, ProviderAnswer } from '../protocol/chat.js';

export interface PluginContext {
  /** Aborts when the caller, the total timeout or close() ends the call. */
  readonly signal: AbortSignal;
  /** The caller reads a stream. */
  readonly isStream: boolean;
}

/** What becomes of a request: it goes on as it was, goes on changed, or is answered here. */
export type PluginVerdict = undefined | { readonly request: ChatRequest } | { readonly answer: ProviderAnswer };

export interface Plugin {
  /** Names the plugin in responses that it answers. Unique among the plugins of a client. */
  readonly name: string;
  /**
   * True: around every upstream attempt, inside the cache. What it changes is no part of the key, and what it makes of an
   * answer is what is stored. Default false: once a call, before the key is made; stored answers go through it, too.
   */
  readonly perAttempt?: boolean;
  /** Told before the request goes on. The request is frozen: a changed one is a new one. */
  beforeRequest?(request: ChatRequest, context: PluginContext): PluginVerdict | Promise<PluginVerdict>;
  /** Told of the whole answer. What it returns takes its place in chat(); of a stream the text has left by then. */
  afterResponse?(
    answer: ProviderAnswer,
    context: PluginContext,
  ): ProviderAnswer | undefined | Promise<ProviderAnswer | undefined>;
  /** Told of every chunk of a stream. What it returns takes the chunk's place. */
  onChunk?(chunk: Chunk, context: PluginContext): Chunk | undefined;
}
