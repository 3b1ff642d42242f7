import { expect, test } from 'vitest';
import { LineReader } from '../../src/protocol/line-reader.js';
import { bufferBytes } from '../support/memory.js';

const MIB = 1024 * 1024;
const HALF = Buffer.alloc(MIB / 2, 'x');
const END = Buffer.from('\n');

test('a long line in pieces is handed on whole, and its buffer is not held on to', () => {
  const before = bufferBytes();
  const lengths: number[] = [];
  const readers = Array.from({ length: 20 }, () => {
    const reader = new LineReader('test', 2 * MIB, (_bytes, start, end) => lengths.push(end - start));
    for (const piece of [HALF, HALF, END]) reader.push(piece);
    return reader;
  });
  expect(bufferBytes() - before).toBeLessThan(MIB);
  for (const reader of readers) reader.push(Buffer.from('short\n'));
  expect(lengths).toEqual([...readers.map(() => MIB), ...readers.map(() => 'short'.length)]);
});
