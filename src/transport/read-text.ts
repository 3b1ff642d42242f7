/** Reads a whole body as UTF-8 text, up to a bound. For streams there is no whole: their decoder has its own bound. */
import { StringDecoder } from 'node:string_decoder';
import { ProviderError } from '../core/errors.js';
import { isLong, nextTurn } from '../core/long-text.js';
import type { ResponseBody } from './transport.js';

/** Decoded size a whole answer may have. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Bytes of a longer body that are decoded at once, as they come. */
const DECODED_BYTES = 256 * 1024;

/**
 * Throws a ProviderError (`ERR_PROVIDER_BODY_TOO_LARGE`) once the body passes `maxBytes`, and closes the connection. Long
 * text comes a turn after its end, so that whoever parses it has a turn of his own.
 */
export async function readText(body: ResponseBody, caller: string, maxBytes: number = MAX_BODY_BYTES): Promise<string> {
  const pieces = new Pieces(maxBytes);
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    if (pieces.take(next.value)) continue;
    await body.return();
    throw new ProviderError(`${caller} answered with more than ${maxBytes} bytes`, {
      code: 'ERR_PROVIDER_BODY_TOO_LARGE',
      provider: caller,
    });
  }
  const text = pieces.text();
  if (isLong(text.length)) await nextTurn();
  return text;
}

/** The first `maxBytes` of a body as text; the rest is not waited for. For error pages, of which only the start matters. */
export async function readTextStart(body: ResponseBody, maxBytes: number): Promise<string> {
  const pieces = new Pieces(maxBytes);
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    if (pieces.take(next.value)) continue;
    await body.return();
    break;
  }
  return pieces.text();
}

class Pieces {
  /** How many more bytes there may be. */
  #leftBytes: number;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** What was decoded of a long body, whose last character may be still to come. */
  #text = '';
  #decoder: StringDecoder | undefined = undefined;

  constructor(maxBytes: number) {
    this.#leftBytes = maxBytes;
  }

  /** False once there are too many bytes. */
  take(piece: Uint8Array): boolean {
    const isAllowed = piece.length <= this.#leftBytes;
    const taken = isAllowed ? piece : piece.subarray(0, this.#leftBytes);
    this.#leftBytes -= taken.length;
    this.#pieces.push(taken);
    this.#pieceBytes += taken.length;
    if (this.#pieceBytes > DECODED_BYTES) this.#decode();
    return isAllowed;
  }

  /** Of no more bytes than allowed. */
  text(): string {
    if (this.#decoder === undefined) return this.#bytes().toString('utf8');
    return this.#text + this.#decoder.end(this.#bytes());
  }

  #decode(): void {
    this.#decoder ??= new StringDecoder('utf8');
    this.#text += this.#decoder.write(this.#bytes());
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  #bytes(): Buffer {
    const [only] = this.#pieces;
    return this.#pieces.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(this.#pieces, this.#pieceBytes);
  }
}
