/** A client behind one circuit breaker of its own, whatever it asks inside. Guide, Advanced 4. */
import { type Clock, systemClock } from '../core/clock.js';
import { ConfigError } from '../core/errors.js';
import type { Chunk, Message } from '../protocol/chat.js';
import { CircuitBreaker, type CircuitPermit, type CircuitState } from '../resilience/circuit-breaker.js';
import { breakerSettings, type CircuitBreakerInput } from './breaker-options.js';
import { isHealthFailure } from './breakers.js';
import type { CircuitBreakerSettings } from './config.js';
import { llmFields } from './fields.js';
import { streamThrough, type UseStream } from './stream-through.js';
import type { ChatClient, PerCall } from './types.js';

export type CircuitBreakerClientOptions = CircuitBreakerInput & {
  /** Default: the process's. */
  readonly clock?: Clock;
};

export interface CircuitBreakerClient extends ChatClient {
  readonly state: CircuitState['kind'];
  /** Counts a failure seen elsewhere. */
  recordFailure(): void;
  /** Closes the circuit and forgets all failures. */
  reset(): void;
}

/** Calls reject with a CircuitOpenError while the circuit is open. Throws a ConfigError for illegal settings. */
export function createCircuitBreaker(
  client: ChatClient,
  options: CircuitBreakerClientOptions = {},
): CircuitBreakerClient {
  const { clock = systemClock, ...settings } = options;
  const breaker = new CircuitBreaker({ ...checked(settings), clock, name: 'the client' });

  function judge(error: unknown, permit: CircuitPermit, { signal }: PerCall): void {
    if (signal?.aborted !== true && isHealthFailure(error)) permit.fail();
    else permit.release();
  }
  async function* read(
    messages: readonly Message[],
    perCall: PerCall,
    use: UseStream,
  ): AsyncGenerator<Chunk, void, undefined> {
    const permit = breaker.acquire();
    try {
      yield* use(client.stream(messages, perCall));
      permit.succeed();
    } catch (error) {
      judge(error, permit, perCall);
      throw error;
    } finally {
      permit.release();
    }
  }

  return {
    async chat(messages, perCall = {}) {
      const permit = breaker.acquire();
      try {
        const response = await client.chat(messages, perCall);
        permit.succeed();
        return response;
      } catch (error) {
        judge(error, permit, perCall);
        throw error;
      }
    },
    stream: (messages, perCall = {}) => streamThrough(perCall, (inner, use) => read(messages, inner, use)),
    close: () => client.close(),
    get state() {
      return breaker.state.kind;
    },
    recordFailure: () => breaker.recordFailure(),
    reset: () => breaker.reset(),
  };
}

function checked(input: CircuitBreakerInput): CircuitBreakerSettings {
  const parsed = llmFields.circuitBreaker.type.parse(breakerSettings(input));
  if (parsed.ok && parsed.value !== undefined) return parsed.value;
  throw new ConfigError('circuit breaker settings', parsed.ok ? [] : (parsed.nested ?? []));
}
