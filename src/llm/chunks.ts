/** What chunks mean to the stages: content, end. */
import type { Chunk } from '../protocol/chat.js';

/** A part of the answer itself: from here on the caller has seen something. */
export function isContent(chunk: Chunk): boolean {
  switch (chunk.kind) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-start':
    case 'tool-call-delta':
    case 'tool-call-end':
    case 'response':
      return true;
    case 'start':
    case 'usage':
    case 'warning':
    case 'finish':
      return false;
  }
}

/** The last chunk of an answer. */
export function isEnd(chunk: Chunk): boolean {
  return chunk.kind === 'finish' || chunk.kind === 'response';
}

/** Characters of an answer in a chunk: text, thoughts, the arguments of tools. */
export function charactersIn(chunk: Chunk): number {
  if (chunk.kind === 'text-delta' || chunk.kind === 'reasoning-delta') return chunk.text.length;
  return chunk.kind === 'tool-call-delta' ? chunk.arguments.length : 0;
}
