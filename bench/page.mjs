/** Writes docs/guide/benchmarks.md, its pictures and README's table of figures from bench/results/latest. Usage: npm run bench:page */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderLatest } from './page/render.mjs';
import { renderSummary, withSummary } from './page/summary.mjs';
import { SUITE_NAMES } from './suites/suites.mjs';

const DOCS = fileURLToPath(new URL('../docs', import.meta.url));
const README = fileURLToPath(new URL('../README.md', import.meta.url));

const { text, images } = await renderLatest(SUITE_NAMES);
await mkdir(`${DOCS}/images`, { recursive: true });
const old = (await readdir(`${DOCS}/images`)).filter((file) => /^bench-.*\.svg$/.test(file));
await Promise.all(old.map((file) => rm(`${DOCS}/images/${file}`)));
await Promise.all(images.map(({ file, svg }) => writeFile(`${DOCS}/images/${file}`, svg)));
await writeFile(`${DOCS}/guide/benchmarks.md`, text);
await writeFile(README, withSummary(await readFile(README, 'utf8'), await renderSummary()));
process.stdout.write(`docs/guide/benchmarks.md, ${images.length} pictures, README.md\n`);
