import { describe, expect, test } from 'vitest';
import { matchesGlob } from '../../src/structures/glob.js';
import { operations } from '../support/deep.js';
import { fc } from '../support/property.js';

/** The definition, spelled out: slow, recursive, over code points. */
function matchesNaively(pattern: string, text: string): boolean {
  const symbols: { readonly kind: 'star' | 'any' | 'literal'; readonly character: string }[] = [];
  const points = [...pattern];
  for (let i = 0; i < points.length; i++) {
    const character = points[i] as string;
    if (character === '*') symbols.push({ kind: 'star', character });
    else if (character === '?') symbols.push({ kind: 'any', character });
    else if (character === '\\' && i + 1 < points.length)
      symbols.push({ kind: 'literal', character: points[++i] as string });
    else symbols.push({ kind: 'literal', character });
  }
  const characters = [...text];
  function matches(s: number, c: number): boolean {
    const symbol = symbols[s];
    if (symbol === undefined) return c === characters.length;
    if (symbol.kind === 'star') return matches(s + 1, c) || (c < characters.length && matches(s, c + 1));
    if (c === characters.length) return false;
    return (symbol.kind === 'any' || symbol.character === characters[c]) && matches(s + 1, c + 1);
  }
  return matches(0, 0);
}

describe('matchesGlob', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['?', '', false],
    ['user:*', 'user:1', true],
    ['user:*', 'users:1', false],
    ['*:1', 'user:1', true],
    ['u*r:?', 'user:1', true],
    ['a*b*c', 'a-b-b-c-c', true],
    ['a*b*c', 'a-b-b-c-d', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['\\?', '?', true],
    ['\\\\', '\\', true],
    ['a\\', 'a\\', true],
    ['\\a', 'a', true],
    ['(a+)+$', '(a+)+$', true],
    ['[ab]', 'a', false],
    ['?', '😀', true],
    ['??', '😀', false],
    ['*\n*', 'two\nlines', true],
  ])('%j against %j is %s', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  test('agrees with the naive definition on patterns and texts over a small alphabet', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '\\', '😀');
    const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', '*', '?', '\\', '😀'), { maxLength: 10 })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, subject) => {
        expect(matchesGlob(glob, subject)).toBe(matchesNaively(glob, subject));
      }),
      { numRuns: operations(5000) },
    );
  });

  test('answers for a pattern of fifty stars over twenty thousand characters, where backtracking never would', () => {
    const text = 'a'.repeat(20_000);
    expect(matchesGlob(`${'*a'.repeat(50)}*b`, text)).toBe(false);
    expect(matchesGlob(`${'*a'.repeat(50)}*`, text)).toBe(true);
  });
});
