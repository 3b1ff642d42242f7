/** Checks the floors of the house and that nothing runs in circles. Usage: node scripts/check-floors.mjs [root] */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FLOORS } from '../.dependency-cruiser.mjs';
import { report } from './lib/report.mjs';
import { readSourceGraph } from './lib/source-graph.mjs';

const root = process.argv[2] ?? process.cwd();
const { modules, violations } = await readSourceGraph(root);

const known = new Set(FLOORS.flat());
const folders = (await readdir(join(root, 'src'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
const homeless = folders.filter((folder) => !known.has(folder.name));

report(`floors of ${modules.length} modules`, [
  ...homeless.map((folder) => `src/${folder.name}: stands on no floor, see .dependency-cruiser.mjs`),
  ...violations.map(describe),
]);

/** @param {import('./lib/source-graph.mjs').Violation} violation */
function describe({ from, to, rule, cycle }) {
  const path = cycle === undefined ? [to] : cycle.map((step) => step.name);
  return `${rule.name}: ${[from, ...path].join(' -> ')}`;
}
