/** `sherd simulate`: sherd's own clients under seeded faults in virtual time, or one seed again, event by event. */
import { createTerminal, type Terminal } from '../demo/terminal.js';
import { simulate } from '../testing/simulate.js';
import { type SimulatedSetting, simulatedSettings } from '../testing/simulated-clients.js';
import type { SimulationResult, Violation } from '../testing/simulation.js';
import { type Flags, readFlags, SEED_RANGE } from './flags.js';
import { EXIT_FAILED, EXIT_OK, type Io } from './io.js';

const DEFAULT_SEEDS = 100;
const SEEDS_RANGE = { min: 1, max: 10_000_000 };

/** Ends at the first seed that breaks a promise, with the trace of its run and exit code 1. */
export async function runSimulateCommand(
  given: Flags,
  io: Io,
  settings: readonly SimulatedSetting[] = simulatedSettings,
): Promise<number> {
  const flags = readFlags('simulate', given);
  const client = flags.word(
    'client',
    settings.map(({ name }) => name),
  );
  const seed = flags.integer('seed', SEED_RANGE);
  const seeds = flags.integer('seeds', SEEDS_RANGE);
  flags.finish();
  const isReplay = seed !== undefined && seeds === undefined;
  const first = seed ?? 0;
  const count = isReplay ? 1 : (seeds ?? DEFAULT_SEEDS);
  const { print } = createTerminal(io.stdout);
  const progress = createTerminal(io.stderr);
  let events = 0;

  for (const { name, ...options } of settings.filter((setting) => setting.name === (client ?? setting.name))) {
    for (let run = 0; run < count; run++) {
      progress.showStatus([`${name}: ${run} of ${count} seeds`]);
      let result = await simulate({ ...options, seed: first + run, trace: isReplay ? 'keep' : 'hash' });
      const isBroken = result.violations.length > 0;
      if (isBroken && !isReplay) result = await simulate({ ...options, seed: first + run, trace: 'keep' });
      events += result.events;
      if (!isBroken && !isReplay) continue;
      progress.clearStatus();
      printRun(name, result, print);
      if (isBroken) return EXIT_FAILED;
    }
  }
  progress.clearStatus();
  const runs = `${count} ${count === 1 ? 'seed' : 'seeds'}${client === undefined ? ' of each client' : ''}`;
  print(`${runs} from ${first}, ${events.toLocaleString('en')} events: every promise was kept`);
  return EXIT_OK;
}

/** The lines of a run, what was broken beside the event that broke it, and its figures. */
function printRun(name: string, result: SimulationResult, print: Terminal['print']): void {
  const { seed, hash, trace, violations, attempts, virtualMs, outcomes } = result;
  for (const [index, line] of trace.entries()) {
    print(`${index + 1}\t${line}`);
    for (const violation of violations) if (violation.event === index + 1) print(describe(violation));
  }
  const ends = Object.entries(outcomes).map(([outcome, calls]) => `${calls} ${outcome}`);
  print(`${name}, seed ${seed}: ${trace.length} events in ${Math.round(virtualMs)} ms of virtual time`);
  print(`calls: ${ends.join(', ')}; attempts: ${attempts}; hash: ${hash.slice(0, 16)}`);
  for (const violation of violations) print(describe(violation));
}

function describe({ oracle, problem, event, atMs }: Violation): string {
  return `BROKEN ${oracle} at event ${event}, ${Math.round(atMs)} ms: ${problem}`;
}
