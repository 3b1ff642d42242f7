/**
 * Suite `saturation`: calls at a growing rate against a stub of a provider with so many places, until and past what it
 * bears, from clients with and without a limit that finds itself and a bounded queue. An open loop; latencies count from
 * the moment a call was due.
 */

import { runJob } from '../../effects/load/run-job.mjs';
import { withProcesses } from '../../lib/processes.mjs';
import { printTables } from '../lib/tables.mjs';
import { CONTENDERS } from './contenders.mjs';
import { judgeSaturation } from './goals.mjs';
import { findKnee } from './knee.mjs';
import { saturationTables } from './tables.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const CLIENT_JOB = new URL('./client-job.mjs', import.meta.url);
const REFUSAL_JOB = new URL('./refusal-job.mjs', import.meta.url);

const UPSTREAM = { places: 32, serviceMs: 40 };
/** What the stub bears as it is stated; timers that come late make it less, which each step measures. */
const CAPACITY_RPS = (UPSTREAM.places * 1000) / UPSTREAM.serviceMs;
/** Offered at last, when the overload is over. */
const AFTERWARDS = 0.5;

const EFFORT = {
  full: { loads: [0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2], stepMs: 10_000, warmUpMs: 3_000, refusals: 50_000 },
  quick: { loads: [0.25, 0.5, 0.75, 0.9, 1.1, 1.5, 2], stepMs: 3_000, warmUpMs: 2_000, refusals: 20_000 },
  smoke: { loads: [0.25, 2], stepMs: 300, warmUpMs: 200, refusals: 200 },
};

/** @typedef {{ loads: readonly number[], stepMs: number, warmUpMs: number, refusals: number }} Effort */

/**
 * @typedef {import('./knee.mjs').Step & { isAfterwards: boolean, achievedRps: number, goodput: number, p50Ms: number,
 *   p95Ms: number, refused: number, failed: number, codes: Record<string, number>, failureP99Ms: number,
 *   cpuUsACall: number, concurrencyLimit: number, left: number, peakAtWork: number }} StepResult
 */
/** @typedef {{ contender: string, what: string, steps: StepResult[], knee?: StepResult }} ContenderResult */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'saturation',
  title: 'rising load on a provider that bears so much: the knee, and what comes after it',
  minutes: { full: 6, quick: 2 },
  async run(context) {
    const { scale, wanted, signal, progress } = context;
    const effort = EFFORT[scale];
    const names = wanted.subjects ?? Object.keys(CONTENDERS);
    /** @type {ContenderResult[]} */
    const contenders = [];
    for (const contender of names) {
      await measureContender(contender, effort, context, contenders);
    }
    progress('saturation: what a refusal costs');
    const refusal = await runJob({ module: REFUSAL_JOB, options: { calls: effort.refusals } }, signal);
    const data = { upstream: UPSTREAM, capacityRps: CAPACITY_RPS, contenders, refusal };
    return { nulls: [], verdicts: judgeSaturation(data), data };
  },
};

/**
 * Adds to `results` what was measured, step by step, so that an interrupted run has them.
 * @param {string} contender
 * @param {Effort} effort
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 * @param {ContenderResult[]} results
 */
async function measureContender(contender, { loads, stepMs, warmUpMs }, context, results) {
  const plan = [
    { load: loads[0] ?? 1, durationMs: warmUpMs },
    ...loads.map((load) => ({ load, durationMs: stepMs })),
    { load: AFTERWARDS, durationMs: stepMs },
  ];
  const result = { contender, what: CONTENDERS[contender]?.what ?? '', steps: /** @type {StepResult[]} */ ([]) };
  results.push(result);
  try {
    await withProcesses(context.signal, async (start) => {
      const upstream = await start({ module: UPSTREAM_JOB, options: { upstream: UPSTREAM } });
      const steps = plan.map(({ load, durationMs }) => ({ rps: load * CAPACITY_RPS, durationMs }));
      const client = await start({ module: CLIENT_JOB, options: { contender, url: upstream.info.url, steps } });
      for (const [index, { load }] of plan.entries()) {
        context.progress(`saturation, ${contender}: step ${index + 1} of ${plan.length}, ${load}x the capacity`);
        const measured = await client.round(index);
        const { primary } = await upstream.round(1);
        // The first is for the code to warm up.
        if (index === 0) continue;
        result.steps.push(stepOf({ load, isAfterwards: index === plan.length - 1 }, measured, primary));
      }
    });
  } finally {
    const knee = findKnee(result.steps.filter(({ isAfterwards }) => !isAfterwards));
    if (knee !== undefined) Object.assign(result, { knee });
    printTables(context, saturationTables([result]), `${result.steps.length} of ${plan.length - 1} steps`);
  }
}

/**
 * @param {{ load: number, isAfterwards: boolean }} step
 * @param {{ report: any, cpuUsACall: number, concurrencyLimit: number }} measured by the client
 * @param {{ left: number, peakAtWork: number, meanServiceMs: number }} seen by the stub
 * @returns {StepResult}
 */
function stepOf({ load, isAfterwards }, { report, cpuUsACall, concurrencyLimit }, seen) {
  const { latency, failureLatency, errors, sent, answered, failed, achievedRps, offeredRps } = report;
  const refused = (errors['ERR_QUEUE_FULL'] ?? 0) + (errors['ERR_QUEUE_TIMEOUT'] ?? 0);
  return {
    load,
    isAfterwards,
    offeredRps,
    achievedRps,
    // Of what the stub could really do meanwhile.
    goodput: (achievedRps * seen.meanServiceMs) / 1000 / UPSTREAM.places,
    answeredShare: answered / sent,
    p50Ms: latency.p50Ms,
    p95Ms: latency.p95Ms,
    p99Ms: latency.p99Ms,
    refused,
    failed: failed - refused,
    codes: errors,
    failureP99Ms: failureLatency.p99Ms,
    cpuUsACall,
    concurrencyLimit,
    left: seen.left,
    peakAtWork: seen.peakAtWork,
  };
}
