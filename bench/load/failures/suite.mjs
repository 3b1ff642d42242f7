/**
 * Suite `failures`: the same calls at the same rate through each fault, from a naive client and from ours with one
 * protection more each time. What does each buy, and what does it cost in upstream calls?
 */
import { withProcesses } from '../../lib/processes.mjs';
import { printTables } from '../lib/tables.mjs';
import { FAULTS } from '../upstream/faults.mjs';
import { judgeFailures } from './goals.mjs';
import { NAIVE, PROTECTIONS } from './protections.mjs';
import { failureTables } from './tables.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const CLIENT_JOB = new URL('./client-job.mjs', import.meta.url);

const UPSTREAM = { serviceMs: 20 };

const EFFORT = {
  full: { rps: 200, durationMs: 9_000, warmUpMs: 1_500 },
  quick: { rps: 200, durationMs: 2_400, warmUpMs: 600 },
  smoke: { rps: 100, durationMs: 300, warmUpMs: 100 },
};
const SMOKE = { faults: ['errors', 'dead'], protections: [NAIVE, 'fallback'] };

/**
 * @typedef {{ fault: string, protection: string, sent: number, answered: number, wholeShare: number, streamShare: number,
 *   wrong: number, attemptsACall: number, p50Ms: number, p99Ms: number, failureP50Ms: number, codes: Record<string, number> }} Cell
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'failures',
  title: 'a provider that fails: what each protection buys',
  minutes: { full: 10, quick: 3.5 },
  async run(context) {
    const { scale, wanted, signal, progress } = context;
    const isSmoke = scale === 'smoke';
    const faults = wanted.workloads ?? (isSmoke ? SMOKE.faults : Object.keys(FAULTS));
    const protections = wanted.subjects ?? (isSmoke ? SMOKE.protections : [NAIVE, ...Object.keys(PROTECTIONS)]);
    const unknown = faults.find((fault) => FAULTS[fault] === undefined);
    if (unknown !== undefined)
      throw new Error(`fault '${unknown}' is unknown; known: ${Object.keys(FAULTS).join(', ')}`);
    /** @type {Cell[]} */
    const cells = [];
    const count = faults.length * protections.length;
    try {
      for (const fault of faults) {
        for (const protection of protections) {
          progress(`failures: ${cells.length + 1} of ${count}, ${fault}, ${protection}`);
          cells.push({ fault, protection, ...(await measureCell(fault, protection, EFFORT[scale], signal)) });
        }
      }
    } finally {
      printTables(context, failureTables(cells), `${cells.length} of ${count} cells`);
    }
    const data = { upstream: UPSTREAM, faults: FAULTS, ...EFFORT[scale], cells };
    return { nulls: [], verdicts: judgeFailures(cells, EFFORT[scale]), data };
  },
};

/**
 * @param {string} fault
 * @param {string} protection
 * @param {{ rps: number, durationMs: number, warmUpMs: number }} effort
 * @param {AbortSignal} signal
 */
async function measureCell(fault, protection, { rps, durationMs, warmUpMs }, signal) {
  return withProcesses(signal, async (start) => {
    const upstream = await start({
      module: UPSTREAM_JOB,
      options: { upstream: UPSTREAM, fault, durationMs, hasSpare: protection === 'fallback' },
    });
    const options = { protection, upstreams: upstream.info, rps, warmUpMs, durationMs };
    const client = await start({ module: CLIENT_JOB, options });
    await upstream.round(0);
    return client.round(0);
  });
}
