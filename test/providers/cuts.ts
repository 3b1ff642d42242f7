/**
 * The ways a stream is delivered: byte by byte, and cut at every byte.
 *
 * A cut changes only what the decoder holds of the line and of the event that the next piece goes on with: part of a line
 * end, of a character, of a field. What came before is in its state already, the same for any cut. So a long stream may be
 * cut at many places in one run: in pieces of `spacing` bytes, once with each length of the first piece, each byte of it is
 * a cut. A stream up to `small` bytes is cut in two at each of its bytes: the longest recordings would read 250 GB so.
 */
import { expect } from 'vitest';
import type { Reader } from './pieces-reader.js';

export interface Cuts {
  /** Streams up to this length are cut in two. */
  readonly small: number;
  /** Bytes between the cuts of longer ones. */
  readonly spacing: number;
}

export const QUICK: Cuts = { small: 4_000, spacing: 256 };
/** The spacing is more than nearly any event has. */
export const DEEP: Cuts = { small: 32_000, spacing: 2_048 };

/** What became of a stream, as a text that is the same for the same outcome. */
async function outcomeOf(read: Reader, pieces: Iterable<Uint8Array>): Promise<string> {
  try {
    return JSON.stringify(await read(pieces));
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return `${name} ${code} ${message}`;
  }
}

function* slicesOf(bytes: Uint8Array, firstBytes: number, size: number): Generator<Uint8Array> {
  for (let start = 0, end = firstBytes; start < bytes.length; start = end, end += size)
    yield bytes.subarray(start, end);
}

/** The deliveries in which, together, each byte is cut off from the one before it. */
export function* cutsOf(
  bytes: Uint8Array,
  { small, spacing }: Cuts,
): Generator<readonly [string, Iterable<Uint8Array>]> {
  yield ['byte by byte', slicesOf(bytes, 1, 1)];
  const isSmall = bytes.length <= small;
  for (let at = 1; at <= (isSmall ? bytes.length - 1 : spacing); at++) {
    yield [`cut at ${at}`, slicesOf(bytes, at, isSmall ? bytes.length : spacing)];
  }
}

export async function expectSameHoweverCut(read: Reader, stream: string, cuts: Cuts = QUICK): Promise<void> {
  const bytes = Buffer.from(stream);
  const whole = await outcomeOf(read, [bytes]);
  for (const [how, pieces] of cutsOf(bytes, cuts)) {
    const outcome = await outcomeOf(read, pieces);
    if (outcome !== whole) expect(outcome, how).toBe(whole);
  }
}
