/** The section of the page: what the client costs, in words, tables and charts. */
import { formatCount, formatFigure } from '../lib/goal.mjs';
import { barChart } from '../page/bar-chart.mjs';
import { image, markdownTable } from '../page/markdown.mjs';
import { CALL_GOALS } from './goals.mjs';
import { wordsOf } from './identical/measure.mjs';

const TITLES = /** @type {Record<string, string>} */ ({
  unary: 'A call with a whole answer',
  burst: 'A chunk of a stream that comes in one write',
  paced: 'A chunk of a stream that comes in a write a chunk',
});

/** @typedef {{ file: string, svg: string }} Image */

/** @type {import('../page/sections.mjs').SectionWriter} */
export function llm({ width, questionCharacters, chunks, subjects, cells, bytes, hits, imports, identical }) {
  const pictures = [...cells.map(cellChart), importChart(imports)];
  const text = [
    `CPU time of the client's process, user and system, against a stub on loopback in a process of its own that writes prepared bytes: vendors' fields and headers, an answer of ${chunks} words, as a stream ${chunks} chunks. ${width} calls at once, each a question of ${questionCharacters} characters that was never asked before; before every round all connections are open. Bars are multiples of \`undici.request\`: shorter is better. What a streamed call costs apart from its chunks is in the figure of a chunk.`,
    markdownTable(
      ['subject', 'package', 'is'],
      subjects.map((/** @type {any} */ { subject, package: name, does }) => [subject, name, does]),
    ),
    ...cells.flatMap((/** @type {any} */ cell, /** @type {number} */ index) => [
      `### ${titleOf(cell)}${cell.isVoid ? ' (void)' : ''}`,
      image(pictures[index]?.file ?? '', `${titleOf(cell)}: CPU beside undici.request`),
      ...(cell.way === 'paced'
        ? [
            `The yardstick read ${formatFigure(cell.pieces)} pieces an answer; who is slower finds several chunks in one.`,
          ]
        : []),
      cellTable(cell),
    ]),
    '### Bytes allocated a call',
    'Growth of the heap, and of the buffers outside, over a few calls, one after the other, in which nothing was collected. A streamed answer comes in one write.',
    ...bytes.tables.map(bytesTable),
    '### An answer from the cache, in the process',
    'Beside what the key alone costs by hand: `JSON.stringify` of the request and its SHA-256, by `createHash`, or by `hash` in one call.',
    ...hits.tables.map(hitTable),
    '### Import in a cold process',
    `Wall time from the start of a process to its end, less that of one which imports nothing (${formatFigure(imports.nothingMs)} ms).`,
    image(pictures.at(-1)?.file ?? '', 'Import in a cold process'),
    '### Identical calls at once',
    'Counted at the stub. Where callers leave, the one that asked first is among them; all others have the whole answer.',
    identicalTable(identical),
  ].join('\n\n');
  return { text, images: pictures };
}

/** @param {any} cell */
function titleOf({ way, format }) {
  return `${TITLES[way]}${format === 'openai' ? '' : ', Anthropic format'}`;
}

/** @param {any} cell @returns {Image} */
function cellChart(cell) {
  const bars = cell.rows
    .map((/** @type {any} */ { subject, overBase: { median: value, low, high } }) => {
      return { label: subject, value, low, high, isOurs: subject.startsWith('sherd') };
    })
    .sort((/** @type {any} */ a, /** @type {any} */ b) => a.value - b.value);
  const bound = CALL_GOALS[cell.name]?.bound;
  const goal = bound === undefined ? {} : { goal: { value: bound, label: `goal: at most ${bound}x` } };
  const title = `${titleOf(cell)}: x undici.request`;
  return { file: `bench-llm-${cell.name}.svg`, svg: barChart({ title, unit: 'x', bars, ...goal }) };
}

/** @param {any} cell */
function cellTable({ way, rows }) {
  const isUnary = way === 'unary';
  return markdownTable(
    ['subject', 'x undici', 'quartiles', ...(isUnary ? [] : ['x undici + parse']), 'us, this machine'],
    rows.map((/** @type {any} */ { subject, overBase, overParsing, microseconds }) => [
      subject,
      formatFigure(overBase.median),
      `${formatFigure(overBase.low)}-${formatFigure(overBase.high)}`,
      ...(isUnary ? [] : [formatFigure(overParsing.median)]),
      formatFigure(microseconds.median),
    ]),
  );
}

/** @param {any} table */
function bytesTable({ way, rows }) {
  return markdownTable(
    [way === 'unary' ? 'whole answer' : 'streamed answer', 'KB on the heap', 'quartiles', 'KB outside'],
    rows.map((/** @type {any} */ { subject, heap, outside }) => [
      subject,
      formatFigure(heap.median / 1024),
      `${formatFigure(heap.low / 1024)}-${formatFigure(heap.high / 1024)}`,
      formatFigure(outside / 1024),
    ]),
  );
}

/** @param {any} table */
function hitTable({ characters, isVoid, rows }) {
  return markdownTable(
    [`question of ${characters / 1024} KB${isVoid ? ' (void)' : ''}`, 'x', 'quartiles', 'us, this machine'],
    rows.map((/** @type {any} */ { subject, ratio, microseconds }) => [
      subject,
      formatFigure(ratio.median),
      `${formatFigure(ratio.low)}-${formatFigure(ratio.high)}`,
      formatFigure(microseconds.median),
    ]),
  );
}

/** @param {any} imports @returns {Image} */
function importChart({ rows }) {
  const bars = rows
    .map((/** @type {any} */ { name, ms: { median: value, low, high } }) => {
      return { label: name, value, low, high, isOurs: name.startsWith('sherd') };
    })
    .sort((/** @type {any} */ a, /** @type {any} */ b) => a.value - b.value);
  return { file: 'bench-llm-import.svg', svg: barChart({ title: 'Import in a cold process', unit: 'ms', bars }) };
}

/** @param {any} identical */
function identicalTable({ rows }) {
  return markdownTable(
    ['subject', 'calls', 'how', 'answered', 'left', 'upstream'],
    rows.map((/** @type {any} */ { subject, callers, answered, left, requests, ...plan }) => [
      subject,
      formatCount(callers),
      wordsOf(plan),
      String(answered),
      String(left),
      String(requests),
    ]),
  );
}
