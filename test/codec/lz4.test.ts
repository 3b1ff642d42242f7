import { describe, expect, test } from 'vitest';
import { createLz4Codec } from '../../src/codec/lz4.js';
import { isCacheError, isConfigError } from '../../src/core/errors.js';
import { fc } from '../support/property.js';

const lz4 = createLz4Codec();

describe('the lz4 codec', () => {
  test('gives every byte string back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(40), (unit, repeats) => {
        const raw = Buffer.concat(new Array<Uint8Array>(repeats).fill(unit));
        expect(Buffer.compare(lz4.decompress(lz4.compress(raw), raw.length), raw)).toBe(0);
      }),
    );
  });

  test('never exceeds the expansion it declares', () => {
    for (const length of [1, 100, 10_000, 1_000_000]) {
      const compressed = lz4.compress(new Uint8Array(length));
      expect(lz4.maxRawLength(compressed.length)).toBeGreaterThanOrEqual(length);
    }
  });

  test('refuses a block of another length than asked for', () => {
    const block = lz4.compress(Buffer.from('sherd '.repeat(100)));
    for (const length of [0, 599, 601, 2 ** 31]) {
      expect(() => lz4.decompress(block, length)).toThrow(expect.toSatisfy(isCacheError));
    }
    expect(() => lz4.decompress(block.subarray(0, 3), 600)).toThrow(expect.toSatisfy(isCacheError));
  });

  test('explains a missing binary and names the codec that needs none', () => {
    const missing = (): never => {
      throw new Error('Cannot find native binding');
    };
    try {
      createLz4Codec(missing);
      expect.unreachable();
    } catch (error) {
      if (!isConfigError(error)) throw error;
      expect(error.issues).toHaveLength(1);
      expect(error.issues[0]).toMatchObject({
        path: 'compressionCodec',
        suggestion: "withCompressionCodec('deflate')",
      });
      expect(error.message).toContain(`${process.platform}-${process.arch}`);
    }
  });
});
