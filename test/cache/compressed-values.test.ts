/**
 * Values that are compressed, and read back. A deep run has a tenth of the operations of others: each makes, compresses or
 * reads kilobytes.
 */
import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  withCompression,
  withCompressionCodec,
  withCompressionThreshold,
  withSerializer,
} from '../../src/cache/index.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

/** Values of every kind that is written in a way of its own, some of which compress. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'b', 'ÿ'), maxLength: 3000 }),
  fc.string({ unit: fc.constantFrom('日', '本', '\ud800', ' '), maxLength: 1500 }),
  fc.uint8Array({ maxLength: 2000 }),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.float64Array(),
  fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true, withTypedArray: true }),
);

describe.each(['lz4', 'deflate', 'brotli'] as const)('values compressed by %s', (codec) => {
  const options = [withCompression(true), withCompressionCodec(codec), withCompressionThreshold(64)];

  test('come back as they were, whatever was written and read after them', () => {
    fc.assert(
      fc.property(fc.array(value.filter((each) => each !== undefined)), (values) => {
        const cache = createShardedCache<unknown>(...options);
        for (const [i, each] of values.entries()) cache.set(`key ${i}`, each);
        const read = values.map((_, i) => cache.get(`key ${i}`));
        expect(read).toStrictEqual(values);
      }),
      { numRuns: runs(100, 100) },
    );
  });

  test('are out of reach of those who have read them', () => {
    const cache = createShardedCache<unknown>(...options);
    for (const bytes of [Buffer.alloc(10, 1), Buffer.alloc(1000, 1), new Uint8Array(1000).fill(1)]) {
      cache.set('bytes', bytes);
      (cache.get('bytes') as Uint8Array).fill(2);
      bytes.fill(3);
      expect((cache.get('bytes') as Uint8Array).every((byte) => byte === 1)).toBe(true);
    }
  });

  test('may come from a serializer that uses its memory again', () => {
    const memory = Buffer.alloc(1000);
    const serializer = {
      serialize: (text: string) => memory.subarray(0, memory.write(text, 'latin1')),
      deserialize: (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1'),
    };
    const cache = createShardedCache<string>(...options, withSerializer(serializer));
    const texts = Array.from({ length: 9 }, (_, i) => String(i).repeat(100 * i + 1));
    for (const text of texts) cache.set(text, text);
    expect(texts.map((text) => cache.get(text))).toEqual(texts);
  });
});
