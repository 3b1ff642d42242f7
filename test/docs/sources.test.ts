/** The page on the source documents: no capability is left out, and every file and script it names exists. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPage } from '../support/snippets.js';

const ROOT = join(import.meta.dirname, '../..');
const page = readPage('docs/reference/sources.md');
const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Readonly<Record<string, string>> };

const rows = [...page.matchAll(/^\| (S(\d)-(\d+)) \| (.+?) \| (.+) \|$/gm)].map(
  ([, id, source, number, , shownBy]) => ({
    id: id ?? '',
    source: Number(source),
    number: Number(number),
    shownBy: shownBy ?? '',
  }),
);

/** What stands in code and is no name of ours. */
const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
const isFile = (name: string): boolean => /^(?:test|docs|bench|profiles|src)\/|^package\.json$/.test(name);
const scriptOf = (name: string): string | undefined => /^npm run ([\w:-]+)/.exec(name)?.[1];

describe('the page on sources', () => {
  test.each([
    [4, 117],
    [0, 51],
    [1, 37],
    [2, 42],
    [3, 31],
  ])('has all capabilities of document %i, each once and in order', (source, count) => {
    const numbers = rows.filter((row) => row.source === source).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  });

  test('says of each what shows it, or that it is not there', () => {
    const silent = rows.filter(({ shownBy }) => {
      const shows = namesIn(shownBy).some((name) => isFile(name) || scriptOf(name) !== undefined);
      return !shows && !/^not yet|^not offered, because ./.test(shownBy);
    });
    expect(silent).toEqual([]);
  });

  test('names files that exist', () => {
    const files = namesIn(page).filter(isFile);
    expect(files.length).toBeGreaterThan(200);
    expect(files.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  test('names scripts that exist', () => {
    const named = namesIn(page).flatMap((name) => scriptOf(name) ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  test('says what will never be, and why', () => {
    const refused = page.split('\n').filter((line) => line.includes('not offered, because'));
    for (const word of ['gRPC', 'protobuf', 'mmap', 'jsoniter', 'LockBias', 'tools'])
      expect(
        refused.some((line) => line.includes(word)),
        word,
      ).toBe(true);
  });
});
