import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/codec/codec.js';
import { decodeEnvelope, type EnvelopeOptions, encodeEnvelope, HEADER_BYTES } from '../../src/codec/envelope.js';
import { createLz4Codec } from '../../src/codec/lz4.js';
import { createBrotliCodec, createDeflateCodec } from '../../src/codec/zlib-codecs.js';
import { isCacheError } from '../../src/core/errors.js';
import { createRandom } from '../../src/core/random.js';
import { fc } from '../support/property.js';

const lz4 = createLz4Codec();
const options: EnvelopeOptions = { codec: lz4, thresholdBytes: 64, maxRawBytes: 100_000 };
const prose = Buffer.from('A sherd is a piece of broken pottery. '.repeat(40));

/** Bytes with repeats, so that some compress and some do not. */
const content = fc
  .tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(20))
  .map(([unit, repeats]) => Buffer.concat(new Array<Uint8Array>(repeats).fill(unit)));

function expectRefusal(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(isCacheError(error) && error.code).toBe('ERR_CODEC_FRAME_INVALID');
    return;
  }
  expect.unreachable('the frame was believed');
}

describe('the envelope', () => {
  test('gives the bytes back, compressed or not', () => {
    fc.assert(
      fc.property(content, fc.constantFrom<EnvelopeOptions>(options, {}, { codec: lz4 }), (raw, used) => {
        expect(Buffer.compare(decodeEnvelope(encodeEnvelope(raw, used), used), raw)).toBe(0);
      }),
    );
  });

  test('compresses what is long enough and keeps raw what saves less than a tenth', () => {
    const random = createRandom(1);
    const noise = Buffer.from(Array.from({ length: 500 }, () => random.nextInt(256)));
    expect(encodeEnvelope(prose, options).length).toBeLessThan(prose.length / 2);
    expect(encodeEnvelope(prose, {}).length).toBe(prose.length + HEADER_BYTES);
    expect(encodeEnvelope(noise, options).length).toBe(noise.length + HEADER_BYTES);
    const short = prose.subarray(0, 63);
    expect(encodeEnvelope(short, options).length).toBe(short.length + HEADER_BYTES);
  });

  test.each([
    [89, true],
    [90, true],
    [91, false],
  ])('keeps a payload of %i bytes for 100: %s', (compressedLength, isKept) => {
    const codec: Codec = {
      id: 9,
      name: 'constant',
      compress: () => new Uint8Array(compressedLength),
      decompress: (_, rawLength) => new Uint8Array(rawLength),
      maxRawLength: () => 1000,
    };
    const frame = encodeEnvelope(new Uint8Array(100), { codec, thresholdBytes: 0 });
    expect(frame.length).toBe(HEADER_BYTES + (isKept ? compressedLength : 100));
    expect(decodeEnvelope(frame, { codec })).toEqual(new Uint8Array(100));
  });

  test('gives memory of its own, so that a reader cannot change the frame', () => {
    for (const stored of [
      encodeEnvelope(prose, {}),
      Buffer.from(encodeEnvelope(prose, {})),
      encodeEnvelope(prose, options),
    ]) {
      decodeEnvelope(stored, options).fill(0);
      expect(Buffer.compare(decodeEnvelope(stored, options), prose)).toBe(0);
    }
  });

  test('a frame is all of its memory, so that what is kept is what is counted', () => {
    for (const codec of [undefined, lz4, createDeflateCodec(1), createBrotliCodec(1)]) {
      const frame = encodeEnvelope(prose.subarray(0, 1200), { codec });
      expect(frame.buffer.byteLength).toBe(frame.length);
    }
  });

  test('a frame does not change with the bytes it was made of', () => {
    const raw = Buffer.from(prose);
    const frames = [encodeEnvelope(raw, {}), encodeEnvelope(raw, options)];
    raw.fill(0);
    for (const frame of frames) expect(Buffer.compare(decodeEnvelope(frame, options), prose)).toBe(0);
  });

  test.each([lz4, createDeflateCodec(1), createBrotliCodec(1)])(
    'answers every mutated frame of $name with the exact bytes or a typed error',
    (codec) => {
      const used = { ...options, codec };
      const mutation = fc.record({ at: fc.nat(), to: fc.nat(255) });
      const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(content, mutations, fc.option(fc.nat()), (raw, changes, cut) => {
          const frame = Buffer.from(encodeEnvelope(raw, used));
          for (const { at, to } of changes) frame[at % frame.length] = to;
          const mutated = cut === null ? frame : frame.subarray(0, cut % frame.length);
          try {
            expect(Buffer.compare(decodeEnvelope(mutated, used), raw)).toBe(0);
          } catch (error) {
            if (!isCacheError(error)) throw error;
          }
        }),
        { numRuns: 7000 },
      );
    },
  );

  test('answers arbitrary bytes behind a valid header with a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(100_000), (payload, rawLength) => {
        const frame = Buffer.from(encodeEnvelope(prose, options)).subarray(0, HEADER_BYTES);
        frame.writeUInt32LE(rawLength, 4);
        expectRefusal(() => decodeEnvelope(Buffer.concat([frame, payload]), options));
      }),
    );
  });

  test('allocates nothing for a length above the limit or above what the payload can hold', () => {
    const asked: number[] = [];
    const spy: Codec = {
      ...lz4,
      decompress(_, rawLength) {
        asked.push(rawLength);
        return new Uint8Array(0);
      },
    };
    const boundless: Codec = { ...spy, maxRawLength: () => Number.POSITIVE_INFINITY };
    const frame = Buffer.from(encodeEnvelope(prose, options));
    function decodeWith(codec: Codec, length: number): void {
      frame.writeUInt32LE(length, 4);
      expectRefusal(() => decodeEnvelope(frame, { ...options, codec }));
    }
    decodeWith(boundless, 100_001);
    decodeWith(boundless, 2 ** 32 - 1);
    decodeWith(spy, lz4.maxRawLength(frame.length - HEADER_BYTES) + 1);
    expect(asked).toEqual([]);
    decodeWith(spy, prose.length + 1);
    expect(asked).toEqual([prose.length + 1]);
  });

  test('refuses a frame that holds more or less than it promises', () => {
    for (const used of [{}, { codec: createDeflateCodec(5) }]) {
      const frame = Buffer.from(encodeEnvelope(prose, used));
      for (const promised of [0, prose.length - 1, prose.length + 1]) {
        frame.writeUInt32LE(promised, 4);
        expectRefusal(() => decodeEnvelope(frame, used));
      }
    }
  });

  test('refuses a frame of a codec, a version or a magic number it does not know', () => {
    const frame = encodeEnvelope(prose, options);
    expectRefusal(() => decodeEnvelope(frame, {}));
    for (const position of [0, 1, 2, 3]) {
      const foreign = Buffer.from(frame);
      foreign[position] = (foreign[position] ?? 0) + 1;
      expectRefusal(() => decodeEnvelope(foreign, options));
    }
  });

  test('does not frame more bytes than its limit', () => {
    expectRefusal(() => encodeEnvelope(new Uint8Array(100_001), options));
    expect(decodeEnvelope(encodeEnvelope(new Uint8Array(100_000), options), options)).toHaveLength(100_000);
  });
});
