/** Many simulated runs, one a seed, up to the first that breaks a promise: its error says how to see that run again. */
import { SherdError } from '../core/errors.js';
import { type SimulationOptions, simulate } from './simulate.js';
import type { SimulatedFault, SimulationResult } from './simulation.js';

export interface SeedsOptions extends Omit<SimulationOptions, 'seed' | 'trace'> {
  /** Runs, of the seeds `from` and on. */
  readonly seeds: { readonly count: number; readonly from?: number };
}

export interface SeedsResult {
  readonly runs: number;
  readonly events: number;
  /** Of the shortest run. */
  readonly fewestEvents: number;
  /** Kinds of faults in the run that had the fewest, and attempts struck by each over all runs. */
  readonly fewestFaultKinds: number;
  readonly faults: Readonly<Partial<Record<SimulatedFault, number>>>;
}

/** Throws a SherdError `ERR_SIMULATION_VIOLATED` that names the seed, the oracle and the event. */
export async function simulateSeeds({ seeds, ...options }: SeedsOptions): Promise<SeedsResult> {
  const { count, from = 0 } = seeds;
  const faults: Partial<Record<SimulatedFault, number>> = {};
  let events = 0;
  let fewestEvents = Number.POSITIVE_INFINITY;
  let fewestFaultKinds = Number.POSITIVE_INFINITY;
  for (let seed = from; seed < from + count; seed++) {
    const result = await simulate({ ...options, seed });
    assertHeld(result);
    events += result.events;
    fewestEvents = Math.min(fewestEvents, result.events);
    const struck = Object.entries(result.faults) as [SimulatedFault, number][];
    fewestFaultKinds = Math.min(fewestFaultKinds, struck.length);
    for (const [fault, times] of struck) faults[fault] = (faults[fault] ?? 0) + times;
  }
  return { runs: count, events, fewestEvents, fewestFaultKinds, faults };
}

function assertHeld({ seed, hash, violations: [first] }: SimulationResult): void {
  if (first === undefined) return;
  const { oracle, problem, event, atMs } = first;
  throw new SherdError(
    `seed ${seed}: ${oracle} at event ${event}, ${Math.round(atMs)} ms: ${problem}. ` +
      `simulate({ seed: ${seed}, trace: 'keep' }) shows it again; the hash of the run is ${hash.slice(0, 16)}`,
    { code: 'ERR_SIMULATION_VIOLATED' },
  );
}
