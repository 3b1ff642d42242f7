/**
 * Two clients in tiers: simple questions go to the first, complex ones to the second, and what the first fails is asked of
 * the second, as long as nothing of an answer has been handed out. It caches and retries nothing itself.
 */
import { isSherdError } from '../core/errors.js';
import type { Chunk, Message } from '../protocol/chat.js';
import { mayFallBack } from './failures.js';
import { streamThrough, type UseStream } from './stream-through.js';
import type { ChatClient, PerCall } from './types.js';

/** True for messages that want the second client. */
export type ComplexityChecker = (messages: readonly Message[]) => boolean;

export interface TieredOptions {
  /** Asks the second client when the first has failed. Default true. */
  readonly escalateOnError?: boolean;
}

export interface TieredStats {
  /** Calls that went to the primary, and those that went to the fallback at once. */
  readonly simple: number;
  readonly complex: number;
  /** Simple calls that the primary failed, so that the fallback was asked. */
  readonly escalated: number;
}

export interface TieredClient extends ChatClient {
  stats(): TieredStats;
}

const COMPLEX_CHARACTERS = 1000;

/** The rule of the original's best practices: more than 1,000 characters, or the word "analyze". System prompts aside. */
export function isComplexQuestion(messages: readonly Message[]): boolean {
  const texts = messages.filter(({ role }) => role !== 'system').map(textOf);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return characters > COMPLEX_CHARACTERS || texts.some((text) => /\banaly[sz]e/i.test(text));
}

/** close() closes both clients. Guide, LLM Tuning 5. */
export function createTieredClient(
  primary: ChatClient,
  fallback: ChatClient,
  complexityChecker: ComplexityChecker = isComplexQuestion,
  { escalateOnError = true }: TieredOptions = {},
): TieredClient {
  const stats = { simple: 0, complex: 0, escalated: 0 };

  function choose(messages: readonly Message[]): ChatClient {
    const isComplex = complexityChecker(messages);
    stats[isComplex ? 'complex' : 'simple']++;
    return isComplex ? fallback : primary;
  }
  /** Counts the escalation when there is to be one. */
  function escalates(error: unknown, asked: ChatClient, { signal }: PerCall): boolean {
    const may =
      escalateOnError && asked === primary && signal?.aborted !== true && isSherdError(error) && mayFallBack(error);
    if (may) stats.escalated++;
    return may;
  }
  async function* read(
    messages: readonly Message[],
    perCall: PerCall,
    use: UseStream,
  ): AsyncGenerator<Chunk, void, undefined> {
    const asked = choose(messages);
    let hasLeft = false;
    try {
      for await (const chunk of use(asked.stream(messages, perCall))) {
        hasLeft = true;
        yield chunk;
      }
      return;
    } catch (error) {
      if (hasLeft || !escalates(error, asked, perCall)) throw error;
    }
    yield* use(fallback.stream(messages, perCall));
  }

  return {
    async chat(messages, perCall = {}) {
      const asked = choose(messages);
      try {
        return await asked.chat(messages, perCall);
      } catch (error) {
        if (!escalates(error, asked, perCall)) throw error;
        return fallback.chat(messages, perCall);
      }
    },
    stream: (messages, perCall = {}) => streamThrough(perCall, (inner, use) => read(messages, inner, use)),
    stats: () => ({ ...stats }),
    async close() {
      await Promise.all([primary.close(), fallback.close()]);
    },
  };
}

function textOf({ content }: Message): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
}
