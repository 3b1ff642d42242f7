/** `sherd demo`: the main job, its report, and its verdict as the exit code. */
import { dirname, join, resolve } from 'node:path';
import { counted } from '../demo/format.js';
import { type DemoResult, type RealProvider, runDemo } from '../demo/run-demo.js';
import { startServerProcess } from '../demo/server-process.js';
import { type DemoSettings, defaultSettings, inTime, quick, sparing } from '../demo/settings.js';
import { PAGE_FILE } from '../demo/stored-figures.js';
import { createTerminal, type Terminal } from '../demo/terminal.js';
import { formatReport } from '../demo/terminal-report.js';
import { providerNames } from '../llm/provider-names.js';
import { type FlagReader, SEED_RANGE } from './flags.js';
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, type Io } from './io.js';

const DEFAULT_SEED = 1;
const DEFAULT_FOLDER = 'sherd-report';
const QUICK_SECONDS = 8;
const SECONDS_RANGE = { min: 4, max: 3600 };

/** Exit code 1 when a goal was not reached, 130 when the run was interrupted. */
export async function runMainJob(flags: FlagReader, io: Io): Promise<number> {
  const real = readProvider(flags);
  const settings = readSettings(flags, real !== undefined);
  const out = flags.text('out') ?? DEFAULT_FOLDER;
  const isJson = flags.isSet('json');
  flags.finish();

  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  // Once: a second Ctrl-C ends the process at once.
  process.once('SIGINT', interrupt);
  const terminal = createTerminal(isJson ? io.stderr : io.stdout);
  const corpusStarts = [dirname(io.programPath), io.workingFolder];
  const serverCommand = [process.execPath, io.programPath, 'local-server', '--port', '0'];
  try {
    const result = await runDemo(settings, real, {
      version: io.version,
      terminal,
      corpusStarts,
      out: resolve(io.workingFolder, out),
      startServer: () =>
        startServerProcess([...serverCommand, ...corpusStarts.flatMap((start) => ['--corpus', start])]),
      signal: stop.signal,
    });
    printResult(result, terminal, out);
    if (isJson)
      createTerminal(io.stdout).print(JSON.stringify({ figures: result.figures, goals: result.goals }, undefined, 2));
    return exitCodeOf(result);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function readProvider(flags: FlagReader): RealProvider | undefined {
  const name = flags.word('provider', providerNames);
  const model = flags.text('model');
  const isReal = name !== undefined && name !== 'local';
  if (!isReal) flags.refuse(['model'], 'a real provider beside it: --provider NAME');
  return isReal ? { name, model } : undefined;
}

function readSettings(flags: FlagReader, isReal: boolean): DemoSettings {
  const seed = flags.integer('seed', SEED_RANGE) ?? DEFAULT_SEED;
  const isQuick = flags.isSet('quick');
  const seconds = flags.integer('seconds', SECONDS_RANGE) ?? (isQuick ? QUICK_SECONDS : undefined);
  const base = defaultSettings(seed);
  const sized = isReal ? sparing(base) : isQuick ? quick(base) : base;
  return seconds === undefined ? sized : inTime(sized, seconds * 1000);
}

function printResult(result: DemoResult, terminal: Terminal, out: string): void {
  const { events, figures, goals, isInterrupted } = result;
  terminal.print(`\n${formatReport({ events, figures, goals, width: terminal.columns })}\n`);
  const failed = goals.filter((goal) => !goal.passed).length;
  terminal.print(
    failed === 0 ? `all ${goals.length} goals reached` : `${counted(failed, 'goal')} of ${goals.length} not reached`,
  );
  if (isInterrupted) terminal.print('interrupted: the figures are of what there was');
  terminal.print(`report: ${join(out, PAGE_FILE)}   check it: sherd demo --verify ${out}`);
}

function exitCodeOf({ isInterrupted, goals }: DemoResult): number {
  if (isInterrupted) return EXIT_INTERRUPTED;
  return goals.every((goal) => goal.passed) ? EXIT_OK : EXIT_FAILED;
}
