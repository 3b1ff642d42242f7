/**
 * Writing to a terminal, or to a file or pipe that stands in for one: lines that stay, and a status that is rewritten
 * in place. Where nothing can be rewritten, the status is its first line, at most once a second.
 */
import type { WriteStream } from 'node:tty';
import { systemTiming } from './open-loop.js';
import { cut } from './text-table.js';

export interface Terminal {
  /** Characters a line may have. */
  readonly columns: number;
  /** Writes a text that stays, with its line end. */
  print(text: string): void;
  /** Shows lines in place of the last status. */
  showStatus(lines: readonly string[]): void;
  /** Takes the last status away. */
  clearStatus(): void;
}

/** What of a stream a terminal needs; `process.stdout` is one. */
export type TerminalStream = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>;

const COLUMNS_OF_A_PIPE = 100;
const CLEAR_TO_END = '\x1b[0J';

export function createTerminal(stream: TerminalStream, nowMs: () => number = systemTiming.nowMs): Terminal {
  const isInteractive = stream.isTTY === true;
  let statusHeight = 0;
  let lastSecond = Number.NaN;

  function clearStatus(): void {
    if (statusHeight > 0) stream.write(`\x1b[${statusHeight}A${CLEAR_TO_END}`);
    statusHeight = 0;
  }
  function columns(): number {
    return stream.columns ?? COLUMNS_OF_A_PIPE;
  }
  return {
    get columns() {
      return columns();
    },
    print(text) {
      clearStatus();
      stream.write(`${text}\n`);
    },
    showStatus(lines) {
      if (isInteractive) {
        clearStatus();
        // A line that wraps would be two, and the next status would rewrite one too few.
        stream.write(lines.map((line) => `${cut(line, columns())}\n`).join(''));
        statusHeight = lines.length;
        return;
      }
      const second = Math.floor(nowMs() / 1000);
      if (second !== lastSecond) stream.write(`${lines[0] ?? ''}\n`);
      lastSecond = second;
    },
    clearStatus,
  };
}
