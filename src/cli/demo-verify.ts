/** `sherd demo --verify PATH`: computes the figures of a finished run again and says which of them differ. */
import colours from 'picocolors';
import { counted } from '../demo/format.js';
import { createTerminal, type Terminal } from '../demo/terminal.js';
import { formatTable } from '../demo/text-table.js';
import { type VerifiedFigure, verifyRun } from '../demo/verify.js';
import type { FlagReader } from './flags.js';
import { EXIT_FAILED, EXIT_OK, type Io } from './io.js';

/** Exit code 1 when any figure differs. */
export async function verifyFinishedRun(flags: FlagReader, io: Io): Promise<number> {
  const path = flags.text('verify') ?? '';
  const isJson = flags.isSet('json');
  flags.finish();
  const figures = await verifyRun(path);
  const differing = figures.filter((figure) => !figure.agrees);
  const terminal = createTerminal(io.stdout);
  if (isJson) terminal.print(JSON.stringify(figures, undefined, 2));
  else printFigures(terminal, figures, differing);
  return differing.length === 0 ? EXIT_OK : EXIT_FAILED;
}

function printFigures(
  terminal: Terminal,
  figures: readonly VerifiedFigure[],
  differing: readonly VerifiedFigure[],
): void {
  const rows = figures.map(({ name, stored, recomputed, agrees }) => [
    agrees ? colours.green('OK') : colours.red('DIFFERS'),
    name,
    agrees ? stored : `${stored}, recomputed ${recomputed}`,
  ]);
  terminal.print(formatTable({ columns: ['', 'figure', 'stored'], rows, width: terminal.columns, head: colours.dim }));
  const verdict = `${counted(figures.length, 'figure')}, ${differing.length} of them differ`;
  terminal.print(differing.length === 0 ? colours.green(verdict) : colours.red(verdict));
}
