/** Writes docs/guide/benchmarks.md and its pictures from bench/results/latest. Usage: npm run bench:page */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderLatest } from './page/render.mjs';
import { SUITE_NAMES } from './suites/suites.mjs';

const DOCS = fileURLToPath(new URL('../docs', import.meta.url));

const { text, images } = await renderLatest(SUITE_NAMES);
await mkdir(`${DOCS}/images`, { recursive: true });
const old = (await readdir(`${DOCS}/images`)).filter((file) => /^bench-.*\.svg$/.test(file));
await Promise.all(old.map((file) => rm(`${DOCS}/images/${file}`)));
await Promise.all(images.map(({ file, svg }) => writeFile(`${DOCS}/images/${file}`, svg)));
await writeFile(`${DOCS}/guide/benchmarks.md`, text);
process.stdout.write(`docs/guide/benchmarks.md, ${images.length} pictures\n`);
