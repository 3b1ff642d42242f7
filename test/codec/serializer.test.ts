import { describe, expect, test } from 'vitest';
import { defaultSerializer } from '../../src/codec/serializer.js';
import { isCacheError } from '../../src/core/errors.js';
import { fc } from '../support/property.js';

function roundTrip(value: unknown): unknown {
  return defaultSerializer.deserialize(Uint8Array.from(defaultSerializer.serialize(value)));
}

describe('defaultSerializer', () => {
  test('gives every string back, also one with lone surrogates', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(roundTrip(text)).toBe(text)));
    for (const text of ['', 'k\xff', 'k\x80\0', 'k\ud800', 'k\udbff', '\udc00k', 'k\ufffd', 'ä\u0308'])
      expect(roundTrip(text)).toBe(text);
  });

  test('writes a string of one-byte characters in as many bytes, and one for the tag', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xff)), (units) => {
        expect(defaultSerializer.serialize(String.fromCharCode(...units))).toHaveLength(units.length + 1);
      }),
    );
  });

  test('gives a string back that is longer than the memory it keeps for strings', () => {
    for (const text of ['x'.repeat(2 ** 20), '日'.repeat(2 ** 19)]) expect(roundTrip(text) === text).toBe(true);
  });

  test('gives plain data back, with the kinds JSON loses', () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true, withTypedArray: true }),
        (value) => {
          expect(roundTrip(value)).toEqual(value);
        },
      ),
    );
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
    expect(roundTrip({ gap: undefined })).toStrictEqual({ gap: undefined });
  });

  test('gives byte arrays back as what they were', () => {
    const buffer = roundTrip(Buffer.from([1, 2, 3]));
    const bytes = roundTrip(new Uint8Array([1, 2, 3]));
    expect([Buffer.isBuffer(buffer), Buffer.isBuffer(bytes)]).toEqual([true, false]);
    expect([buffer, bytes]).toEqual([Buffer.from([1, 2, 3]), new Uint8Array([1, 2, 3])]);
    expect(roundTrip(new Float64Array([1.5, Number.NaN]))).toEqual(new Float64Array([1.5, Number.NaN]));
    expect(roundTrip(Buffer.from('abcdef').subarray(2, 4))).toEqual(Buffer.from('cd'));
  });

  test('gives a copy, so that changing what was read does not change what is kept', () => {
    const kept = defaultSerializer.serialize(Buffer.from([1, 2, 3]));
    const original = { list: [1] };
    const copy = roundTrip(original) as typeof original;
    copy.list.push(2);
    expect(original.list).toEqual([1]);
    expect(kept.length).toBe(4);
  });

  test('refuses a value that holds a function, without quoting it', () => {
    const secret = (): string => 'sk-canary';
    try {
      defaultSerializer.serialize({ secret });
      expect.unreachable();
    } catch (error) {
      expect(isCacheError(error) && error.code).toBe('ERR_CODEC_VALUE_INVALID');
      expect(String(error)).not.toContain('canary');
    }
  });

  test('answers foreign bytes with a CacheError', () => {
    for (const bytes of [[], [9, 1, 2], [0], [0, 1, 2, 3], [0, 0xff, 0x0f, 0x7a]]) {
      expect(() => defaultSerializer.deserialize(new Uint8Array(bytes))).toThrow(expect.toSatisfy(isCacheError));
    }
  });
});
