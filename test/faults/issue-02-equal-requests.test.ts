/** bifrost#2791, #3190: requests that mean the same have different keys, so nothing is ever found. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { userMessage } from '../../src/llm/index.js';
import { fc } from '../support/property.js';
import { answer, ask, immune, KINDS, type Kind, serve, watch } from './harness.js';

const CALLS = 10_000;
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
    { numRuns: 10_000 },
  );
});

immune(`issue 2: ${CALLS} equal requests at one time, each spelt its own way, are one upstream call`, async (make) => {
  const server = await serve((request) => answer(request, 'All is well.'));
  const client = make({ servers: [server], cache: true, places: 100, retries: 0 });
  const random = createRandom(2);
  const meant = { x_a: [1, 'ä', { x_b: null, x_c: 'é\n' }], x_d: 1e3, x_e: { x_f: true, x_g: [], x_h: 'x' }, x_i: '' };
  const askAgain = (kind: Kind, question: string): Promise<{ readonly text: string }> =>
    ask(client, kind, question, { vendor: JSON.parse(respelled(meant, () => random.next())) });
  // One after the other first: who asks twice here would ask thousands of times below.
  for (const kind of KINDS) await askAgain(kind, 'a few times?');
  expect(server.requests.length).toBe(1);
  const calls = Array.from({ length: CALLS }, (_, i) => watch(askAgain(KINDS[i % 2] as Kind, 'at one time?')));
  for (const { end } of calls) expect((await end).text).toBe('All is well.');
  expect([server.requests.length, client.active()]).toEqual([2, 0]);
});
