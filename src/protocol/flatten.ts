/** Chunks one by one, whether they came so or as lists of what came at once. */
import type { Chunk } from './chat.js';

export async function* flatten(
  source: AsyncIterable<Chunk | readonly Chunk[]>,
): AsyncGenerator<Chunk, void, undefined> {
  for await (const given of source) {
    if (isChunk(given)) yield given;
    else yield* given;
  }
}

function isChunk(given: Chunk | readonly Chunk[]): given is Chunk {
  return !Array.isArray(given);
}
