/**
 * JSON of data that holds long text, as bytes, made a piece a turn of the event loop. Invariant: the bytes are those of
 * JSON.stringify.
 */
import { isJsonObject } from '../core/json-object.js';
import { nextTurn, PIECE_CHARACTERS, piecesOf } from '../core/long-text.js';

/** Most parts of a piece: small parts cost more than their characters. */
const MAX_PARTS = 4096;

/**
 * The UTF-8 bytes of JSON.stringify(data), of data in no circle. `onTurn` is called before each piece but the first; what
 * it throws ends the work and rejects. O(data).
 */
export async function encodeLongJson(
  data: object,
  onTurn: () => void,
  pieceCharacters: number = PIECE_CHARACTERS,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const piece of gathered(partsOf(data, pieceCharacters), pieceCharacters)) {
    pieces.push(Buffer.from(piece));
    await nextTurn();
    onTurn();
  }
  return Buffer.concat(pieces);
}

/** The same text in pieces that are worth a turn. */
function* gathered(parts: Iterable<string>, pieceCharacters: number): Generator<string> {
  let piece = '';
  let count = 0;
  for (const part of parts) {
    if (count === MAX_PARTS || (count > 0 && piece.length + part.length > pieceCharacters)) {
      yield piece;
      piece = '';
      count = 0;
    }
    piece += part;
    count++;
  }
  yield piece;
}

/** The text of a value that JSON can say. */
function* partsOf(value: unknown, pieceCharacters: number): Generator<string> {
  if (!isDivided(value, pieceCharacters)) yield JSON.stringify(value) ?? 'null';
  else if (typeof value === 'string') yield* textParts(value, pieceCharacters);
  else if (Array.isArray(value)) yield* itemParts(value, pieceCharacters);
  else yield* memberParts(value as Readonly<Record<string, unknown>>, pieceCharacters);
}

/** True for what may be long: a long text, a list, an object that holds any of them. The rest is said in one part. */
function isDivided(value: unknown, pieceCharacters: number): boolean {
  if (typeof value === 'string') return value.length > pieceCharacters;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  if (!isJsonObject(value)) return false;
  for (const name in value) {
    const member = value[name];
    if (typeof member === 'object' ? member !== null : isDivided(member, pieceCharacters)) return true;
  }
  return false;
}

function* textParts(text: string, pieceCharacters: number): Generator<string> {
  yield '"';
  for (const piece of piecesOf(text, pieceCharacters)) yield JSON.stringify(piece).slice(1, -1);
  yield '"';
}

function* itemParts(items: readonly unknown[], pieceCharacters: number): Generator<string> {
  let separator = '[';
  for (const item of items) {
    yield separator;
    yield* partsOf(item, pieceCharacters);
    separator = ',';
  }
  yield items.length === 0 ? '[]' : ']';
}

function* memberParts(members: Readonly<Record<string, unknown>>, pieceCharacters: number): Generator<string> {
  let separator = '{';
  for (const name of Object.keys(members)) {
    const member = members[name];
    const isParted = isDivided(member, pieceCharacters);
    const whole = isParted ? undefined : JSON.stringify(member);
    // What JSON cannot say is left out.
    if (!isParted && whole === undefined) continue;
    yield `${separator}${JSON.stringify(name)}:`;
    if (whole === undefined) yield* partsOf(member, pieceCharacters);
    else yield whole;
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}
