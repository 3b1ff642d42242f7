/** The page on moving in: what stands before and after prints the same, and no option or verb of the others is missing. */
import ts from 'typescript';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import * as cacheEntry from '../../src/cache/index.js';
import * as testingEntry from '../../src/testing/index.js';
import { readPage, SnippetFolder, snippetsOf } from '../support/snippets.js';

const page = readPage('docs/guide/migrating.md');

describe('before and after', () => {
  const snippets = snippetsOf(page);
  const folder = new SnippetFolder('migrating', snippets);
  const rows = page
    .split('<tr>')
    .map(snippetsOf)
    .filter((row) => row.length > 0);

  beforeAll(() => folder.write());
  afterAll(() => folder.remove());

  test('stand in pairs', () => {
    expect(rows.length).toBeGreaterThanOrEqual(12);
    expect(rows.filter((row) => row.length !== 2)).toEqual([]);
    expect(rows.flat().map(({ code }) => code)).toEqual(snippets.map(({ code }) => code));
  });

  test('compile', () => {
    expect(folder.problems()).toEqual([]);
  });

  test.each(rows.map((_, i) => i))('pair %i prints the same twice', async (i) => {
    const [before, after] = await Promise.all([folder.run(2 * i), folder.run(2 * i + 1)]);
    expect(before).toMatchObject({ status: 0, errors: '', output: expect.stringMatching(/./) });
    expect(after).toEqual(before);
  });
});

describe('the tables', () => {
  // The names that stand in code, by the section they stand in.
  const sections = new Map(
    page.split(/^## From /m).map((text) => {
      const names = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(
        ([, code]) => code?.match(/\[Symbol\.\w+\]|[\w$]+/g) ?? [],
      );
      return [text.split('\n')[0] ?? '', new Set(names)];
    }),
  );
  const missing = (section: string, names: readonly string[]) =>
    names.filter((name) => !sections.get(section)?.has(name));

  test.each([
    ['lru-cache', 'lru-cache', 'OptionsBase'],
    ['lru-cache', 'lru-cache', 'LRUCache'],
    ['lru-cache', 'lru-cache', 'GetOptions'],
    ['lru-cache', 'lru-cache', 'SetOptions'],
    ['lru-cache', 'lru-cache', 'FetchOptions'],
    ['lru-cache', 'lru-cache', 'MemoOptions'],
    ['Keyv', 'keyv', 'KeyvOptions'],
    ['Keyv', 'keyv', 'Keyv'],
    ['Keyv', 'keyv-6', 'KeyvOptions'],
    ['Keyv', 'keyv-6', 'Keyv'],
    ['cache-manager', 'cache-manager', 'CreateCacheOptions'],
    ['cache-manager', 'cache-manager', 'WrapOptionsRaw'],
    ['cache-manager', 'cache-manager', 'Cache'],
    ['cache-manager', 'cache-manager', 'Events'],
  ])('under %s name all that %s has in %s', (section, packageName, typeName) => {
    const names = membersOf(packageName, typeName);
    expect(names.length).toBeGreaterThan(0);
    expect(missing(section, names)).toEqual([]);
  });

  test('name options and factories that exist', () => {
    const exported = new Set([...Object.keys(cacheEntry), ...Object.keys(testingEntry)]);
    const others = new Set(['createCache']);
    const named = [...sections.values()]
      .flatMap((names) => [...names])
      .filter((name) => /^(?:with|create)[A-Z]/.test(name));
    expect(named.filter((name) => !exported.has(name) && !others.has(name))).toEqual([]);
  });
});

/** The public members that a package's declarations write down in its types of this name. */
function membersOf(packageName: string, typeName: string): string[] {
  const options = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const { resolvedModule } = ts.resolveModuleName(packageName, import.meta.filename, options, ts.sys);
  const path = resolvedModule?.resolvedFileName ?? assert.fail(`${packageName} has no declarations`);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isDeclared = ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node);
    if (isDeclared && node.name?.text === typeName) for (const member of node.members) note(member);
    else if (ts.isTypeAliasDeclaration(node) && node.name.text === typeName) ts.forEachChild(node.type, noteLiteral);
    else ts.forEachChild(node, visit);
  };
  const note = (member: ts.Node): void => {
    if (!ts.isClassElement(member) && !ts.isTypeElement(member)) return;
    const flags = ts.getCombinedModifierFlags(member as ts.Declaration);
    const isOwn = (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Static)) === 0;
    const name = member.name?.getText(source);
    if (isOwn && name !== undefined && !/^[#_]|^\[Symbol\.toStringTag\]$/.test(name)) found.add(name);
  };
  const noteLiteral = (node: ts.Node): void => (ts.isTypeLiteralNode(node) ? node.members.forEach(note) : note(node));
  const source = ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.ESNext, true);
  visit(source);
  return [...found];
}
