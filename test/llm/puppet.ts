/** A provider that the test plays: it notes every call and answers what the play says. */
import { ProviderError } from '../../src/core/errors.js';
import type { Chunk, FinishReason, ProviderAnswer, Usage } from '../../src/protocol/chat.js';
import type { Provider, ProviderCall } from '../../src/providers/provider.js';

export type Play = (call: ProviderCall, index: number) => AsyncIterable<Chunk>;

export interface Puppet extends Provider {
  readonly calls: readonly ProviderCall[];
  /** Calls whose signal has aborted. */
  readonly aborted: number;
}

export const USAGE: Usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };

export function createPuppet(
  play: Play = (call) => speak(call, 'hello there'),
  name = 'puppet',
  endpoint = 'stage',
): Puppet {
  const calls: ProviderCall[] = [];
  return {
    name,
    endpoint,
    body: ({ vendor, ...request }) => ({ ...request, ...vendor }),
    chat: (call) => {
      calls.push(call);
      return play(call, calls.length - 1);
    },
    calls,
    get aborted() {
      return calls.filter(({ signal }) => signal.aborted).length;
    },
  };
}

export function answerOf(text: string, finishReason: FinishReason = 'stop'): ProviderAnswer {
  return { id: 'a1', model: 'echo-1', text, toolCalls: [], finishReason, usage: USAGE };
}

/** The text as a provider would give it: word by word, or whole. */
export async function* speak(call: ProviderCall, text: string, reason: FinishReason = 'stop'): AsyncGenerator<Chunk> {
  if (!call.stream) {
    yield { kind: 'response', answer: answerOf(text, reason) };
    return;
  }
  yield* opening();
  for (const piece of text.match(/\s*\S+/g) ?? []) {
    call.signal.throwIfAborted();
    yield { kind: 'text-delta', text: piece };
  }
  yield { kind: 'usage', usage: USAGE };
  yield { kind: 'finish', reason };
}

export async function* opening(): AsyncGenerator<Chunk> {
  yield { kind: 'start', id: 'a1', model: 'echo-1' };
}

/** Fails at once. */
export async function* fail(
  status: number,
  more: { retryable?: boolean; retryAfterMs?: number } = {},
): AsyncGenerator<Chunk> {
  yield* [];
  throw failure(status, more);
}

export function failure(status: number, more: { retryable?: boolean; retryAfterMs?: number } = {}): ProviderError {
  return new ProviderError(`puppet answered ${status}`, {
    code: 'ERR_PROVIDER_STATUS',
    provider: 'puppet',
    status,
    retryable: status >= 500,
    ...more,
  });
}

/** Says nothing until its signal aborts, then throws the reason. */
export async function* hang({ signal }: ProviderCall): AsyncGenerator<Chunk> {
  yield* [];
  await new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

/** Something that happens when the test says so. */
export function createGate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Lets everything that is ready happen. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The chunks of a stream, to its end. */
export async function collect(stream: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export function textOf(chunks: readonly Chunk[]): string {
  return chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join('');
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (error: unknown) => error,
  );
}
