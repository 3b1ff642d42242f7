/** The package as a stranger gets it: packed, installed into an empty project, imported. Needs `npm run build`. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, run } from './run-script.js';

interface Packed {
  readonly tarball: string;
  readonly packedBytes: number;
  readonly installedBytes: number;
  readonly files: readonly string[];
}

const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
const budget = JSON.parse(await readFile(join(ROOT, 'scripts/size-budget.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((path) => typeof manifest.exports[path] === 'object');

let directory = '';
let project = '';
let packed: Packed;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sherd-package-'));
  project = await createProject('installed');
  packed = await packPackage();
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, lines } = await run('npm', ['install', packed.tarball, ...flags], project);
  if (code !== 0) throw new Error(lines.join('\n'));
}, 240_000);
afterAll(() => rm(directory, { recursive: true }));

describe('the installed package', () => {
  test.each(entries)('exports from %s exactly the values of its snapshot', async (path) => {
    const snapshot = await readFile(join(ROOT, 'test/house/api', `${path.slice(2) || 'index'}.txt`), 'utf8');
    const expected = snapshot.split('\n').filter((line) => line.startsWith('value '));
    const { names, importMs } = await importInChild(project, specifierOf(path));
    console.log(`import of ${specifierOf(path)}: ${importMs.toFixed(1)} ms`);
    expect(names.map((name) => `value ${name}`)).toEqual(expected);
  });

  test.each(entries)('lets CommonJS code require %s', async (path) => {
    const code = `if (Object.keys(require('${specifierOf(path)}')).length === 0) process.exit(2);`;
    expect((await run(process.execPath, ['-e', code], project)).code).toBe(0);
  });

  test('loads sherd/cache without any other package present', async () => {
    const bare = await createProject('bare');
    await cp(join(project, 'node_modules/sherd'), join(bare, 'node_modules/sherd'), { recursive: true });
    expect((await importInChild(bare, 'sherd/cache')).names).toContain('createShardedCache');
    await expect(importInChild(bare, 'undici')).rejects.toThrow('ERR_MODULE_NOT_FOUND');
  });

  test('loads sherd/cache without what only compression needs', async () => {
    const code = `await import('sherd/cache'); if (process.moduleLoadList.includes('NativeModule zlib')) process.exit(2);`;
    expect((await run(process.execPath, ['--input-type=module', '-e', code], project)).code).toBe(0);
  });

  test('compiles in a strict consumer that checks libraries too', async () => {
    const imports = entries.map((path, i) => `export * as entry${i} from '${specifierOf(path)}';\n`);
    await writeFile(join(project, 'consumer.mts'), imports.join(''));
    await symlink(join(ROOT, 'node_modules/@types'), join(project, 'node_modules/@types'), 'junction');
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { code, lines } = await run(process.execPath, [compiler, ...flags, 'consumer.mts'], project);
    expect(lines.filter((line) => line.includes('error'))).toEqual([]);
    expect(code).toBe(0);
  });

  test('finds every shipped profile under its public name', async () => {
    const profiles = packed.files.filter((file) => file.startsWith('profiles/') && file.endsWith('.json'));
    expect(profiles).not.toEqual([]);
    const code = `for (const file of ${JSON.stringify(profiles)}) import.meta.resolve('sherd/' + file);`;
    expect((await evaluate(project, code)).code).toBe(0);
  });

  test('puts a sherd command on the path that explains itself', async () => {
    const { code, lines } = await run(join(project, 'node_modules/.bin/sherd'), ['--help'], project);
    expect(code).toBe(0);
    expect(lines.join('\n')).toContain('demo');
  });

  test('stays within the size budget', async () => {
    const own = await sizeOf(join(project, 'node_modules/sherd'));
    const total = await sizeOf(join(project, 'node_modules'));
    console.log(`packed ${packed.packedBytes} B, installed ${own} B, with its dependencies ${total} B`);
    expect(packed.packedBytes).toBeLessThanOrEqual(budget.packedBytes);
    expect(own).toBeLessThanOrEqual(budget.installedBytes);
  });

  test('ships what is built and what is read, and nothing else', () => {
    const allowed = /^(?:dist\/|profiles\/|README\.md$|CHANGELOG\.md$|LICENSE$|package\.json$)/;
    expect(packed.files.filter((file) => !allowed.test(file))).toEqual([]);
    expect(packed.files).toContain('LICENSE');
  });
});

async function createProject(name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return path;
}

async function packPackage(): Promise<Packed> {
  for (const path of entries) await stat(join(ROOT, manifest.exports[path].default));
  const code = `import { pack } from './scripts/lib/pack.mjs'; console.log(JSON.stringify(await pack('.', process.argv[1])))`;
  const { code: exitCode, lines } = await run(process.execPath, ['--input-type=module', '-e', code, directory], ROOT);
  if (exitCode !== 0) throw new Error(lines.join('\n'));
  return JSON.parse(lines[0] ?? '');
}

/** Fresh process, so that nothing is loaded before; rejects with what the child said. */
async function importInChild(cwd: string, specifier: string): Promise<{ names: string[]; importMs: number }> {
  const { code, lines } = await evaluate(
    cwd,
    `const startMs = performance.now();
     const names = Object.keys(await import('${specifier}')).sort();
     console.log(JSON.stringify({ names, importMs: performance.now() - startMs }));`,
  );
  if (code !== 0) throw new Error(lines.join('\n'));
  return JSON.parse(lines[0] ?? '');
}

function evaluate(cwd: string, code: string): ReturnType<typeof run> {
  return run(process.execPath, ['--input-type=module', '-e', code], cwd);
}

function specifierOf(path: string): string {
  return manifest.name + path.slice(1);
}

async function sizeOf(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
