/**
 * Many questions to any client: so many at once, every result in its place. It joins nothing and caches nothing itself:
 * the client does, for equal requests as for all others.
 */
import { ConfigError } from '../../core/errors.js';
import { callback, word } from '../../options/value-type.js';
import { createSharedAbort, linkAbort } from '../../resilience/abort.js';
import { eachOf } from '../../resilience/each-of.js';
import { printKind } from '../call.js';
import { groupOf, isRecord } from '../setting-types.js';
import type { BatchOptions, BatchRequest, BatchResult, ChatClient, ChatResponse } from '../types.js';
import { concurrencyType, DEFAULT_CONCURRENCY, parseSettings, signalType } from './settings.js';

const optionsType = groupOf<BatchSettings>('an object of batch options', {
  concurrency: { type: concurrencyType, fallback: DEFAULT_CONCURRENCY },
  errorPolicy: { type: word('continue', 'fail-fast'), fallback: 'continue' },
  signal: { type: signalType, fallback: undefined },
  onProgress: { type: callback('(progress) => void'), fallback: undefined },
});

interface BatchSettings {
  readonly concurrency: number;
  readonly errorPolicy: 'continue' | 'fail-fast';
  readonly signal: AbortSignal | undefined;
  readonly onProgress: BatchOptions['onProgress'];
}

/** As Client.batchChat, for any client. Guide, Advanced 3. */
export async function batchChat(
  client: ChatClient,
  requests: readonly BatchRequest[],
  options: BatchOptions = {},
): Promise<readonly BatchResult[]> {
  const settings = parseSettings('batchChat', optionsType, options);
  checkRequests('batchChat', requests);
  const { concurrency, errorPolicy, signal, onProgress } = settings;
  signal?.throwIfAborted();
  const batch = createSharedAbort();
  const unlink = linkAbort(signal, batch);
  const results: BatchResult[] = new Array(requests.length);
  let done = 0;
  let failed = 0;

  async function resultOf(request: BatchRequest): Promise<BatchResult> {
    try {
      return { ok: true, response: await ask(client, request, batch.signal) };
    } catch (error) {
      batch.signal.throwIfAborted();
      if (errorPolicy === 'fail-fast') throw error;
      failed++;
      return { ok: false, error };
    }
  }
  async function work(request: BatchRequest, index: number): Promise<void> {
    try {
      batch.signal.throwIfAborted();
      results[index] = await resultOf(request);
      onProgress?.({ done: ++done, failed, total: requests.length });
    } catch (error) {
      // The others end now, and nobody waits for them in vain.
      batch.abort(error);
      throw error;
    }
  }
  try {
    await eachOf(requests, concurrency, work);
    return results;
  } finally {
    unlink();
  }
}

/** One request of a batch, ended by its own signal or by that of the batch. */
export async function ask(
  client: ChatClient,
  { messages, perCall }: BatchRequest,
  batch: AbortSignal,
): Promise<ChatResponse> {
  const own: unknown = perCall?.signal;
  if (own === undefined) return client.chat(messages, { ...perCall, signal: batch });
  // The client says what is wrong with it.
  if (!(own instanceof AbortSignal)) return client.chat(messages, perCall);
  const either = new AbortController();
  const unlinks = [linkAbort(own, either), linkAbort(batch, either)];
  try {
    return await client.chat(messages, { ...perCall, signal: either.signal });
  } finally {
    for (const unlink of unlinks) unlink();
  }
}

/** Throws a ConfigError for what is no list of requests; what is wrong with one of them is its own result. */
export function checkRequests(subject: string, requests: readonly BatchRequest[]): void {
  const expected = 'a list of { messages, perCall? }';
  const refuse = (
    path: string,
    received: unknown,
  ): { path: string; expected: string; received: string; setBy: string } => ({
    path,
    expected,
    received: printKind(received),
    setBy: 'the call',
  });
  if (!Array.isArray(requests)) throw new ConfigError(subject, [refuse('requests', requests)]);
  const issues = requests.flatMap((request: unknown, i) =>
    isRecord(request) ? [] : [refuse(`requests[${i}]`, request)],
  );
  if (issues.length > 0) throw new ConfigError(subject, issues);
}
