import { brotliCompressSync, constants, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createBrotliCodec, createDeflateCodec } from '../../src/codec/zlib-codecs.js';
import { fc } from '../support/property.js';

const PAGE = Buffer.from('a long page of words that repeat, and repeat; '.repeat(200));

describe.each([
  ['deflate', createDeflateCodec],
  ['brotli', createBrotliCodec],
] as const)('%s', (_name, create) => {
  test('any bytes come back at any level', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 0, max: 9 }), (bytes, level) => {
        const codec = create(level);
        expect(Buffer.from(codec.decompress(codec.compress(bytes), bytes.length)).equals(bytes)).toBe(true);
      }),
    );
  });

  test('more effort is denser', () => {
    expect(create(9).compress(PAGE).length).toBeLessThan(create(0).compress(PAGE).length);
  });

  test.each([63, 64, 2 ** 20 - 1, 2 ** 20, 3 * 2 ** 20])(
    '%i bytes of output are whole in one piece or in several',
    (length) => {
      const bytes = Buffer.alloc(length, PAGE);
      const output = create(1).decompress(create(1).compress(bytes), length);
      expect(Buffer.compare(output, bytes)).toBe(0);
    },
  );

  test('output shorter than promised comes as short as it is', () => {
    expect(create(5).decompress(create(5).compress(PAGE), 2 ** 32 - 1)).toHaveLength(PAGE.length);
  });

  test('output beyond the promised length is an error, not memory', () => {
    const codec = create(5);
    expect(() => codec.decompress(codec.compress(Buffer.alloc(10_000_000)), 1000)).toThrow();
  });

  test('bytes that begin no stream are an error', () => {
    expect(() => create(5).decompress(Buffer.alloc(100, 0xff), 100)).toThrow();
  });
});

test('no deflate stream holds more than the bound says', () => {
  const zeros = Buffer.alloc(20_000_000);
  expect(createDeflateCodec(9).maxRawLength(deflateRawSync(zeros, { level: 9 }).length)).toBeGreaterThanOrEqual(
    zeros.length,
  );
});

test('brotli finds the repeats of the whole input, however short its window', () => {
  for (const half of [400, 504, 505, 2032, 2033, 50_000]) {
    const noise = Buffer.from(Array.from({ length: half }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 0xff));
    const twice = Buffer.concat([noise, noise]);
    const widest = brotliCompressSync(twice, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
    });
    expect(createBrotliCodec(5).compress(twice).length).toBeLessThan(widest.length * 1.02 + 8);
  }
});
