/**
 * Checks that each entry exports exactly the names written in test/house/api/, so that no name comes or goes unseen.
 * Usage: node scripts/check-api.mjs [root] [--update]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { listEntries } from './lib/entries.mjs';
import { report } from './lib/report.mjs';

const SNAPSHOTS = 'test/house/api';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { update: { type: 'boolean' } } });
const root = resolve(positionals[0] ?? process.cwd());
const entries = await listEntries(root);
const exported = listExports(entries.map((entry) => join(root, entry.source)));

if (values.update) {
  await mkdir(join(root, SNAPSHOTS), { recursive: true });
  await Promise.all(entries.map(({ name }, i) => writeFile(snapshotPath(name), `${exported[i]?.join('\n')}\n`)));
}
const problems = await Promise.all(entries.map(({ name }, i) => compare(name, exported[i] ?? [])));
report(`api of ${entries.length} entries, ${exported.flat().length} names`, problems.flat());
if (process.exitCode) console.log('if this is meant: npm run api:update, and a line in CHANGELOG.md');

/** One line a name, e.g. `value createShardedCache` or `type ShardedCache`, sorted. A class is both and says value. */
function listExports(sources) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(sources, options);
  const checker = program.getTypeChecker();
  return sources.map((source) => {
    const file = program.getSourceFile(source);
    const module = file && checker.getSymbolAtLocation(file);
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    return symbols.map((symbol) => `${isValue(symbol, checker) ? 'value' : 'type'} ${symbol.name}`).sort();
  });
}

function isValue(symbol, checker) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isTypeExport = symbol.declarations?.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration));
  return !isTypeExport && (target.flags & ts.SymbolFlags.Value) !== 0;
}

async function compare(name, found) {
  const snapshot = await readFile(snapshotPath(name), 'utf8').catch(() => '');
  const expected = snapshot.split('\n').filter((line) => line !== '');
  return [
    ...(found.length === 0 ? [`${name}: exports nothing`] : []),
    ...found.filter((line) => !expected.includes(line)).map((line) => `${name}: new ${line}`),
    ...expected.filter((line) => !found.includes(line)).map((line) => `${name}: gone ${line}`),
  ];
}

function snapshotPath(name) {
  return join(root, SNAPSHOTS, `${name.replaceAll('/', '-')}.txt`);
}
