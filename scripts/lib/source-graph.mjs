/**
 * The import graph of src as dependency-cruiser sees it, with the violations of .dependency-cruiser.mjs.
 * Invariant: every file of src is in it. A cruise that skips files it cannot parse would pass silently.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { listFiles } from './files.mjs';
import { inspectSources } from './syntax.mjs';

const CONFIG = fileURLToPath(new URL('../../.dependency-cruiser.mjs', import.meta.url));
const CRUISER = fileURLToPath(
  new URL('../../node_modules/dependency-cruiser/bin/dependency-cruise.mjs', import.meta.url),
);

/**
 * @typedef {{ resolved: string, module: string, dynamic: boolean, dependencyTypes: string[] }} Dependency
 * @typedef {{ source: string, dependencies: Dependency[] }} Module
 * @typedef {{ from: string, to: string, rule: { name: string }, cycle?: { name: string }[] }} Violation
 * @typedef {{ modules: Module[], violations: Violation[] }} SourceGraph
 */

/**
 * @param {string} root the directory that holds src, package.json and tsconfig.json
 * @returns {Promise<SourceGraph>}
 */
export async function readSourceGraph(root) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CRUISER, 'src', '--config', CONFIG, '--output-type', 'json'],
    { cwd: root, maxBuffer: 2 ** 28 },
  ).catch(keepReport);
  const { modules, summary } = JSON.parse(stdout);
  const seen = new Set(modules.map((module) => module.source));
  const missed = (await listFiles(root, ['src'], '.ts')).filter((file) => !seen.has(file));
  if (missed.length > 0) throw new Error(`dependency-cruiser did not read ${missed.join(', ')}`);
  return { modules, violations: summary.violations };
}

/**
 * Packages that a file gets through createRequire, which dependency-cruiser does not follow.
 * @param {string} root
 * @returns {Promise<{ source: string, package: string, dynamic: boolean }[]>} dynamic: inside a function
 */
export async function readRequires(root) {
  const requires = [];
  await inspectSources(root, (node, source) => {
    if (!ts.isCallExpression(node) || !/^(?:createRequire\(|require$)/.test(node.expression.getText()))
      return undefined;
    const [specifier] = node.arguments;
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier.text)?.[0] ?? '';
    requires.push({ source, package: name, dynamic: ts.findAncestor(node, ts.isFunctionLike) !== undefined });
    return undefined;
  });
  return requires;
}

/** True for an import that is gone once the types are: it loads nothing. */
export function isTypeOnly(dependency) {
  return dependency.dependencyTypes.includes('type-only');
}

/** Name of the npm package an import loads, or undefined for our own files and for Node's. */
export function packageOf(dependency) {
  return /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(dependency.resolved)?.[1];
}

/** The exit code counts the violations; the report is on stdout all the same. */
function keepReport(error) {
  if (error.stdout?.startsWith('{')) return error;
  throw error;
}
