import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import type { StreamEvent } from '../../src/protocol/event-decoder.js';
import { createSseDecoder } from '../../src/protocol/sse.js';
import { fc } from '../support/property.js';

const MAX_EVENT_BYTES = 2 ** 20;

function decode(input: string | Uint8Array, cuts: readonly number[] = []): StreamEvent[] {
  const bytes = Buffer.from(input as string);
  const decoder = createSseDecoder('acme', MAX_EVENT_BYTES);
  const events: StreamEvent[] = [];
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    events.push(...decoder.push(bytes.subarray(start, cut)));
    start = cut;
  }
  return [...events, ...decoder.flush()];
}
function everyCut(text: string): readonly number[] {
  return Array.from({ length: Buffer.byteLength(text) }, (_, i) => i);
}
const message = (data: string): StreamEvent => ({ event: 'message', data });

describe('the decoder reads', () => {
  const cases: Record<string, { input: string; events: StreamEvent[] }> = {
    'an event': { input: 'data: a\n\n', events: [message('a')] },
    'CR and CRLF line ends': {
      input: 'data: a\r\rdata: b\r\n\r\ndata: c\n\n',
      events: [message('a'), message('b'), message('c')],
    },
    'a CR, then an LF of the next line, as one line end': {
      input: 'data: a\r\ndata: b\r\n\r\n',
      events: [message('a\nb')],
    },
    'a byte order mark': { input: '\ufeffdata: a\n\n', events: [message('a')] },
    'data without the space, and keeps further spaces': {
      input: 'data:a\n\ndata:  b \n\n',
      events: [message('a'), message(' b ')],
    },
    'several data lines as one text': { input: 'data: a\ndata:\ndata\ndata: b\n\n', events: [message('a\n\n\nb')] },
    'an event name, for one event': {
      input: 'event: error\ndata: a\n\ndata: b\n\n',
      events: [{ event: 'error', data: 'a' }, message('b')],
    },
    'comments as nothing': { input: ': OPENROUTER PROCESSING\n\n:\n: x\ndata: a\n\n', events: [message('a')] },
    'id, retry and unknown fields as nothing': {
      input: 'id: 7\nretry: 9\nfoo: bar\ndatax: no\ndata: a\n\n',
      events: [message('a')],
    },
    'an event without data as nothing': { input: 'event: ping\n\ndata: a\n\n', events: [message('a')] },
    'empty data as an event': { input: 'data\n\ndata:\n\n', events: [message(''), message('')] },
    'a colon in the data': { input: 'data: {"a":"b: c"}\n\n', events: [message('{"a":"b: c"}')] },
    'a last event without a blank line': { input: 'data: a\n\ndata: b\n', events: [message('a'), message('b')] },
    'a last event without a line end': { input: 'data: a\n\ndata: [DONE]', events: [message('a'), message('[DONE]')] },
    'text beyond ASCII': { input: 'data: Grüße 🎉 日本\n\n', events: [message('Grüße 🎉 日本')] },
    'nothing from nothing': { input: '', events: [] },
  };
  for (const [name, { input, events }] of Object.entries(cases)) {
    test(`${name}, whole and byte by byte`, () => {
      expect(decode(input)).toEqual(events);
      expect(decode(input, everyCut(input))).toEqual(events);
    });
  }

  test('bytes that are no UTF-8 as replacement characters', () => {
    expect(decode(Buffer.from([...Buffer.from('data: '), 0xff, 0xc3, 0x0a, 0x0a]))).toEqual([message('\ufffd\ufffd')]);
  });

  test('a view into a larger buffer', () => {
    const buffer = new TextEncoder().encode('xxdata: a\n\nyy').buffer;
    expect(createSseDecoder('acme', MAX_EVENT_BYTES).push(new Uint8Array(buffer, 2, 9))).toEqual([message('a')]);
  });
});

const line = fc.oneof(
  fc.constantFrom(
    'data',
    'data:',
    'event: e',
    'event:',
    'id: 1',
    'retry: 5',
    ':',
    ': note',
    '',
    '',
    '',
    'da',
    'other: x',
  ),
  fc.string({ unit: 'binary' }).map((text) => `data: ${text.replace(/[\r\n\ufeff\0]/g, '')}`),
  fc.string({ unit: 'grapheme' }).map((text) => `data:${text.replace(/[\r\n\ufeff\0]/g, '')}`),
);
const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n'))).map((lines) => {
  const text = lines.map(([content, end]) => content + end).join('');
  return text.isWellFormed() ? text : text.toWellFormed();
});

describe('for any stream', () => {
  test('any cut of the bytes gives the events of the whole', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), (text, numbers) => {
        const length = Buffer.byteLength(text);
        const cuts = numbers.map((number) => number % (length + 1)).sort((left, right) => left - right);
        expect(decode(text, cuts)).toEqual(decode(text));
        expect(decode(text, everyCut(text))).toEqual(decode(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('the events are those of eventsource-parser', () => {
    fc.assert(
      fc.property(stream, (text) => {
        const ended = `${text}\n\n`;
        const expected: StreamEvent[] = [];
        const parser = createParser({
          onEvent: ({ event, data }) => expected.push({ event: event ?? 'message', data }),
        });
        parser.feed(ended);
        expect(decode(ended)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an event beyond the bound', () => {
  const tooLarge = { name: 'ProviderError', code: 'ERR_PROVIDER_EVENT_TOO_LARGE', provider: 'acme' };

  test('is refused, in one line and in many', () => {
    const long = `data: ${'x'.repeat(MAX_EVENT_BYTES + 1)}\n\n`;
    expect(() => decode(long)).toThrow(expect.objectContaining(tooLarge));
    const many = `data: ${'x'.repeat(1023)}\n`.repeat(1026);
    expect(() => decode(many)).toThrow(expect.objectContaining(tooLarge));
  });

  test('is refused before its end came, and in tiny pieces', () => {
    const decoder = createSseDecoder('acme', 1000);
    expect(() => {
      for (let i = 0; i < 1001; i++) decoder.push(Buffer.from('x'));
    }).toThrow(expect.objectContaining(tooLarge));
  });

  test('is not one of exactly the bound', () => {
    const decoder = createSseDecoder('acme', 1000);
    expect(decoder.push(Buffer.from(`data: ${'x'.repeat(1000)}\n\n`))).toHaveLength(1);
  });
});
