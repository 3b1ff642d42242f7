/** Reads a whole body as UTF-8 text, up to a bound. For streams there is no whole: their decoder has its own bound. */
import { ProviderError } from '../core/errors.js';
import type { ResponseBody } from './transport.js';

/** Decoded size a whole answer may have. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Throws a ProviderError (`ERR_PROVIDER_BODY_TOO_LARGE`) once the body passes `maxBytes`, and closes the connection. */
export async function readText(body: ResponseBody, caller: string, maxBytes: number = MAX_BODY_BYTES): Promise<string> {
  const { bytes, isWhole } = await readUpTo(body, maxBytes);
  if (isWhole) return bytes.toString('utf8');
  throw new ProviderError(`${caller} answered with more than ${maxBytes} bytes`, {
    code: 'ERR_PROVIDER_BODY_TOO_LARGE',
    provider: caller,
  });
}

/** The first `maxBytes` of a body as text; the rest is not waited for. For error pages, of which only the start matters. */
export async function readTextStart(body: ResponseBody, maxBytes: number): Promise<string> {
  const { bytes } = await readUpTo(body, maxBytes);
  return bytes.toString('utf8');
}

async function readUpTo(body: ResponseBody, maxBytes: number): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxBytes) return { bytes: Buffer.concat(pieces, maxBytes), isWhole: false };
  }
  return { bytes: Buffer.concat(pieces, size), isWhole: true };
}
