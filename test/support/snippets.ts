/** Snippets of a page of Markdown, as files inside the built package: compiled together, run one by one. Needs `npm run build`. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');

export interface Snippet {
  /** The heading it stands under. */
  readonly title: string;
  readonly code: string;
}

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The text of a page, from the root of the repository. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The blocks marked ts. */
export function snippetsOf(markdown: string): Snippet[] {
  const found: Snippet[] = [];
  let title = '';
  for (const [, heading, code] of markdown.matchAll(/^(#+ .+)$|```ts\n([\s\S]*?)```/gm)) {
    if (heading !== undefined) title = heading;
    if (code !== undefined) found.push({ title, code });
  }
  return found;
}

export class SnippetFolder {
  readonly #snippets: readonly Snippet[];
  /** Inside the package, so that `sherd/cache` resolves to the built entries as it does for users. */
  readonly #path: string;

  constructor(name: string, snippets: readonly Snippet[]) {
    this.#snippets = snippets;
    this.#path = join(ROOT, 'dist/snippets', name);
  }

  write(): void {
    this.remove();
    mkdirSync(this.#path, { recursive: true });
    for (const [i, { code }] of this.#snippets.entries()) {
      writeFileSync(this.#file(i, 'ts'), code);
      const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
      writeFileSync(this.#file(i, 'mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
    }
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }

  /** What the compiler has to say of them. */
  problems(): string[] {
    const program = ts.createProgram(
      this.#snippets.map((_, i) => this.#file(i, 'ts')),
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
    return ts.getPreEmitDiagnostics(program).map((problem) => {
      return `${problem.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`;
    });
  }

  /** Runs one in a process of its own until it exits. */
  async run(i: number, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', this.#file(i, 'mjs')], {
      env: { ...process.env, ...env },
      timeout: 20_000,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      errors += text.toString();
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, output, errors };
  }

  #file(i: number, extension: string): string {
    return join(this.#path, `snippet-${i}.${extension}`);
  }
}
