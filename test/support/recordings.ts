/** Recorded answers of real vendors, where they lie beside the repository. Tests that need them say so when they do not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../../shared/fixtures/', import.meta.url));

export const hasRecordings: boolean = existsSync(FIXTURES);
if (!hasRecordings) process.stderr.write(`skipped: no recorded answers in ${FIXTURES}\n`);

/** Names of the recordings of a folder, like `openai/chat__text.json`; none where there are no recordings. */
export function recordingsOf(folder: string, beginning: string, ending: string): string[] {
  if (!hasRecordings) return [];
  return readdirSync(`${FIXTURES}${folder}`)
    .filter((name) => name.startsWith(beginning) && name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}

export function readRecording(name: string): string {
  return readFileSync(`${FIXTURES}${name}`, 'utf8');
}

/** The events of a recorded stream, each a line of JSON. */
export function readEvents(name: string): string[] {
  return readRecording(name)
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** What the vendor's own SDK made of a stream; undefined when it refused it. */
export function readExpectation<T>(name: string): T | undefined {
  const all = JSON.parse(readRecording('expected.json')) as Record<string, { result?: T }>;
  return all[name]?.result;
}
