/** Reads a whole body as UTF-8 text, up to a bound. For streams there is no whole: their decoder has its own bound. */
import { ProviderError } from '../core/errors.js';
import type { ResponseBody } from './transport.js';

/** Decoded size a whole answer may have. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Throws a ProviderError (`ERR_PROVIDER_BODY_TOO_LARGE`) once the body passes `maxBytes`, and closes the connection. */
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
  return pieces.text();
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
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False once there are too many bytes. */
  take(piece: Uint8Array): boolean {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    return this.#bytes <= this.#maxBytes;
  }

  /** Of no more bytes than allowed. */
  text(): string {
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && Buffer.isBuffer(only) && only.length <= this.#maxBytes)
      return only.toString('utf8');
    return Buffer.concat(this.#pieces, Math.min(this.#bytes, this.#maxBytes)).toString('utf8');
  }
}
