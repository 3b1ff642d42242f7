/** The command line of the bench. */
import { expect, test } from 'vitest';
import { readArguments } from '../../bench/lib/arguments.mjs';
import { subjectOf, twinOf } from '../../bench/lib/subjects/subject.mjs';
import { textTable } from '../../bench/lib/text-table.mjs';

const SUITES = { speed: true, memory: true };

test('without arguments all suites run in full', () => {
  expect(readArguments([], SUITES)).toEqual({
    isHelp: false,
    suites: ['speed', 'memory'],
    scale: 'full',
    isStrict: false,
    filters: {},
  });
});

test('suites can be named bare or by --suite', () => {
  expect(readArguments(['memory', '--quick'], SUITES)).toMatchObject({ suites: ['memory'], scale: 'quick' });
  expect(readArguments(['--suite', 'memory,speed', '--smoke'], SUITES)).toMatchObject({
    suites: ['memory', 'speed'],
    scale: 'smoke',
  });
});

test('suites of a group of their own only run by name', () => {
  const more = { soak: true };
  expect(readArguments([], SUITES, more).suites).toEqual(['speed', 'memory']);
  expect(readArguments(['soak', '--minutes', '3'], SUITES, more)).toMatchObject({
    suites: ['soak'],
    filters: { minutes: 3 },
  });
  expect(() => readArguments(['soaks'], SUITES, more)).toThrow('known: speed, memory, soak');
});

test('what is left out of a run is a filter', () => {
  const { filters } = readArguments(['--sizes', '10_000,1000000', '--shapes', 'url', '--rounds', '3'], SUITES);
  expect(filters).toEqual({ sizes: [10_000, 1_000_000], shapes: ['url'], rounds: 3 });
});

test.each([
  [['speeed'], "suite 'speeed' is unknown"],
  [['--rounds', '0'], "expected a whole number from 1, got '0'"],
  [['--sizes', 'many'], "got 'many'"],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused', (args, message) => {
  expect(() => readArguments(args, SUITES)).toThrow(message);
});

test('a subject is a base and its variants', () => {
  expect(subjectOf('lru-cache+ttl')).toMatchObject({ base: 'lru-cache', hasTtl: true, policy: undefined });
  expect(subjectOf('sherd+no-ttl+lfu')).toMatchObject({ base: 'sherd', hasTtl: false, policy: 'lfu' });
  expect(subjectOf(twinOf('sieve-cache'))).toMatchObject({ base: 'sieve-cache', hasTtl: false });
});

test.each(['nobody', 'lru-cache+sieve', 'sherd+ttl+counts', 'sieve-cache+ttl', 'sherdy'])('%s is refused', (name) => {
  expect(() => subjectOf(name)).toThrow(/subject '.*'/);
});

test('a table is as wide as its widest cells, with numbers to the right', () => {
  expect(
    textTable(
      ['name', 'ms'],
      [
        ['a', '1.5'],
        ['longer', '12'],
      ],
    ),
  ).toBe(['name     ms', '------  ---', 'a       1.5', 'longer   12'].join('\n'));
});
