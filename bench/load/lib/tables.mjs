/** The tables that a load suite shows: what was measured so far, also when it ends early. */
import { textTable } from '../../lib/text-table.mjs';

/**
 * @typedef {object} Table
 * @property {string} title
 * @property {readonly string[]} head
 * @property {readonly (readonly string[])[]} rows
 */

/**
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 * @param {readonly Table[]} tables
 * @param {string} measured how much of the whole they are of; said when the run was interrupted
 */
export function printTables({ print, signal }, tables, measured) {
  for (const { title, head, rows } of tables) {
    if (rows.length > 0) print(`\n${title}\n${textTable(head, rows)}`);
  }
  if (signal.aborted) print(`\ninterrupted: ${measured}`);
}
