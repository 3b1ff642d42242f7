/** What the commands have of the world around them. */
import type { TerminalStream } from '../demo/terminal.js';

export interface Io {
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  /** The file that was started: what a command starts when it needs another process of its own. */
  readonly programPath: string;
  readonly workingFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

export const EXIT_OK = 0;
/** The work was done and came out badly, or could not be done. */
export const EXIT_FAILED = 1;
/** Asked wrongly. */
export const EXIT_MISUSED = 2;
/** Ended by Ctrl-C, as shells count it. */
export const EXIT_INTERRUPTED = 130;
