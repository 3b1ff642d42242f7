/**
 * Suite `tuning`: traffic that shifts, with the auto-tuner and without. Simulated, where every run is the same: hit ratios
 * and decisions over hours. Live: latencies and pauses, beside a second run without the tuner, which shows how much two
 * equal runs differ on this machine.
 */
import { Random } from '../../lib/random.mjs';
import { runJob } from '../load/run-job.mjs';
import { judgeLive, judgeSimulated } from './goals.mjs';
import { livePlansFor } from './live-plans.mjs';
import { scenariosFor } from './scenarios.mjs';
import { simulate } from './simulate.mjs';
import { decisionTable, liveTable, simulatedTable } from './tables.mjs';

const JOB = new URL('./live-job.mjs', import.meta.url);
const ROUNDS = { full: 2, quick: 2, smoke: 1 };
/** @type {[string, boolean][]} */
const CONTENDERS = [
  ['off', false],
  ['off again', false],
  ['on', true],
];

/** @typedef {import('../../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {{ scenario: import('./scenarios.mjs').Scenario, off: import('./simulate.mjs').SimulatedRun, on: import('./simulate.mjs').SimulatedRun }} Simulated */
/** @typedef {{ plan: string, about: string, runs: Record<string, any[]> }} Live runs by contender, a round each */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'tuning',
  title: 'shifting traffic with the auto-tuner and without',
  minutes: { full: 3.5, quick: 3 },
  async run(context) {
    const simulated = await simulateAll(context);
    if (simulated.length > 0) context.print(`\n${simulatedTable(simulated)}`);
    for (const { scenario, on } of simulated)
      context.print(`\n${decisionTable(scenario.name, on.decisions, 'minute')}`);
    const live = await measureAll(context);
    for (const each of live) {
      context.print(`\n${liveTable(each)}`);
      context.print(`\n${decisionTable(each.plan, each.runs['on']?.at(-1)?.decisions ?? [], 'second')}`);
    }
    // A smoke run is too short for a decision to be undone.
    const verdicts = context.scale === 'smoke' ? [] : [...judgeSimulated(simulated), ...judgeLive(live)];
    return { nulls: [], verdicts, data: { simulated: simulated.map(withoutFunctions), live } };
  },
};

/** @param {SuiteContext} context */
async function simulateAll({ scale, wanted, signal, progress }) {
  const simulated = [];
  for (const scenario of scenariosFor(scale).filter(isWanted(wanted))) {
    progress(`simulating: ${scenario.name}`);
    const off = await simulate(scenario, false, signal);
    const on = await simulate(scenario, true, signal);
    simulated.push({ scenario, off, on });
  }
  return simulated;
}

/** Each round of a plan gives every contender a fresh process, in a new order. @param {SuiteContext} context */
async function measureAll({ scale, wanted, signal, progress }) {
  const rounds = wanted.rounds ?? ROUNDS[scale];
  const random = new Random(1);
  /** @type {Live[]} */
  const live = [];
  for (const plan of livePlansFor(scale).filter(isWanted(wanted))) {
    const runs = /** @type {Record<string, any[]>} */ ({ off: [], 'off again': [], on: [] });
    for (let round = 0; round < rounds; round++) {
      for (const [name, isTuned] of random.shuffled(CONTENDERS)) {
        progress(`live: ${plan.name}, round ${round + 1} of ${rounds}, tuner ${name}`);
        runs[name]?.push(await runJob({ module: JOB, options: { plan, isTuned } }, signal));
      }
    }
    live.push({ plan: plan.name, about: plan.about, runs });
  }
  return live;
}

/** Of the names given with --workloads any part will do: theirs have spaces. @param {SuiteContext['wanted']} wanted */
function isWanted({ workloads }) {
  return (/** @type {{ name: string }} */ { name }) => workloads?.some((part) => name.includes(part)) ?? true;
}

/** @param {Simulated} simulated */
function withoutFunctions({ scenario: { options: _, ...scenario }, ...runs }) {
  return { scenario, ...runs };
}
