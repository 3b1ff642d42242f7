/** F60 and F61: questions of many megabytes, and texts and names that are hard to tell apart. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { userMessage, withCache } from '../../src/llm/index.js';
import { answer, ask, clientOf, serve, watch } from './harness.js';

test.each([400_000, 10_000_000])(
  'F60: a question of %i bytes is sent whole, answered, stored and found again',
  async (bytes) => {
    const received: number[] = [];
    const server = await serve((request) => {
      received.push((JSON.parse(request.body) as { messages: { content: string }[] }).messages[0]?.content.length ?? 0);
      return answer(request, 'read');
    });
    const client = clientOf(server, withCache(true));
    const question = 'lorem ipsum '.repeat(bytes / 12);
    expect(await watch(ask(client, 'chat', question)).end).toEqual({ text: 'read' });
    expect(await client.chat([userMessage(question)])).toMatchObject({ cached: true, text: 'read' });
    const other = `${question.slice(0, -1)}!`;
    expect((await client.chat([userMessage(other)])).cached).toBe(false);
    expect(received).toEqual([question.length, question.length]);
  },
);

test('F61: texts, names and scopes that nearly agree never share a key', async () => {
  const server = await serve((request) => answer(request, 'x'));
  const client = clientOf(server, withCache(true));
  const texts = [
    '\0',
    '\0\0',
    '\uD800',
    '\uDC00',
    '\u00E9',
    'e\u0301',
    'x'.repeat(65_536),
    'x'.repeat(65_537),
    '__proto__',
    'constructor',
    '1',
    '01',
    '1.0',
    'a',
    'aa',
    'a:b',
    '{"a":1}',
    '[object Object]',
    ' a',
    'a ',
  ];
  const keys = texts.map((text) => client.cacheKey([userMessage(text)]));
  expect(new Set(keys).size).toBe(texts.length);
  const scoped = (scope: string, question: string): string => client.cacheKey([userMessage(question)], { scope });
  expect(scoped('a:b', 'c')).not.toBe(scoped('a', 'b:c'));
  const vendor = (text: string): string =>
    client.cacheKey([userMessage('q')], { scope: 's', vendor: JSON.parse(text) as Record<string, unknown> });
  expect(
    new Set(
      ['{}', '{"__proto__":1}', '{"__proto__":{}}', '{"a":1}', '{"a":"1"}', '{"a":[1]}', '{"a":null}'].map(vendor),
    ).size,
  ).toBe(7);
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, text, text, text, (scopeA, questionA, scopeB, questionB) => {
      const isSame = scopeA === scopeB && questionA === questionB;
      expect(scoped(scopeA, questionA) === scoped(scopeB, questionB)).toBe(isSame);
    }),
    { numRuns: 2000 },
  );
});
