/** `sherd demo --trace FILE`: the hit ratios of every policy on an access trace. */
import { formatReplayReport, replayEveryPolicy } from '../demo/replay-report.js';
import { createTerminal } from '../demo/terminal.js';
import { type FlagReader, SEED_RANGE } from './flags.js';
import { EXIT_OK, type Io } from './io.js';

const DEFAULT_CAPACITY = '10%';
const DEFAULT_SEED = 1;

export async function replayTrace(flags: FlagReader, io: Io): Promise<number> {
  const question = {
    trace: flags.text('trace') ?? '',
    capacity: flags.text('capacity') ?? DEFAULT_CAPACITY,
    ttlMs: flags.duration('ttl') ?? 0,
    seed: flags.integer('seed', SEED_RANGE) ?? DEFAULT_SEED,
  };
  const isJson = flags.isSet('json');
  flags.finish();
  const progress = createTerminal(io.stderr);
  const report = await replayEveryPolicy(question, (what, done) => {
    progress.showStatus([`${Math.floor(done * 100)} %  ${what}`]);
  });
  progress.clearStatus();
  const terminal = createTerminal(io.stdout);
  terminal.print(isJson ? JSON.stringify(report, undefined, 2) : formatReplayReport(report, terminal.columns));
  return EXIT_OK;
}
