/** The section of the client on the page: every picture it shows is made, and every figure stands in a table. */
import { expect, test } from 'vitest';
import { llm } from '../../../bench/llm/section.mjs';

const summary = (median: number) => ({ median, low: median - 0.1, high: median + 0.1, samples: 12 });
const none = { median: Number.NaN, low: Number.NaN, high: Number.NaN, samples: 0 };
const row = (subject: string, ratio: number, isStream: boolean) => ({
  subject,
  microseconds: summary(100 * ratio),
  overBase: summary(ratio),
  overParsing: isStream ? summary(ratio / 1.25) : none,
});
const cell = (name: string, format: string, way: string) => ({
  name,
  format,
  way,
  isVoid: false,
  pieces: 98.5,
  rows: [
    row('undici', 1, way !== 'unary'),
    row('sherd+cache', 1.5, way !== 'unary'),
    row('openai', 5, way !== 'unary'),
  ],
});
const DATA = {
  width: 32,
  questionCharacters: 900,
  chunks: 101,
  subjects: [{ subject: 'openai', package: 'openai 6.0.0', does: 'chat.completions.create()' }],
  cells: [cell('unary', 'openai', 'unary'), cell('paced-anthropic', 'anthropic', 'paced')],
  bytes: {
    tables: [{ way: 'unary', calls: 32, rows: [{ subject: 'openai', heap: summary(204_800), outside: 2_048 }] }],
  },
  hits: {
    tables: [
      { characters: 1024, isVoid: true, rows: [{ subject: 'sherd', ratio: summary(3), microseconds: summary(20) }] },
    ],
  },
  imports: { nothingMs: 41.2, isVoid: false, rows: [{ name: 'sherd', ms: summary(52) }] },
  identical: {
    rows: [
      {
        subject: 'sherd+cache',
        callers: 10_000,
        isStreamed: true,
        isLeaving: true,
        answered: 5_001,
        left: 4_999,
        requests: 1,
      },
    ],
  },
};
const { text, images } = llm(DATA);

test('each picture that the text shows is made, and no other', () => {
  const shown = [...text.matchAll(/\.\.\/images\/([^)]+)\)/g)].map((match) => match[1]);
  expect(images.map(({ file }) => file)).toEqual(shown);
  expect(shown).toEqual(['bench-llm-unary.svg', 'bench-llm-paced-anthropic.svg', 'bench-llm-import.svg']);
});

test('a chart draws the goal of its cell', () => {
  expect(images.map(({ svg }) => /goal: at most [\d.]+x/.exec(svg)?.[0])).toEqual([
    'goal: at most 1x',
    'goal: at most 1.5x',
    undefined,
  ]);
});

test('every figure stands in a table, with its unit or its yardstick', () => {
  for (const line of [
    '| openai | openai 6.0.0 | chat.completions.create() |',
    '| subject | x undici | quartiles | us, this machine |',
    '| openai | 5.00 | 4.90-5.10 | 500 |',
    '| sherd+cache | 1.50 | 1.40-1.60 | 1.20 | 150 |',
    '| openai | 200 | 200-200 | 2.00 |',
    '| question of 1 KB (void) | x | quartiles | us, this machine |',
    '| sherd+cache | 10k | streamed, a random half leaves | 5001 | 4999 | 1 |',
  ])
    expect(text).toContain(line);
  expect(text).not.toContain('NaN');
});

test('a paced stream says in how many pieces it was read', () => {
  expect(text.match(/The yardstick read .* pieces/g)).toEqual(['The yardstick read 98.5 pieces']);
});
