/**
 * Every recorded stream through its provider: whole, byte by byte, and cut at every byte.
 *
 * A cut changes only what the decoder holds of the line and of the event that the next piece goes on with: part of a line
 * end, of a character, of a field. What came before is in its state already, the same for any cut. So a long stream may be
 * cut at many places in one run: in pieces of SPACING bytes, once with each length of the first piece, each byte of it is
 * a cut. A stream up to SMALL bytes is cut in two at each of its bytes. SHERD_DEEP raises both; cutting the longest in two
 * at each byte would read 250 GB.
 */
import { describe, expect, test } from 'vitest';
import { isDeep } from '../support/deep.js';
import { hasRecordings, type RecordingKind, refusedStreamsOfKind, streamsOfKind } from '../support/recordings.js';
import { createReader, expectAnswer, type Reader, recordedStreams } from './recorded-streams.js';

const KINDS: readonly RecordingKind[] = ['chat', 'responses', 'anthropic', 'gemini', 'cohere'];
const SMALL = isDeep ? 32_000 : 5_000;
/** In a deep run more than nearly any event has. */
const SPACING = isDeep ? 2_048 : 256;

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
function* cutsOf(bytes: Uint8Array): Generator<readonly [string, Iterable<Uint8Array>]> {
  yield ['byte by byte', slicesOf(bytes, 1, 1)];
  const isSmall = bytes.length <= SMALL;
  for (let at = 1; at <= (isSmall ? bytes.length - 1 : SPACING); at++) {
    yield [`cut at ${at}`, slicesOf(bytes, at, isSmall ? bytes.length : SPACING)];
  }
}

async function expectSameHoweverCut(read: Reader, stream: string): Promise<void> {
  const bytes = Buffer.from(stream);
  const whole = await outcomeOf(read, [bytes]);
  for (const [how, pieces] of cutsOf(bytes)) {
    const outcome = await outcomeOf(read, pieces);
    if (outcome !== whole) expect(outcome, how).toBe(whole);
  }
}

describe.skipIf(!hasRecordings).each(KINDS)('a recorded stream of the kind %s', (kind) => {
  const read = createReader(kind);

  test.each(streamsOfKind(kind))('%s gives what the official SDK made of it', async (name) => {
    const answer = await read([Buffer.from(recordedStreams(name, kind).at(-1) ?? '')]);
    expectAnswer(answer, name, kind);
  });

  test.each([...streamsOfKind(kind), ...refusedStreamsOfKind(kind)])(
    '%s is the same, however it is cut',
    async (name) => {
      for (const stream of recordedStreams(name, kind)) await expectSameHoweverCut(read, stream);
    },
  );
});

test('each cut is made, and once', () => {
  for (const length of [1, 2, SPACING - 1, SPACING, SPACING + 1, SMALL, SMALL + 1, SMALL + 1_000]) {
    const bytes = new Uint8Array(length);
    const made = new Array<number>(length).fill(0);
    for (const [how, pieces] of cutsOf(bytes)) {
      if (how === 'byte by byte') continue;
      for (const { byteOffset, length: size } of pieces) {
        const end = byteOffset - bytes.byteOffset + size;
        if (end < length) made[end] = (made[end] ?? 0) + 1;
      }
    }
    expect(made.slice(1).every((count) => count === 1)).toBe(true);
  }
});
