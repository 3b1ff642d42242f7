/** Reads source files as syntax, so that a check sees code and never a comment or a string. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { listFiles } from './files.mjs';

/**
 * Collects what `inspect` yields for each node of each .ts file under src, prefixed with `file:line`.
 * @param {string} root
 * @param {(node: ts.Node, file: string) => string | undefined} inspect
 * @returns {Promise<{ files: string[], findings: string[] }>}
 */
export async function inspectSources(root, inspect) {
  const files = (await listFiles(root, ['src'], '.ts')).filter((file) => !file.endsWith('.d.ts'));
  const findings = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, await readFile(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    visit(source);

    function visit(node) {
      const finding = inspect(node, file);
      if (finding !== undefined) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        findings.push(`${file}:${line + 1}: ${finding}`);
      }
      ts.forEachChild(node, visit);
    }
  }
  return { files, findings };
}
