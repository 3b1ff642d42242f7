/** Every TypeScript snippet of the README compiles against the built package and runs, against a local server. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createLocalServer, type LocalServer } from '../../src/testing/local-server.js';

const ROOT = join(import.meta.dirname, '../..');
// Inside the package, so that `sherd/cache` resolves to the built entries as it does for users.
const FOLDER = join(ROOT, 'dist/readme');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const snippets = snippetsOf(readme);

let server: LocalServer;

beforeAll(async () => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [i, { code }] of snippets.entries()) writeFileSync(join(FOLDER, `snippet-${i}.ts`), code);
  server = await createLocalServer({ provider: createLocalProvider() });
});
afterAll(async () => {
  await server.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

test('the README has its snippets', () => {
  expect(snippets.length).toBeGreaterThanOrEqual(11);
});

test('they compile', () => {
  const program = ts.createProgram(
    snippets.map((_, i) => join(FOLDER, `snippet-${i}.ts`)),
    {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    },
  );
  const problems = ts.getPreEmitDiagnostics(program).map((problem) => {
    return `${problem.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`;
  });
  expect(problems).toEqual([]);
});

test.each(snippets.map(({ title, code }, i) => [`${i}: ${title}`, i, code] as const))(
  'snippet %s runs and exits',
  async (_title, i, code) => {
    const file = join(FOLDER, `snippet-${i}.mjs`);
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(file, outputText);
    const env = { ...process.env, OPENAI_API_KEY: 'local-key', OPENAI_BASE_URL: server.baseURL };
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', file], { env, timeout: 20_000 });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors += text.toString();
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, errors]).toEqual([0, '']);
  },
);

/** The blocks marked ts, each under the heading it stands under. */
function snippetsOf(markdown: string): { title: string; code: string }[] {
  const found: { title: string; code: string }[] = [];
  let title = '';
  for (const [, heading, code] of markdown.matchAll(/^(#+ .+)$|```ts\n([\s\S]*?)```/gm)) {
    if (heading !== undefined) title = heading;
    if (code !== undefined) found.push({ title, code });
  }
  return found;
}
