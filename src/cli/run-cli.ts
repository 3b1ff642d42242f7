/**
 * The commands of the program: their names, their flags, their help. Each turns its flags into an exit code; an error
 * becomes its message on stderr and an exit code that says whose mistake it was.
 */
import { type CAC, cac } from 'cac';
import { isConfigError, isSherdError } from '../core/errors.js';
import { closest } from '../options/suggest.js';
import { simulatedSettings } from '../testing/simulated-clients.js';
import { runDemoCommand } from './demo-command.js';
import { runExplainCommand } from './explain-command.js';
import type { Flags } from './flags.js';
import { EXIT_FAILED, EXIT_MISUSED, EXIT_OK, type Io } from './io.js';
import { runLocalServerCommand } from './local-server-command.js';
import { runSimulateCommand } from './simulate-command.js';

/** Runs the command that `args` (without program and script) name; resolves to the exit code. Does not reject. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io);
  try {
    program.parse(['node', 'sherd', ...args], { run: false });
    if (program.options['help'] === true || program.options['version'] === true) return EXIT_OK;
    if (program.matchedCommand === undefined) return refuseCommand(program, io);
    // Every action below gives an exit code.
    return await (program.runMatchedCommand() as Promise<number>);
  } catch (error) {
    return report(error, io);
  }
}

function createProgram(io: Io): CAC {
  const program = cac('sherd');
  program
    .command('demo', 'Run the main job on real input: clients, cache, outage, tuning, and a report of it all')
    .option('--out <folder>', 'Where the report goes (default: sherd-report)')
    .option('--seed <number>', 'Seed of questions, repeats and arrivals (default: 1)')
    .option('--seconds <number>', 'Length of the workload (default: that of its phases)')
    .option('--quick', 'A small corpus and a few seconds; too little for some goals')
    .option(
      '--provider <name>',
      'Ask a real provider; its key comes from the environment (OPENAI_API_KEY and the like)',
    )
    .option('--model <name>', 'Model of that provider (default: its current one for each use case)')
    .option('--trace <file>', 'Replay an access trace instead, and print the hit ratios of every policy')
    .option('--capacity <entries>', "Entries of the replayed cache, or a share of the trace's keys (default: 10%)")
    .option('--ttl <duration>', 'Time to live in the replay, in the time of the trace (default: none)')
    .option('--verify <path>', 'Compute every figure of a finished run again from its event log')
    .option('--json', 'Print the result as JSON')
    .action((flags: Flags) => runDemoCommand(flags, io));
  program
    .command(
      'explain',
      'Print every option, its value here, and who set it (reads SHERD_CACHE_PROFILE, SHERD_LLM_PROFILE)',
    )
    .option('--provider <name>', 'Provider to explain the client for (default: local)')
    .option('--json', 'Print the result as JSON')
    .action((flags: Flags) => runExplainCommand(flags, io));
  program
    .command('local-server', 'Serve the embedded provider over HTTP in the OpenAI format')
    .option('--port <number>', 'Port to listen on; 0 takes a free one (default: 8080)')
    .option('--host <address>', 'Address to listen on (default: 127.0.0.1)')
    .option('--corpus <folder>', 'Answer from the documents of the packages installed there or above; may be repeated')
    .action((flags: Flags) => runLocalServerCommand(flags, io));
  program
    .command(
      'simulate',
      'Put clients through seeded faults in virtual time, and check what they promise after every event',
    )
    .option('--seed <number>', 'Show this run again, event by event; beside --seeds, the first of them (default: 0)')
    .option('--seeds <number>', 'Runs of each client, up to the first that breaks a promise (default: 100)')
    .option('--client <name>', `Only this one of ${simulatedSettings.map(({ name }) => name).join(', ')}`)
    .action((flags: Flags) => runSimulateCommand(flags, io));
  program.help();
  program.version(io.version);
  return program;
}

function refuseCommand(program: CAC, { stderr }: Io): number {
  const names = program.commands.map((command) => command.name);
  const [name] = program.args;
  const near = name === undefined ? undefined : closest(name, names);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const complaint = name === undefined ? 'no command given.' : `unknown command '${name}'.${hint}`;
  stderr.write(`sherd: ${complaint} The commands are ${names.join(', ')}; sherd --help tells more.\n`);
  return EXIT_MISUSED;
}

function report(error: unknown, { stderr }: Io): number {
  const isMisuse = isConfigError(error) || (error instanceof Error && error.name === 'CACError');
  // What is no error of ours is a defect: its stack tells where.
  const text = isMisuse || isSherdError(error) ? error.message : error instanceof Error ? error.stack : String(error);
  stderr.write(`sherd: ${text}\n`);
  return isMisuse ? EXIT_MISUSED : EXIT_FAILED;
}
