/** The sections of the page for the load suites: the tables that a run prints, and what they are about. */
import { markdownTable } from '../page/markdown.mjs';
import { failureTables } from './failures/tables.mjs';
import { limitTables } from './limits/tables.mjs';
import { saturationTables } from './saturation/tables.mjs';
import { soakTables } from './soak/tables.mjs';

/** @typedef {import('../page/sections.mjs').SectionWriter} SectionWriter */

/** @type {Record<string, SectionWriter>} */
export const LOAD_SECTIONS = {
  saturation: ({ upstream: { places, serviceMs }, capacityRps, contenders }) =>
    sectionOf(
      `A stub with ${places} places and answers of ${serviceMs} ms bears ${capacityRps} answers a second, were timers exact. An open loop: latencies count from the moment a call was due. [Under load](load.md) says more.`,
      saturationTables(contenders),
    ),
  soak: ({ rps, minutes, slices }) =>
    sectionOf(
      `${rps} calls a second for ${minutes} minutes, mixed. [Under load](load.md) says of what.`,
      soakTables(slices),
    ),
  failures: ({ rps, cells }) =>
    sectionOf(
      `${rps} calls a second, whole and streamed in turn, through each fault; every client has what those above it have. [Under load](load.md) says more.`,
      failureTables(cells),
    ),
  limits: (data) =>
    sectionOf('What holds at the limit. [Under load](load.md) says how it is counted.', limitTables(data)),
};

/**
 * @param {string} text
 * @param {readonly import('./lib/tables.mjs').Table[]} tables
 */
function sectionOf(text, tables) {
  const shown = tables.filter(({ rows }) => rows.length > 0);
  const parts = shown.flatMap(({ title, head, rows }) => [`### ${title}`, markdownTable(head, rows)]);
  return { text: [text, ...parts].join('\n\n'), images: [] };
}
