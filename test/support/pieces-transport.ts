/** A transport without a network: each request is answered with the pieces that were set last. */
import type { ResponseBody, ResponseHeaders, Transport } from '../../src/transport/transport.js';

export interface PiecesTransport extends Transport {
  /** Of the answer to the next requests: its headers, and its body in the pieces in which it comes. */
  answer: { readonly headers: ResponseHeaders; readonly pieces: Iterable<Uint8Array> };
}

export function createPiecesTransport(origin: string): PiecesTransport {
  const nothing = (): Promise<void> => Promise.resolve();
  const transport: PiecesTransport = {
    origin,
    answer: { headers: {}, pieces: [] },
    request: async () => ({
      status: 200,
      headers: transport.answer.headers,
      body: bodyOf(transport.answer.pieces),
    }),
    prewarm: nothing,
    close: nothing,
  };
  return transport;
}

const END = { done: true, value: undefined } as const;

function bodyOf(pieces: Iterable<Uint8Array>): ResponseBody {
  let iterator: Iterator<Uint8Array> | undefined = pieces[Symbol.iterator]();
  const body: ResponseBody = {
    [Symbol.asyncIterator]: () => body,
    async next() {
      const { done, value } = iterator?.next() ?? END;
      return done === true ? END : { done: false, value };
    },
    async return() {
      body.release();
      return END;
    },
    release() {
      iterator = undefined;
    },
  };
  return body;
}
