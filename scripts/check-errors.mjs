/**
 * Checks that src makes only errors of core/errors.ts, and that docs/reference/errors.md lists exactly the codes that
 * stand in src. Usage: node scripts/check-errors.mjs [root]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { report } from './lib/report.mjs';
import { inspectSources } from './lib/syntax.mjs';

const ERRORS = 'src/core/errors.ts';
const REFERENCE = 'docs/reference/errors.md';
const CODE = /^ERR_[A-Z0-9_]+$/;

const root = process.argv[2] ?? process.cwd();
const typed = new Set();
const codes = new Map();
const { files, findings } = await inspectSources(root, (node, file) => {
  if (file === ERRORS && ts.isClassDeclaration(node)) typed.add(node.name?.text);
  if (ts.isStringLiteralLike(node) && CODE.test(node.text)) codes.set(node.text, file);
  if (ts.isTemplateExpression(node) && node.head.text.startsWith('ERR_'))
    return 'a code is written out, not put together';
  return undefined;
});
const { findings: untyped } = await inspectSources(root, (node) => {
  if (!ts.isNewExpression(node)) return undefined;
  const name = node.expression.getText();
  const isThrown = ts.isThrowStatement(node.parent);
  if (typed.has(name) || !(isThrown || /Error$|^DOMException$/.test(name))) return undefined;
  return `${name} is no typed error of ${ERRORS}`;
});

const listed = new Set((await readReference()).match(/\bERR_[A-Z0-9_]+\b/g));
report(`errors of ${files.length} files, ${codes.size} codes`, [
  ...findings,
  ...untyped,
  ...[...codes].filter(([code]) => !listed.has(code)).map(([code, file]) => `${file}: ${code} is not in ${REFERENCE}`),
  ...[...listed].filter((code) => !codes.has(code)).map((code) => `${REFERENCE}: ${code} stands nowhere in src`),
]);

function readReference() {
  return readFile(join(root, REFERENCE), 'utf8').catch(() => '');
}
