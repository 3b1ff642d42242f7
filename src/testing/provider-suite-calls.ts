/** What the tests of the provider suite share: a key to look for, and reading what a call yields. */
import { createAnswerAssembler } from '../protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../protocol/chat.js';
import { flatten } from '../protocol/flatten.js';

/** An API key that must show nowhere. */
export const CANARY = 'sk-canary-4f1c0a9e7d';

export async function collect(chunks: AsyncIterable<Chunk | readonly Chunk[]>): Promise<Chunk[]> {
  const all: Chunk[] = [];
  for await (const chunk of flatten(chunks)) all.push(chunk);
  return all;
}

export async function drain(chunks: AsyncIterator<unknown>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

export function assemble(chunks: readonly Chunk[]): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.answer();
}
