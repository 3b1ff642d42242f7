/**
 * Text so long that work on all of it in one go would hold the event loop: where it is cut, so that the work can be done
 * a piece a turn. Shorter text, nearly all there is, is worked on as it is.
 */
import { setImmediate } from 'node:timers/promises';

/** Characters of a piece: a few milliseconds of hashing or encoding. */
export const PIECE_CHARACTERS: number = 2 ** 20;

export function isLong(characters: number): boolean {
  return characters > PIECE_CHARACTERS;
}

/** The text in order, in pieces of at most so many characters (from 2). No surrogate pair is cut in two. */
export function* piecesOf(text: string, characters: number = PIECE_CHARACTERS): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + characters);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end))) end--;
    yield text.slice(start, end);
    start = end;
  }
}

/** Resolves when everybody else who waits for the event loop has had a turn. */
export function nextTurn(): Promise<void> {
  return setImmediate();
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
