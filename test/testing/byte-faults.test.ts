import { describe, expect, test } from 'vitest';
import { ByteEditor, type ByteFaults } from '../../src/testing/byte-faults.js';
import { fc } from '../support/property.js';

/** What comes out when the text comes in pieces of this size. */
function passed(faults: ByteFaults, text: string, size = text.length): string[] {
  const editor = new ByteEditor(faults);
  const out: string[] = [];
  for (let at = 0; at < text.length; at += size) {
    for (const piece of editor.push(Buffer.from(text.slice(at, at + size), 'latin1')))
      out.push(piece.toString('latin1'));
  }
  return out;
}

describe('the bytes of one direction', () => {
  test('pass as they came where nothing is said', () => {
    expect(passed({}, 'abcdef', 4)).toEqual(['abcd', 'ef']);
  });

  test('leave in slices', () => {
    expect(passed({ sliceBytes: 1 }, 'abc')).toEqual(['a', 'b', 'c']);
    expect(passed({ sliceBytes: 2 }, 'abcde', 3)).toEqual(['ab', 'c', 'de']);
  });

  test.each<[string, ByteFaults, string]>([
    ['are inserted', { edits: [{ at: 2, insert: 'XY' }] }, 'abXYcdef'],
    ['are inserted at the end', { edits: [{ at: 6, insert: 'X' }] }, 'abcdefX'],
    ['are dropped', { edits: [{ at: 1, drop: 3 }] }, 'aef'],
    ['are garbled', { edits: [{ at: 2, drop: 2, insert: '??' }] }, 'ab??ef'],
    ['are doubled', { edits: [{ at: 4, repeat: 2 }] }, 'abcdcdef'],
    [
      'are changed at several places',
      {
        edits: [
          { at: 5, drop: 1 },
          { at: 0, insert: '<' },
        ],
      },
      '<abcde',
    ],
    ['are cut', { cut: { afterBytes: 3, by: 'fin' } }, 'abc'],
    ['are cut at once', { cut: { afterBytes: 0, by: 'fin' } }, ''],
    [
      'are cut as they leave, edits included',
      { edits: [{ at: 0, insert: 'XX' }], cut: { afterBytes: 3, by: 'fin' } },
      'XXa',
    ],
  ])('%s, in whatever pieces they come', (_, faults, expected) => {
    for (let size = 1; size <= 6; size++) expect(passed(faults, 'abcdef', size).join('')).toBe(expected);
  });

  test('are counted from the body where that is asked for, in whatever pieces the head comes', () => {
    const http = 'HTTP/1.1 200 OK\r\na: b\r\n\r\nabcdef';
    const faults: ByteFaults = { countFrom: 'body', edits: [{ at: 1, drop: 1 }], cut: { afterBytes: 3, by: 'reset' } };
    for (let size = 1; size <= http.length; size++) {
      expect(passed(faults, http, size).join('')).toBe('HTTP/1.1 200 OK\r\na: b\r\n\r\nacd');
    }
  });

  test('tell when they are cut', () => {
    const editor = new ByteEditor({ countFrom: 'body', cut: { afterBytes: 0, by: 'stall' } });
    expect(editor.isCut).toBe(false);
    editor.push(Buffer.from('x\r\n\r'));
    expect(editor.isCut).toBe(false);
    editor.push(Buffer.from('\nabc'));
    expect(editor.isCut).toBe(true);
  });

  test('come out equal however they are split', () => {
    const edit = fc.record({
      at: fc.nat(20),
      drop: fc.nat(3),
      repeat: fc.nat(3),
      insert: fc.string({ maxLength: 3, unit: 'grapheme-ascii' }),
    });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 3 }),
        fc.nat(25),
        fc.integer({ min: 1, max: 7 }),
        (edits, afterBytes, size) => {
          const faults: ByteFaults = { edits, cut: { afterBytes, by: 'fin' } };
          const text = 'abcdefghijklmnopqrst';
          expect(passed(faults, text, size).join('')).toBe(passed(faults, text).join(''));
        },
      ),
    );
  });
});
