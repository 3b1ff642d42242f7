/** bifrost#2791, #3190: requests that mean the same have different keys, so nothing is ever found. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';
import { userMessage } from '../../src/llm/index.js';
import { isDeep } from '../support/deep.js';
import { immune } from './harness.js';

const question = [userMessage('why?')];
const field = fc.string({ minLength: 1, maxLength: 4 }).map((name) => `x_${name}`);
const body = fc.dictionary(field, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 5 });

/** The same JSON in other words: members in another order, spaces, escapes, and whole numbers as 1e0. */
function respelled(value: unknown, random: () => number): string {
  if (Array.isArray(value)) return `[${value.map((item) => respelled(item, random)).join(' ,\n')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => [random(), name, member] as const);
    const sorted = members.sort(([a], [b]) => a - b);
    return `{ ${sorted.map(([, name, member]) => `${escaped(name)} : ${respelled(member, random)}`).join(', ')} }`;
  }
  if (typeof value === 'string') return escaped(value);
  return Number.isSafeInteger(value) ? `${value}.0e0` : JSON.stringify(value);
}
function escaped(text: string): string {
  return `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
}

immune('issue 2: equal requests have one key however they are spelt, unequal ones never', async (make) => {
  const client = make({ servers: [{ url: 'http://127.0.0.1:1' }], cache: true });
  const keyOf = (vendor: Record<string, unknown>): string => client.cacheKey(question, { vendor });
  expect(keyOf({ x_b: 1, x_a: 2 })).toBe(keyOf({ x_a: 2, x_b: 1 }));
  const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(body, body, numbers, (one, other, draws) => {
      const again = JSON.parse(respelled(one, () => draws.next().value)) as Record<string, unknown>;
      expect(keyOf(again)).toBe(keyOf(one));
      const isSame = isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
      expect(keyOf(other) === keyOf(one)).toBe(isSame);
    }),
    { numRuns: isDeep ? 10_000 : 2000 },
  );
});
