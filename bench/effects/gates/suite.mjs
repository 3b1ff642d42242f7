/**
 * Suite `gates`: the guide's four recipes under the traffic each is meant for, and whether they keep what the guide
 * expects of them. One process a recipe; choose among them with --workloads.
 */
import { textTable } from '../../lib/text-table.mjs';
import { runJob } from '../load/run-job.mjs';
import { judgeBursty, judgeMemoryLimit, judgeMemoryServer, judgeReadHeavy, judgeWriteHeavy } from './goals.mjs';
import { measureMemoryServer } from './measure-memory-server.mjs';

/** @typedef {import('../../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {import('../../lib/suite.mjs').SuiteOutcome} SuiteOutcome */
/** @typedef {{ effort: Record<import('../../lib/suite.mjs').Scale, any>, measure: (effort: any, context: SuiteContext) => Promise<SuiteOutcome> }} Gate */

/** @type {Record<string, Gate>} */
const GATES = {
  'read-heavy': {
    effort: {
      full: { durationMs: 20_000, warmUpOperations: 2_000_000 },
      quick: { durationMs: 8_000, warmUpOperations: 1_000_000 },
      smoke: { durationMs: 500, warmUpOperations: 20_000 },
    },
    measure: measureJob(new URL('./read-heavy-job.mjs', import.meta.url), judgeReadHeavy),
  },
  'write-heavy': {
    effort: {
      full: { durationMs: 15_000, warmUpOperations: 500_000 },
      quick: { durationMs: 6_000, warmUpOperations: 300_000 },
      smoke: { durationMs: 500, warmUpOperations: 20_000 },
    },
    measure: measureJob(new URL('./write-heavy-job.mjs', import.meta.url), judgeWriteHeavy),
  },
  bursty: {
    effort: {
      full: { ratePerSecond: 5_000, baseMs: 8_000, spikeMs: 6_000, recoveryMs: 16_000 },
      quick: { ratePerSecond: 5_000, baseMs: 5_000, spikeMs: 5_000, recoveryMs: 8_000 },
      smoke: { ratePerSecond: 1_000, baseMs: 500, spikeMs: 300, recoveryMs: 2_000 },
    },
    measure: measureJob(new URL('./bursty-job.mjs', import.meta.url), judgeBursty),
  },
  'memory-constrained': {
    effort: {
      full: { server: { launches: 4, rounds: 4, requests: 3_000 }, limit: { operations: 300_000, keys: 100_000 } },
      quick: { server: { launches: 1, rounds: 5, requests: 3_000 }, limit: { operations: 150_000, keys: 100_000 } },
      smoke: { server: { launches: 1, rounds: 1, requests: 200 }, limit: { operations: 1_000, keys: 2_000 } },
    },
    async measure({ server, limit }, context) {
      const served = await measureMemoryServer(server, context);
      const limited = await measureJob(new URL('./memory-limit-job.mjs', import.meta.url), judgeMemoryLimit)(
        limit,
        context,
      );
      return {
        nulls: served.nulls,
        verdicts: [...judgeMemoryServer(served), ...limited.verdicts],
        data: { server: served, limit: limited.data },
      };
    },
  },
};

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'gates',
  title: "the guide's recipes held to what the guide expects of them",
  minutes: { full: 2.5, quick: 1.2 },
  async run(context) {
    const names = context.wanted.workloads ?? Object.keys(GATES);
    const outcomes = [];
    for (const name of names) {
      const gate = GATES[name];
      if (gate === undefined) throw new Error(`gate '${name}' is unknown; known: ${Object.keys(GATES).join(', ')}`);
      context.progress(`gate ${name}`);
      context.signal.throwIfAborted();
      const outcome = await gate.measure(gate.effort[context.scale], context);
      context.print(`\n${figureTable(name, outcome.data)}`);
      outcomes.push({ name, ...outcome });
    }
    return {
      nulls: outcomes.flatMap(({ nulls }) => nulls),
      verdicts: outcomes.flatMap(({ verdicts }) => verdicts),
      data: Object.fromEntries(outcomes.map(({ name, data }) => [name, data])),
    };
  },
};

/**
 * A gate that one job in one process measures.
 * @param {URL} module
 * @param {(data: any) => import('../../lib/goal.mjs').Verdict[]} judgeData
 * @returns {Gate['measure']}
 */
function measureJob(module, judgeData) {
  return async (options, { signal }) => {
    const data = await runJob({ module, options, nodeFlags: ['--expose-gc'] }, signal);
    return { nulls: [], verdicts: judgeData(data), data };
  };
}

/**
 * Every figure that was measured, by name.
 * @param {string} gate
 * @param {object} data
 */
function figureTable(gate, data) {
  return textTable([gate, 'figure'], [...figuresOf(data)]);
}

/** @returns {Generator<[string, string]>} */
function* figuresOf(/** @type {object} */ data, prefix = '') {
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'number') yield [prefix + name, Number(value.toPrecision(4)).toString()];
    else if (Array.isArray(value)) yield [`${prefix}${name}`, `${value.length} in the result file`];
    else if (value !== null && typeof value === 'object') yield* figuresOf(value, `${prefix}${name}.`);
  }
}
