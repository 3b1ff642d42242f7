import { describe, expect, test } from 'vitest';
import { createJsonTree, parseJsonPath, putAt } from '../../src/providers/json-path.js';
import { fc } from '../support/property.js';

describe('a path', () => {
  test.each([
    ['$.a', ['a']],
    ['$.recipe.steps[10]', ['recipe', 'steps', 10]],
    ["$['a name'][0].b", ['a name', 0, 'b']],
    ['$[\'it\\\'s\']["\\""]', ["it's", '"']],
    ['$', undefined],
    ['', undefined],
    ['a', undefined],
    ['$.', undefined],
    ['$..a', undefined],
    ['$[-1]', undefined],
    ['$[*]', undefined],
    ['$.a[', undefined],
  ])('%s leads to %j', (path, steps) => {
    expect(parseJsonPath(path)).toEqual(steps);
  });
});

describe('a value put at a path', () => {
  test('makes the objects and lists on its way, and text is appended to text', () => {
    const root = createJsonTree();
    for (const [path, value] of [
      ['$.a.b[0].c', 'x'],
      ['$.a.b[0].c', 'y'],
      ['$.a.b[1]', 2],
      ['$.a.b[1]', 3],
      ['$.e', null],
    ] as const)
      expect(putAt(root, path, value)).toBe(true);
    expect(JSON.stringify(root)).toBe('{"a":{"b":[{"c":"xy"},3]},"e":null}');
  });

  test.each([['$.text.inner'], ['$.list[5]'], ['$.list.name'], ['$[0]'], ['nonsense']])(
    'is refused at %s, and nothing changes',
    (path) => {
      const root = createJsonTree();
      putAt(root, '$.text', 'x');
      putAt(root, '$.list[0]', 1);
      const before = JSON.stringify(root);
      expect(putAt(root, path, 'y')).toBe(false);
      expect(JSON.stringify(root)).toBe(before);
    },
  );

  test('reaches no prototype', () => {
    const root = createJsonTree();
    Object.assign(root, { given: JSON.parse('{"list":[{}]}') as object });
    for (const path of [
      '$.__proto__.polluted',
      '$.given.__proto__.polluted',
      '$.given.list[0].constructor.prototype.polluted',
      '$.given.list.__proto__.polluted',
    ])
      putAt(root, path, true);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(([] as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('of any data, leaf by leaf in order, gives that data', () => {
    const name = fc.string({ minLength: 1, maxLength: 5 });
    const { data } = fc.letrec<{ data: unknown }>((tie) => ({
      data: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('data'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(name, tie('data'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, data, { noNullPrototype: true }), (given) => {
        const root = createJsonTree();
        for (const [path, value] of leavesOf('$', given)) expect(putAt(root, path, value)).toBe(true);
        expect(JSON.parse(JSON.stringify(root))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });
});

function leavesOf(path: string, value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesOf(`${path}[${i}]`, item));
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, item]) =>
    leavesOf(`${path}['${name.replace(/[\\']/g, '\\$&')}']`, item),
  );
}
