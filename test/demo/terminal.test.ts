import { expect, test } from 'vitest';
import { createTerminal } from '../../src/demo/terminal.js';
import { cut, formatTable } from '../../src/demo/text-table.js';

function createStream(isTTY: boolean): {
  written: string;
  isTTY: boolean;
  columns: number;
  write(text: string): boolean;
} {
  return {
    written: '',
    isTTY,
    columns: 40,
    write(text) {
      this.written += text;
      return true;
    },
  };
}

test('on a terminal the status is rewritten in place and gives way to what is printed', () => {
  const stream = createStream(true);
  const terminal = createTerminal(stream, () => 0);
  terminal.showStatus(['one', 'two']);
  terminal.showStatus(['three', 'four']);
  terminal.print('stays');
  expect(stream.written).toBe('one\ntwo\n\x1b[2A\x1b[0Jthree\nfour\n\x1b[2A\x1b[0Jstays\n');
});

test('a status line is cut to the width, so that what is rewritten is what was written', () => {
  const stream = createStream(true);
  createTerminal(stream, () => 0).showStatus(['x'.repeat(50)]);
  expect(stream.written).toBe(`${'x'.repeat(39)}…\n`);
});

test('on a pipe the first line of the status is written, at most once a second', () => {
  const stream = createStream(false);
  let nowMs = 0;
  const terminal = createTerminal(stream, () => nowMs);
  for (const [atMs, line] of [
    [0, 'a'],
    [400, 'b'],
    [1000, 'c'],
    [1900, 'd'],
    [2100, 'e'],
  ] as const) {
    nowMs = atMs;
    terminal.showStatus([line, 'never']);
  }
  terminal.clearStatus();
  expect(stream.written).toBe('a\nc\ne\n');
});

test('a table sets numbers to the right, ignores colours in widths, and cuts its last column to the width', () => {
  const rows = [
    ['\x1b[32mlru\x1b[39m', '27.84', 'a long remark that goes on'],
    ['random', '2.1', 'short'],
  ];
  expect(formatTable({ columns: ['policy', '#hits', 'remark'], rows, width: 30 }).split('\n')).toEqual([
    'policy   hits  remark',
    '\x1b[32mlru\x1b[39m     27.84  a long remark …',
    'random    2.1  short',
  ]);
});

test('a text that fits is left as it is, one that does not loses its colours and its end', () => {
  expect(cut('\x1b[1mbold\x1b[22m', 4)).toBe('\x1b[1mbold\x1b[22m');
  expect(cut('\x1b[1mbold\x1b[22m', 3)).toBe('bo…');
});
