/** A run of a suite as small as it goes, whose words are kept. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SuiteContext } from '../../../bench/lib/suite.mjs';

export interface SmokeRun {
  readonly context: SuiteContext;
  readonly printed: string[];
}

/** `onProgress` may interrupt the run. */
export function createSmokeRun(onProgress: (text: string, interrupt: () => void) => void = () => undefined): SmokeRun {
  const interrupted = new AbortController();
  const printed: string[] = [];
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  return {
    printed,
    context: {
      scale: 'smoke',
      wanted: {},
      signal: interrupted.signal,
      print: (text) => void printed.push(text),
      progress: (text) => onProgress(text, interrupt),
    },
  };
}

const countProcesses = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith('Process')).length;
/** The test runner has processes of its own. */
const before = countProcesses();

/** Processes that a run has started and that live on. One that has ended is gone a few turns of the loop later. */
export async function processesLeft(): Promise<number> {
  for (let turns = 0; turns < 20; turns++) await nextTurn();
  return countProcesses() - before;
}
