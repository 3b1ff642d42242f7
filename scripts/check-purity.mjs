/**
 * Checks that time, randomness and the environment come in as arguments below the cache floor, where only the two files
 * that wrap them may touch them. Usage: node scripts/check-purity.mjs [root]
 */
import ts from 'typescript';
import { FLOORS } from '../.dependency-cruiser.mjs';
import { report } from './lib/report.mjs';
import { inspectSources } from './lib/syntax.mjs';

const PURE_FOLDERS = new Set(
  FLOORS.slice(
    0,
    FLOORS.findIndex((folders) => folders.includes('cache')),
  ).flat(),
);
const WRAPPERS = new Set(['src/core/clock.ts', 'src/core/random.ts']);

const IMPURE_MEMBERS = new Set(['Date.now', 'Math.random', 'process.env', 'process.hrtime', 'performance.now']);
const IMPURE_NAMES = new Set(['setTimeout', 'setInterval']);

const root = process.argv[2] ?? process.cwd();
const { files, findings } = await inspectSources(root, (node, file) => {
  const folder = file.split('/')[1] ?? '';
  if (!PURE_FOLDERS.has(folder) || WRAPPERS.has(file)) return undefined;
  const name = impurity(node);
  return name === undefined ? undefined : `${name} is not for this floor; take it as an argument`;
});

report(`purity of ${files.length} files`, findings);

/** @param {ts.Node} node */
function impurity(node) {
  if (ts.isPropertyAccessExpression(node)) {
    const name = node
      .getText()
      .replaceAll(/\s/g, '')
      .replace(/^globalThis\./, '');
    return IMPURE_MEMBERS.has(name) || IMPURE_NAMES.has(name) ? name : undefined;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return IMPURE_NAMES.has(node.expression.text) ? node.expression.text : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && node.arguments?.length === 0) {
    return 'new Date()';
  }
  if (ts.isImportSpecifier(node)) {
    const name = (node.propertyName ?? node.name).text;
    return IMPURE_NAMES.has(name) ? name : undefined;
  }
  return undefined;
}
