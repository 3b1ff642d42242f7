/**
 * Suite `llm`: what a call of the client costs beside a bare HTTP request and beside the rivals, all against one stub in a
 * process of its own; what an answer from the cache costs, what the entries take to import, and how many upstream calls
 * many equal questions make.
 */
import { MeasuredProcess, measureOnce } from '../lib/measured-process.mjs';
import { measureCell } from './calls/measure.mjs';
import { planCells, planParts, subjectsOf, WIDTH } from './plan.mjs';
import { QUESTION_CHARACTERS } from './questions.mjs';
import { CHUNKS } from './stub/wire.mjs';
import { LLM_SUBJECTS } from './subjects/subjects.mjs';

const STUB = new URL('./stub/job.mjs', import.meta.url);
const GATE = new URL('./gate/job.mjs', import.meta.url);

/** @typedef {import('../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {import('../lib/suite.mjs').SuiteOutcome} SuiteOutcome */

/** @type {import('../lib/suite.mjs').Suite} */
export const suite = {
  name: 'llm',
  title: 'the client beside a bare request and the rivals',
  minutes: { full: 4.5, quick: 1.8 },
  async run(context) {
    const cells = planCells(context);
    planParts(context);
    const stub = await MeasuredProcess.start({ module: STUB, options: {} });
    try {
      const { origin } = stub.info;
      await gateSubjects(cells, origin, context);
      const outcomes = [];
      for (const cell of cells) outcomes.push(await measureCell(cell, origin, context));
      return {
        nulls: outcomes.flatMap(({ nulls }) => nulls),
        verdicts: outcomes.flatMap(({ verdicts }) => verdicts),
        data: {
          width: WIDTH,
          questionCharacters: QUESTION_CHARACTERS,
          chunks: CHUNKS,
          subjects: Object.fromEntries(Object.entries(LLM_SUBJECTS).map(([name, { does }]) => [name, does])),
          cells: outcomes.map(({ data }) => data),
        },
      };
    } finally {
      await stub.end();
    }
  },
};

/**
 * Every subject of the run answers rightly, or the run ends.
 * @param {ReturnType<typeof planCells>} cells
 * @param {string} origin
 * @param {SuiteContext} context
 */
async function gateSubjects(cells, origin, context) {
  for (const format of new Set(cells.map((cell) => cell.format))) {
    const names = cells.filter((cell) => cell.format === format).flatMap((cell) => subjectsOf(cell, context));
    for (const subject of new Set(names.filter((name) => !name.includes('#')))) {
      context.signal.throwIfAborted();
      context.progress(`gate: ${subject}, ${format} format`);
      const { faults } = await measureOnce({ module: GATE, options: { subject, format, origin } });
      if (faults.length > 0) throw new Error(`${subject} answers wrongly and is not measured: ${faults.join('; ')}`);
    }
  }
}
