/**
 * Suite `llm`: what a call of the client costs beside a bare HTTP request and beside the rivals, all against one stub in a
 * process of its own; what an answer from the cache costs, what the entries take to import, and how many upstream calls
 * many equal questions make.
 */
import { readFile } from 'node:fs/promises';
import { MeasuredProcess, measureOnce } from '../lib/measured-process.mjs';
import { BYTES_CELL, measureBytes } from './bytes/measure.mjs';
import { measureCell } from './calls/measure.mjs';
import { measureHits } from './hits/measure.mjs';
import { measureIdentical } from './identical/measure.mjs';
import { measureImports } from './imports/measure.mjs';
import { planParts, subjectsToGate, WIDTH } from './plan.mjs';
import { QUESTION_CHARACTERS } from './questions.mjs';
import { CHUNKS } from './stub/wire.mjs';
import { LLM_SUBJECTS } from './subjects/subjects.mjs';

const STUB = new URL('./stub/job.mjs', import.meta.url);
const PACKAGE = new URL('../package.json', import.meta.url);
const GATE = new URL('./gate/job.mjs', import.meta.url);

/** @typedef {import('../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {import('./plan.mjs').Participants} Participants */

/** @type {import('../lib/suite.mjs').Suite} */
export const suite = {
  name: 'llm',
  title: 'the client beside a bare request and the rivals',
  minutes: { full: 5.8, quick: 1.9 },
  async run(context) {
    const parts = planParts(context);
    const stub = await MeasuredProcess.start({ module: STUB, options: {} });
    try {
      const { origin } = stub.info;
      await gateSubjects([...parts.cells, ...(parts.bytes ? [BYTES_CELL] : [])], origin, context);
      const identical = parts.identical ? await measureIdentical(stub, context) : undefined;
      const cells = [];
      for (const cell of parts.cells) cells.push(await measureCell(cell, origin, context));
      const bytes = parts.bytes ? await measureBytes(origin, context) : undefined;
      const hits = parts.hit ? await measureHits(origin, context) : undefined;
      const imports = parts.import ? measureImports(context) : undefined;
      return {
        nulls: [...cells, bytes, hits, imports].flatMap((part) => part?.nulls ?? []),
        verdicts: [...cells, hits, imports, identical].flatMap((part) => part?.verdicts ?? []),
        data: {
          width: WIDTH,
          questionCharacters: QUESTION_CHARACTERS,
          chunks: CHUNKS,
          subjects: await describeSubjects(),
          cells: cells.map(({ data }) => data),
          bytes: bytes?.data,
          hits: hits?.data,
          imports: imports?.data,
          identical: identical?.data,
        },
      };
    } finally {
      await stub.end();
    }
  },
};

/** Who they are, in which version, and what is done with them. */
async function describeSubjects() {
  const { dependencies } = JSON.parse(await readFile(PACKAGE, 'utf8'));
  return Object.entries(LLM_SUBJECTS).map(([subject, { package: name, does }]) => {
    return { subject, package: name === '' ? '' : `${name} ${dependencies[name]}`, does };
  });
}

/**
 * Every subject of the run answers rightly, or the run ends.
 * @param {readonly Participants[]} cells
 * @param {string} origin
 * @param {SuiteContext} context
 */
async function gateSubjects(cells, origin, context) {
  for (const { subject, format } of subjectsToGate(cells, context)) {
    context.signal.throwIfAborted();
    context.progress(`gate: ${subject}, ${format} format`);
    const { faults } = await measureOnce({ module: GATE, options: { subject, format, origin } });
    if (faults.length > 0) throw new Error(`${subject} answers wrongly and is not measured: ${faults.join('; ')}`);
  }
}
