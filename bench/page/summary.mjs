/** The few figures that stand in README.md, from the latest results. */
import { formatFigure } from '../lib/goal.mjs';
import { readLatest } from '../lib/results.mjs';
import { markdownTable } from './markdown.mjs';

const BEGIN = '<!-- Written by `npm run bench:page`: edits here are lost. -->';
const END = '<!-- end -->';

/** What is said of a verdict, found by its suite and area. `beside` is for a figure that is itself a ratio to a rival. */
const ROWS = [
  { suite: 'growth', area: 'worst set while growing to 4M', says: 'longest `set` while growing to 4 million entries' },
  {
    suite: 'steps',
    area: 'worst step at 1M: cleanup() after all expired at one moment',
    says: 'longest step while a million expired entries leave',
  },
  {
    suite: 'memory',
    area: 'bytes an entry beyond key and value, TTL + policy, after 50 % churn',
    says: 'memory an entry, beyond key and value',
  },
  {
    suite: 'speed',
    area: 'set + evict',
    says: '`set` that evicts, no TTL on either side',
    beside: "lru-cache's speed",
  },
  {
    suite: 'speed',
    area: 'zipf 90/10 fresh, default policy',
    says: 'reads and writes of keys from the network, Zipf',
    beside: "lru-cache's speed",
  },
  {
    suite: 'llm',
    area: 'client call over undici.request, unary',
    says: 'CPU time of a call whose answer is stored',
    beside: "undici.request's",
  },
  { suite: 'llm', area: '10k identical calls at once, streamed', says: '10,000 identical streams at once, upstream' },
];

/** README's table. @returns {Promise<string>} */
export async function renderSummary() {
  const rows = await Promise.all(ROWS.map(rowOf));
  return markdownTable(['', 'sherd', 'beside'], rows.flat());
}

/** @param {typeof ROWS[number]} row */
async function rowOf({ suite, area, says, beside }) {
  const result = await readLatest(suite);
  const verdict = result?.verdicts.find((each) => each.area === area);
  if (verdict === undefined || verdict.measured === null) return [];
  const figure = `${formatFigure(verdict.measured)} ${verdict.unit}`;
  return [[says, beside === undefined ? figure : `${figure} ${beside}`, verdict.rivals]];
}

/**
 * The text with the table in its place.
 * @param {string} readme
 * @param {string} table
 */
export function withSummary(readme, table) {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`README.md has no place for figures: ${BEGIN} ... ${END}`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}
