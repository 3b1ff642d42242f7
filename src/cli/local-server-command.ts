/** `sherd local-server`: the embedded provider behind HTTP in the OpenAI format, until it is interrupted. */
import { resolve } from 'node:path';
import { serveLocally } from '../demo/serve-local.js';
import { createTerminal } from '../demo/terminal.js';
import { type Flags, readFlags } from './flags.js';
import { EXIT_OK, type Io } from './io.js';

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = '127.0.0.1';
const PORT_RANGE = { min: 0, max: 65_535 };

export async function runLocalServerCommand(given: Flags, io: Io): Promise<number> {
  const flags = readFlags('local-server', given);
  const port = flags.integer('port', PORT_RANGE) ?? DEFAULT_PORT;
  const host = flags.text('host') ?? DEFAULT_HOST;
  const corpusStarts = flags.texts('corpus').map((folder) => resolve(io.workingFolder, folder));
  flags.finish();
  await serveLocally({
    port,
    host,
    corpusStarts,
    onListening: ({ baseURL }) => createTerminal(io.stdout).print(`listening on ${baseURL} (Ctrl-C ends it)`),
  });
  return EXIT_OK;
}
