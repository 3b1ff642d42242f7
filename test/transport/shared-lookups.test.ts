import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { shareLookups } from '../../src/transport/shared-lookups.js';

type Callback = Parameters<LookupFunction>[2];

function setUp() {
  const clock = createFakeClock();
  const asked: { readonly name: string; readonly answer: Callback }[] = [];
  const lookup = shareLookups((name, _options, answer) => void asked.push({ name, answer }), clock, 1000);
  const got: string[] = [];
  const look = (who: string, name = 'a', options = {}): void =>
    lookup(name, options, (error, address) => got.push(`${who}: ${error?.message ?? String(address)}`));
  return { clock, asked, got, look, lookup };
}

test('equal lookups at one time are one, and all hear its answer', () => {
  const { asked, got, look } = setUp();
  look('first');
  look('second');
  look('other name', 'b');
  look('other options', 'a', { all: true });
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b', 'a']);
  asked[0]?.answer(null, '127.0.0.1', 4);
  expect(got).toEqual(['first: 127.0.0.1', 'second: 127.0.0.1']);
});

test('nothing is kept of an answer or an error', () => {
  const { asked, got, look } = setUp();
  look('first');
  asked[0]?.answer(new Error('no'), '', 0);
  look('second');
  expect(asked).toHaveLength(2);
  asked[1]?.answer(null, '127.0.0.1', 4);
  expect(got).toEqual(['first: no', 'second: 127.0.0.1']);
});

test('one that does not answer is joined for its time, then asked again, whichever answers first', () => {
  const { clock, asked, got, look } = setUp();
  look('first');
  clock.advance(999);
  look('second');
  clock.advance(1);
  look('third');
  expect(asked).toHaveLength(2);
  asked[0]?.answer(null, 'late', 4);
  // The end of the old one is not the end of the new one.
  look('fourth');
  expect(asked).toHaveLength(2);
  asked[1]?.answer(null, 'new', 4);
  expect(got).toEqual(['first: late', 'second: late', 'third: new', 'fourth: new']);
});

test('a resolver that throws is asked again by the next', () => {
  let throws = true;
  const lookup = shareLookups(
    (_name, _options, answer) => {
      if (throws) throw new Error('broken');
      answer(null, 'ok', 4);
    },
    createFakeClock(),
    1000,
  );
  expect(() => lookup('a', {}, () => undefined)).toThrow('broken');
  throws = false;
  let got = '';
  lookup('a', {}, (_error, address) => {
    got = String(address);
  });
  expect(got).toBe('ok');
});
