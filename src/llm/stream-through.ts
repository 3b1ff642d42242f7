/** The stream of a client that wraps others: what `read` yields, with the final answer of the last stream it used. */
import { SherdError } from '../core/errors.js';
import type { Chunk } from '../protocol/chat.js';
import { linkAbort } from '../resilience/abort.js';
import { LiveChatStream } from './chat-stream.js';
import type { ChatStream, PerCall } from './types.js';

/** Notes which stream the chunks come from, and gives it back. */
export type UseStream = (stream: ChatStream) => ChatStream;

/** `read` runs at the first next(); the signal of its PerCall also aborts when the stream is left. */
export function streamThrough(
  perCall: PerCall,
  read: (perCall: PerCall, use: UseStream) => AsyncIterable<Chunk>,
): ChatStream {
  return new LiveChatStream(() => {
    const controller = new AbortController();
    const unlink = linkAbort(perCall.signal, controller);
    let used: ChatStream | undefined;
    const use: UseStream = (stream) => {
      used = stream;
      return stream;
    };
    return {
      chunks: read({ ...perCall, signal: controller.signal }, use),
      respond: () => used?.final() ?? Promise.reject(new SherdError('no stream was used', { code: 'ERR_INVARIANT' })),
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      end: unlink,
    };
  });
}
