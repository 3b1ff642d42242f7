/**
 * Tees an answer: chunks go on to the reader at once, and once the stream has come to its clean end the whole answer goes
 * to `store`. The last chunk waits for that end, so whoever has seen it has an answer that was kept.
 */
import { createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import { isEnd } from './chunks.js';

export async function* record(
  chunks: AsyncIterable<Chunk>,
  store: (answer: ProviderAnswer) => void,
): AsyncGenerator<Chunk, void, undefined> {
  const assembler = createAnswerAssembler();
  let last: Chunk | undefined;
  for await (const chunk of chunks) {
    assembler.add(chunk);
    if (isEnd(chunk)) last = chunk;
    else yield chunk;
  }
  if (assembler.isComplete) store(assembler.answer());
  if (last !== undefined) yield last;
}
