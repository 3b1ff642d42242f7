/** The files a run leaves: the event log while it goes on, its figures and its page at the end. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SherdError } from '../core/errors.js';
import type { DemoEvent } from './events.js';
import type { Goal } from './goals.js';
import { renderReport } from './page/report-page.js';
import { EVENTS_FILE, FIGURES_FILE, PAGE_FILE, type StoredFigures } from './stored-figures.js';

export interface RunOutput {
  writeLine(line: string): void;
  /** Ends the log and writes the figures and the page. */
  finish(events: readonly DemoEvent[], stored: StoredFigures, goals: readonly Goal[]): Promise<void>;
}

/** Opens the output in `folder`, which is made where it is missing. Throws ERR_DEMO_OUTPUT. */
export async function openOutput(folder: string): Promise<RunOutput> {
  const log = await openLog(folder, join(folder, EVENTS_FILE));
  return {
    writeLine: (line) => void log.write(line),
    async finish(events, stored, goals) {
      log.end();
      await finished(log).catch(failTyped(folder));
      await Promise.all([
        writeFile(join(folder, FIGURES_FILE), `${JSON.stringify(stored, undefined, 2)}\n`),
        writeFile(join(folder, PAGE_FILE), renderReport({ events, stored, goals })),
      ]).catch(failTyped(folder));
    },
  };
}

async function openLog(folder: string, path: string): Promise<WriteStream> {
  try {
    await mkdir(folder, { recursive: true });
    const log = createWriteStream(path);
    // The listener stays: a failure after the opening is kept by the stream and comes out of finished().
    await new Promise((resolve, reject) => log.once('open', resolve).once('error', reject));
    return log;
  } catch (cause) {
    return failTyped(folder)(cause);
  }
}

function failTyped(folder: string): (cause: unknown) => never {
  return (cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SherdError(`the report cannot be written to ${folder}: ${reason}`, { code: 'ERR_DEMO_OUTPUT', cause });
  };
}
