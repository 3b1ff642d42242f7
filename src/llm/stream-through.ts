/** The stream of a client that wraps others: what `read` yields, with the final answer of the last stream it used. */
import { SherdError } from '../core/errors.js';
import type { Chunk } from '../protocol/chat.js';
import { linkAbort } from '../resilience/abort.js';
import { LiveChatStream } from './chat-stream.js';
import type { Batch, Reply } from './reply.js';
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
      reply: replyOf(read({ ...perCall, signal: controller.signal }, use)),
      respond: () => used?.final() ?? Promise.reject(new SherdError('no stream was used', { code: 'ERR_INVARIANT' })),
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      end: unlink,
    };
  });
}

/** A stream of chunks as the stages hand on their own. */
async function replyOf(chunks: AsyncIterable<Chunk>): Promise<Reply> {
  const iterator = chunks[Symbol.asyncIterator]();
  async function next(): Promise<IteratorResult<Batch, undefined>> {
    const result = await iterator.next();
    return result.done === true ? DONE : { done: false, value: [result.value] };
  }
  async function leave(): Promise<IteratorResult<Batch, undefined>> {
    await iterator.return?.();
    return DONE;
  }
  const first = await next();
  return { opening: first.value ?? [], rest: first.done === true ? undefined : { next, return: leave } };
}

const DONE = { done: true, value: undefined } as const;
