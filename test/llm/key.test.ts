import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { cacheKey, canonicalJson, type KeyParts } from '../../src/llm/key.js';
import { fc } from '../support/property.js';

const parts: KeyParts = {
  provider: 'openai',
  endpoint: 'https://host/v1/chat/completions',
  model: 'm',
  scope: ['name', 'team'],
  body: { model: 'm', messages: [{ role: 'user', content: 'hi' }], temperature: 0.7 },
};

/** The same value with the members of every object in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [random(), name, shuffled(member, random)] as const);
  return Object.fromEntries(members.toSorted(([a], [b]) => a - b).map(([, name, member]) => [name, member]));
}

function onTheWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a cache key', () => {
  test('does not depend on the order of members, spacing or escapes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (body, numbers) => {
          const random = (): number => numbers.next().value;
          const permuted = shuffled(body, random) as Record<string, unknown>;
          const respelled = JSON.parse(JSON.stringify(permuted, undefined, 3)) as Record<string, unknown>;
          expect(cacheKey({ ...parts, body: permuted })).toBe(cacheKey({ ...parts, body }));
          expect(cacheKey({ ...parts, body: respelled })).toBe(cacheKey({ ...parts, body }));
        },
      ),
    );
  });

  test('differs when anything that is sent differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        fc.pre(!isDeepStrictEqual(onTheWire(a), onTheWire(b)));
        expect(cacheKey({ ...parts, body: { x: a } })).not.toBe(cacheKey({ ...parts, body: { x: b } }));
      }),
    );
  });

  test('differs when a long text differs, in whatever it holds and however lists of them are cut', () => {
    const long = 'what a long question this is, ';
    const text = fc.string({
      unit: fc.constantFrom('a', '"', '#', ' ', '3', '3', ',', '\ud800', '\udc00', '\ufffd', 'é'),
    });
    const texts = fc.array(
      text.map((end) => `${long}${end}`),
      { minLength: 1, maxLength: 3 },
    );
    const keyOf = (content: readonly string[]): string => cacheKey({ ...parts, body: { content } });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        fc.pre(!isDeepStrictEqual(a, b));
        expect(keyOf(a)).not.toBe(keyOf(b));
      }),
    );
    expect(keyOf([`${long}\ud800`])).not.toBe(keyOf([`${long}\udbff`]));
    expect(keyOf([`${long}x,#33 ${long}`])).not.toBe(keyOf([`${long}x`, `33 ${long}`]));
  });

  test.each([
    ['provider', { provider: 'groq' }],
    ['endpoint', { endpoint: 'https://other/v1/chat/completions' }],
    ['model', { model: 'n' }],
    ['scope', { scope: ['name', 'other'] }],
    ['a scope split elsewhere', { scope: ['nameteam'] }],
    ['temperature', { body: { ...parts.body, temperature: 0 } }],
    ['a tool choice', { body: { ...parts.body, tool_choice: 'none' } }],
    ['an unknown field', { body: { ...parts.body, some_vendor_field: 1 } }],
  ])('differs with another %s', (_, change) => {
    expect(cacheKey({ ...parts, ...change })).not.toBe(cacheKey(parts));
  });

  test.each(['stream', 'stream_options', 'metadata', 'user'])('is the same with another %s', (name) => {
    expect(cacheKey({ ...parts, body: { ...parts.body, [name]: { any: 'thing' } } })).toBe(cacheKey(parts));
  });

  test('is 64 hex digits', () => {
    expect(cacheKey(parts)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('canonical JSON', () => {
  test('is what JSON.stringify sends, members in order', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(onTheWire(value));
      }),
    );
  });

  test('tells apart what JSON.stringify tells apart, beyond plain members', () => {
    const values = [new Date(0), new Date(1), Object(1), Object(2), 'k\ud800', 'k\udbff', 'k\ufffd', null, {}, []];
    expect(new Set(values.map(canonicalJson)).size).toBe(values.length);
  });

  test('leaves out what is undefined, as the wire does', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, -0] })).toBe('{"a":[null,0]}');
  });
});
