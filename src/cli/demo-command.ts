/** `sherd demo`: one of its three jobs, by the flags that were given. */
import { runMainJob } from './demo-run.js';
import { replayTrace } from './demo-trace.js';
import { verifyFinishedRun } from './demo-verify.js';
import { type Flags, readFlags } from './flags.js';
import type { Io } from './io.js';

const ONLY_TRACE = ['capacity', 'ttl'];
const ONLY_RUN = ['out', 'provider', 'model', 'seconds', 'quick'];

/** Resolves to the exit code. Throws a ConfigError for flags that make no sense, alone or together. */
export function runDemoCommand(given: Flags, io: Io): Promise<number> {
  const flags = readFlags('demo', given);
  if (given['verify'] !== undefined) {
    flags.refuse([...ONLY_RUN, ...ONLY_TRACE, 'trace', 'seed'], 'nothing beside --verify but --json');
    return verifyFinishedRun(flags, io);
  }
  if (given['trace'] !== undefined) {
    flags.refuse(ONLY_RUN, 'nothing of a run beside --trace');
    return replayTrace(flags, io);
  }
  flags.refuse(ONLY_TRACE, '--trace beside it');
  return runMainJob(flags, io);
}
