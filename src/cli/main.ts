#!/usr/bin/env node
/** The program `sherd`: gives the command line to runCli(), and its exit code to the shell. */
import packageJson from '../../package.json' with { type: 'json' };
import { runCli } from './run-cli.js';

// Whoever read our output has read enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  programPath: import.meta.filename,
  workingFolder: process.cwd(),
  env: process.env,
  version: packageJson.version,
}).then((exitCode) => {
  process.exitCode = exitCode;
});
