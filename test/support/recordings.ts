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

/** A kind of stream in expected.json: the wire format it is in. */
export type RecordingKind = 'chat' | 'responses' | 'anthropic' | 'gemini' | 'cohere';

interface Entry {
  readonly kind: RecordingKind;
  readonly result?: object;
  /** The SDK refuses this stream. */
  readonly error?: object;
}

const entries: Readonly<Record<string, Entry>> = hasRecordings ? JSON.parse(readRecording('expected.json')) : {};

/** What the vendor's own SDK made of a stream; undefined when it refused it. */
export function readExpectation<T extends object>(name: string): T | undefined {
  // The tests compare its fields, and say so when they are not there.
  return entries[name]?.result as T | undefined;
}

/** All streams of a kind that have an expectation. */
export function streamsOfKind(kind: RecordingKind): string[] {
  return Object.keys(entries).filter((name) => entries[name]?.kind === kind && entries[name]?.result !== undefined);
}

/** The streams of a kind that its SDK refuses. */
export function refusedStreamsOfKind(kind: RecordingKind): string[] {
  return Object.keys(entries).filter((name) => entries[name]?.kind === kind && entries[name]?.result === undefined);
}

/** All whole answers of a kind. */
export function answersOfKind(kind: RecordingKind): string[] {
  return allRecordings('.json').filter((name) => kindOfAnswer(name) === kind);
}

/** By its form; undefined for errors, embeddings, lists, uploads, and the answers of interfaces that are not offered. */
export function kindOfAnswer(name: string): RecordingKind | undefined {
  const body = JSON.parse(readRecording(name)) as Readonly<Record<string, unknown>>;
  if (body['object'] === 'response') return 'responses';
  if (body['object'] === 'chat.completion') return 'chat';
  if ('candidates' in body) return 'gemini';
  if ('message' in body && 'finish_reason' in body) return 'cohere';
  return body['type'] === 'message' ? 'anthropic' : undefined;
}

/** Every recording whose name ends so, as `folder/name`; the oracles of requests are none. */
export function allRecordings(ending: string): string[] {
  if (!hasRecordings) return [];
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'requests')
    .flatMap(({ name }) => recordingsOf(name, '', ending));
}
