/** Reads a stream of events as a provider does, without the network: bytes, however they are cut, to one answer. */
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../src/protocol/chat.js';
import { createSseDecoder } from '../../src/protocol/sse.js';
import type { StreamDecoder } from '../../src/providers/wire-format.js';

/** The chunks up to the terminator. Throws when there is none. */
export function decodeChunks(decoder: StreamDecoder, pieces: Iterable<Uint8Array>): Chunk[] {
  const events = createSseDecoder('recorded');
  const chunks: Chunk[] = [];
  for (const piece of pieces) {
    for (const { data, event } of events.push(piece)) {
      chunks.push(...decoder.decode(JSON.parse(data), event));
      if (decoder.fault !== undefined) throw new Error(decoder.fault);
      if (decoder.isEnded) return [...chunks, ...decoder.finish()];
    }
  }
  throw new Error('the stream has no terminator');
}

export function assemble(chunks: readonly Chunk[]): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.answer();
}

/** Pieces of a size, the last one shorter. */
function* slicesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Streams up to this length are cut in two at every byte. */
const SMALL = 2500;

/**
 * The ways a stream is cut: whole, in pieces of one and of more bytes, and in two at every byte; of a long stream only at
 * about 40 places, since the pieces of one byte cut everywhere as well.
 */
export function* cutsOf(bytes: Uint8Array): Generator<Iterable<Uint8Array>> {
  yield [bytes];
  for (const size of [1, 7, 1000]) yield slicesOf(bytes, size);
  const stride = bytes.length <= SMALL ? 1 : Math.ceil(bytes.length / 40);
  for (let at = 1; at < bytes.length; at += stride) yield [bytes.subarray(0, at), bytes.subarray(at)];
}
