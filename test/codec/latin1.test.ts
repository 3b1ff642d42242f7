import { expect, test } from 'vitest';
import { isLatin1 } from '../../src/codec/latin1.js';
import { fc } from '../support/property.js';

test('a string is Latin-1 when none of its characters needs a second byte', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ max: 0x1ff, min: 0 }), fc.nat(0xffff))), (units) => {
      expect(isLatin1(String.fromCharCode(...units))).toBe(units.every((unit) => unit <= 0xff));
    }),
  );
  expect([isLatin1(''), isLatin1('\0\n\xff'), isLatin1('\u0100')]).toEqual([true, true, false]);
});
