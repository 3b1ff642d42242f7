/** A client of which at most so many calls run at once; the others wait in line. Guide, LLM Tuning 3. */
import { ConfigError } from '../core/errors.js';
import { printValue } from '../options/option.js';
import type { Chunk, Message } from '../protocol/chat.js';
import { Semaphore } from '../resilience/semaphore.js';
import { streamThrough, type UseStream } from './stream-through.js';
import type { ChatClient, PerCall } from './types.js';

export interface ConnectionPoolClient extends ChatClient {
  /** Calls that run, and calls that wait. */
  readonly active: number;
  readonly waiting: number;
}

/**
 * `connections` from 1. A stream holds its place until it has ended or was left. Sockets are bounded by
 * withConnectionPool; this bounds calls, whatever they use.
 */
export function wrapWithConnectionPool(client: ChatClient, connections: number): ConnectionPoolClient {
  if (!Number.isSafeInteger(connections) || connections < 1) {
    const issue = {
      path: 'connections',
      expected: 'a whole number from 1',
      received: printValue(connections),
      setBy: 'the call',
    };
    throw new ConfigError('wrapWithConnectionPool', [issue]);
  }
  const places = new Semaphore({ permits: connections });

  async function* read(
    messages: readonly Message[],
    perCall: PerCall,
    use: UseStream,
  ): AsyncGenerator<Chunk, void, undefined> {
    const release = await places.acquire(perCall.signal);
    try {
      yield* use(client.stream(messages, perCall));
    } finally {
      release();
    }
  }

  return {
    chat: (messages, perCall = {}) => places.run(() => client.chat(messages, perCall), perCall.signal),
    stream: (messages, perCall = {}) => streamThrough(perCall, (inner, use) => read(messages, inner, use)),
    close() {
      places.close();
      return client.close();
    },
    get active() {
      return places.inUse;
    },
    get waiting() {
      return places.waiting;
    },
  };
}
