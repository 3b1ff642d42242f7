import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CORPUS_BOUNDS, readCorpus } from '../../src/demo/corpus.js';

const PROSE = 'A sentence about pots and sherds, long enough to be a document.\n'.repeat(10);
const CODE = 'export function fire(kiln: Kiln): Pot {\n  return kiln.fire();\n}\n'.repeat(10);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sherd-corpus-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  const file = join(folder, 'node_modules', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function paths(bounds = CORPUS_BOUNDS): Promise<readonly string[]> {
  return (await readCorpus([folder], bounds)).documents.map((document) => document.path);
}

test('documents come by package, the README before declarations, those before sources', async () => {
  await put('zoo/README.md', PROSE);
  await put('@scope/pot/src/a.js', CODE);
  await put('@scope/pot/index.d.ts', CODE);
  await put('@scope/pot/README.md', PROSE);
  const { documents, packages, bytes } = await readCorpus([folder]);
  expect(documents.map((document) => document.path)).toEqual([
    '@scope/pot/README.md',
    '@scope/pot/index.d.ts',
    '@scope/pot/src/a.js',
    'zoo/README.md',
  ]);
  expect(documents.map((document) => document.kind)).toEqual(['prose', 'code', 'code', 'prose']);
  expect(packages).toBe(2);
  expect(bytes).toBe(2 * PROSE.length + 2 * CODE.length);
});

test('a folder below a node_modules folder finds it by walking up, and finds nothing twice', async () => {
  await put('pot/README.md', PROSE);
  await put('pot/dist/index.d.ts', CODE);
  const inside = join(folder, 'node_modules', 'pot', 'dist');
  expect((await readCorpus([inside, folder])).documents).toHaveLength(2);
});

test('licences, tests, tiny, huge, binary and machine-made files are passed over', async () => {
  await put('pot/README.md', PROSE);
  await put('pot/LICENSE.md', PROSE);
  await put('pot/CHANGELOG.md', PROSE);
  await put('pot/test/a.js', CODE);
  await put('pot/node_modules/inner/README.md', PROSE);
  await put('pot/tiny.js', 'x\n');
  await put('pot/huge.js', CODE.repeat(2000));
  await put('pot/binary.js', `${CODE}\0`);
  await put('pot/bundle.js', `${'x'.repeat(5000)}\n`);
  await put('pot/picture.png', PROSE);
  expect(await paths()).toEqual(['pot/README.md']);
});

test('no package gives more of a kind than its share, and all together no more than the total', async () => {
  for (const name of ['a', 'b', 'c']) {
    await put(`${name}/README.md`, PROSE);
    await put(`${name}/docs/more.md`, PROSE);
  }
  const packageBytes = { prose: PROSE.length, code: 0 };
  expect(await paths({ ...CORPUS_BOUNDS, packageBytes })).toEqual(['a/README.md', 'b/README.md', 'c/README.md']);
  expect(await paths({ ...CORPUS_BOUNDS, packageBytes, totalBytes: PROSE.length + 1 })).toEqual([
    'a/README.md',
    'b/README.md',
  ]);
});

test('no documents at all is an error that names where it looked', async () => {
  await mkdir(join(folder, 'node_modules', 'empty'), { recursive: true });
  await expect(readCorpus([join(folder, 'absent')])).rejects.toMatchObject({
    code: 'ERR_CORPUS_EMPTY',
    message: expect.stringContaining(join(folder, 'absent')),
  });
});
