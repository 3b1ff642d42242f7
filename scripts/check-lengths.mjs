/** Checks that no file is longer than one can read at a sitting. Usage: node scripts/check-lengths.mjs [root] */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from './lib/files.mjs';
import { report } from './lib/report.mjs';

const MAX_LINES = 500;

const root = process.argv[2] ?? process.cwd();
const files = await listFiles(root, ['src', 'test', 'scripts', 'bench'], '.ts', '.mjs', '.js', '.css', '.html');
const lengths = await Promise.all(files.map(async (file) => ({ file, lines: await countLines(join(root, file)) })));

report(
  `lengths of ${files.length} files`,
  lengths
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines, at most ${MAX_LINES}`),
);

async function countLines(path) {
  return (await readFile(path, 'utf8')).replace(/\n$/, '').split('\n').length;
}
