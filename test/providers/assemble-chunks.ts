/** The answer that chunks make. */
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import type { Chunk, ProviderAnswer } from '../../src/protocol/chat.js';

export function assemble(chunks: readonly Chunk[]): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.answer();
}
