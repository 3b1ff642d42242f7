/**
 * Checks that every package in `dependencies` has a job in src, and that `sherd/cache` loads none of them on import.
 * Usage: node scripts/check-dependencies.mjs [root]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { report } from './lib/report.mjs';
import { isTypeOnly, packageOf, readRequires, readSourceGraph } from './lib/source-graph.mjs';

const CACHE_ENTRY = 'src/cache/index.ts';

const root = process.argv[2] ?? process.cwd();
const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { modules } = await readSourceGraph(root);
const requires = await readRequires(root);
const named = Object.keys(dependencies);

report(`jobs of ${named.length} dependencies`, [...findIdle(), ...findLoadedByCache()]);

function findIdle() {
  const imports = modules.filter(({ source }) => source.startsWith('src/')).flatMap((module) => module.dependencies);
  const imported = imports.filter((dependency) => !isTypeOnly(dependency)).map(packageOf);
  const used = new Set([...imported, ...requires.map((required) => required.package)]);
  return named
    .filter((name) => !used.has(name))
    .map((name) => `${name}: named in dependencies, imported nowhere in src`);
}

/** Follows what is loaded when the entry is: not types, and not import() or require() inside a function. */
function findLoadedByCache() {
  const bySource = new Map(modules.map((module) => [module.source, module]));
  if (!bySource.has(CACHE_ENTRY)) return [`${CACHE_ENTRY}: not found`];
  const reached = new Set([CACHE_ENTRY]);
  const problems = [];
  for (const source of reached) {
    // Whether a require() runs on import depends on where it stands: readRequires() knows, the graph does not.
    const loaded = (bySource.get(source)?.dependencies ?? []).filter(
      (each) => !isTypeOnly(each) && !each.dynamic && !each.dependencyTypes.includes('require'),
    );
    for (const own of loaded.filter((each) => packageOf(each) === undefined)) reached.add(own.resolved);
    const required = requires.filter((each) => each.source === source && !each.dynamic).map((each) => each.package);
    for (const name of [...loaded.map(packageOf), ...required].filter((each) => each !== undefined)) {
      problems.push(`${source}: ${CACHE_ENTRY} would load ${name}; import it where it is first used`);
    }
  }
  return problems;
}
