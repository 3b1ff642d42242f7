import { describe, expect, test } from 'vitest';
import { createNdjsonDecoder } from '../../src/protocol/ndjson.js';
import { fc } from '../support/property.js';

function decode(bytes: Buffer, cuts: readonly number[]): string[] {
  const decoder = createNdjsonDecoder('test', 1024);
  const lines: string[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    lines.push(...decoder.push(bytes.subarray(from, cut)).map(({ data }) => data));
    from = cut;
  }
  return [...lines, ...decoder.flush().map(({ data }) => data)];
}

describe('lines of JSON', () => {
  test('come out the same however the bytes are cut, with any line end, with or without one at the end', () => {
    const values = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        values,
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (all, end, hasEnd, cutAt) => {
          const lines = all.map((value) => JSON.stringify(value));
          const bytes = Buffer.from(lines.join(end) + (hasEnd ? end : ''));
          const cuts = [...Array(5)]
            .map(() => (cutAt.next().value as number) % (bytes.length + 1))
            .sort((a, b) => a - b);
          expect(decode(bytes, cuts)).toEqual(lines);
        },
      ),
    );
  });

  test('may begin with a byte order mark', () => {
    expect(decode(Buffer.from('\ufeff{"a":1}\n'), [1, 2])).toEqual(['{"a":1}']);
  });

  test('longer than the most bytes end the stream with a typed error', () => {
    const decoder = createNdjsonDecoder('test', 10);
    expect(() => decoder.push(Buffer.from('{"a":"0123456789'))).toThrow(
      expect.objectContaining({ code: 'ERR_PROVIDER_EVENT_TOO_LARGE' }),
    );
  });
});
