/** JSON in pieces, against JSON.stringify. */
import { describe, expect, test } from 'vitest';
import { piecesOf } from '../../src/core/long-text.js';
import { encodeLongJson } from '../../src/protocol/long-json.js';
import { fc } from '../support/property.js';

const ignored = (): void => undefined;
/** Any UTF-16: pairs, halves of pairs, quotes, control characters. */
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('\uD83D', '\uDE00', '"', '\\', '\n', '\u2028'), fc.string({ unit: 'binary' })),
  maxLength: 30,
});
const anyData = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.double(),
    fc.boolean(),
    fc.constantFrom(
      null,
      undefined,
      ignored,
      new Date(0),
      new Map(),
      { toJSON: () => 'said' },
      { toJSON: ignored },
      Object.create(null),
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 5 }),
  ),
}));

describe('JSON in pieces', () => {
  test('has the bytes of JSON.stringify, however small the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(anyText, anyData.value), fc.integer({ min: 2, max: 40 }), async (data, size) => {
        const bytes = await encodeLongJson(data, ignored, size);
        expect(bytes.toString()).toBe(JSON.stringify(data));
      }),
      { numRuns: 500 },
    );
  });

  test('lets the loop turn between the pieces of one long text, and between those of many short ones', async () => {
    for (const messages of [['x'.repeat(10_000)], Array.from({ length: 1000 }, () => ({ content: '123456789' }))]) {
      let turns = 0;
      await encodeLongJson({ messages }, () => turns++, 1000);
      expect(turns).toBeGreaterThanOrEqual(10);
      expect(turns).toBeLessThan(50);
    }
  });

  test('many tiny values are a piece long before they are long', async () => {
    let turns = 0;
    await encodeLongJson({ numbers: new Array<number>(20_000).fill(1) }, () => turns++);
    expect(turns).toBeGreaterThan(5);
  });

  test('ends with what onTurn throws', async () => {
    const left = (): never => {
      throw new Error('left');
    };
    await expect(encodeLongJson({ text: 'x'.repeat(100) }, left, 10)).rejects.toThrow('left');
  });
});

test('pieces of a text join to it again, and none begins or ends amid a pair', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 10 }), (text, size) => {
      const pieces = [...piecesOf(text, size)];
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(size);
      const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
      expect(bytes.equals(Buffer.from(text))).toBe(true);
    }),
  );
});
