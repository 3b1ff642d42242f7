/** A batch that is put together request by request, then asked as a whole or for its first answer. */
import { ConfigError, isProviderError, isSherdError, ProviderError } from '../../core/errors.js';
import { createSharedAbort, linkAbort } from '../../resilience/abort.js';
import { eachOf } from '../../resilience/each-of.js';
import type { BatchRequest, ChatBatch, ChatClient, ChatResponse } from '../types.js';
import { ask, batchChat } from './batch-chat.js';
import { concurrencyType, DEFAULT_CONCURRENCY, parseSettings } from './settings.js';

export function createChatBatch(client: ChatClient): ChatBatch {
  const requests: BatchRequest[] = [];
  let atOnce = DEFAULT_CONCURRENCY;

  const batch: ChatBatch = {
    get size() {
      return requests.length;
    },
    add(messages, perCall) {
      requests.push(perCall === undefined ? { messages } : { messages, perCall });
      return batch;
    },
    addAll(more) {
      requests.push(...more);
      return batch;
    },
    concurrency(concurrency) {
      atOnce = parseSettings('batch().concurrency', concurrencyType, concurrency);
      return batch;
    },
    execute: (options = {}) => batchChat(client, [...requests], { ...options, concurrency: atOnce }),
    executeFirst: ({ signal } = {}) => firstAnswer(client, [...requests], atOnce, signal),
  };
  return batch;
}

/** The first answer of any; the signal's reason on abort. Nobody waits for those that lose. */
function firstAnswer(
  client: ChatClient,
  requests: readonly BatchRequest[],
  concurrency: number,
  signal: AbortSignal | undefined,
): Promise<ChatResponse> {
  return new Promise((resolve, reject) => {
    if (requests.length === 0) throw emptyBatch();
    signal?.throwIfAborted();
    const contest = createSharedAbort();
    const unlink = linkAbort(signal, contest);
    const errors: unknown[] = [];

    async function enter(request: BatchRequest): Promise<void> {
      if (contest.signal.aborted) return;
      try {
        const response = await ask(client, request, contest.signal);
        resolve(response);
        contest.abort();
      } catch (error) {
        errors.push(error);
      }
    }
    void eachOf(requests, concurrency, enter).then(() => {
      unlink();
      // Without effect once somebody has won.
      reject(signal?.aborted ? signal.reason : allFailed(errors));
    });
  });
}

function emptyBatch(): ConfigError {
  const issue = { path: 'requests', expected: 'at least one request, by add()', received: 'none', setBy: 'the call' };
  return new ConfigError('batch().executeFirst', [issue]);
}

function allFailed(errors: readonly unknown[]): ProviderError {
  const last = errors.at(-1);
  return new ProviderError(`all ${errors.length} requests of the batch failed`, {
    code: 'ERR_BATCH_ALL_FAILED',
    provider: isProviderError(last) ? last.provider : undefined,
    retryable: errors.some((error) => isSherdError(error) && error.retryable),
    attempts: errors.flatMap((error) => (isProviderError(error) ? error.attempts : [])),
    cause: Object.freeze([...errors]),
  });
}
