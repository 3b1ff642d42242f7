import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  allRecordings,
  answersOfKind,
  hasRecordings,
  kindOfAnswer,
  type RecordingKind,
  refusedStreamsOfKind,
  streamsOfKind,
} from '../support/recordings.js';

/** Each kind of recording and the folder of the wire format that reads it. */
const FOLDERS: Readonly<Record<RecordingKind, string>> = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  anthropic: 'anthropic',
  gemini: 'gemini',
  cohere: 'cohere',
};
const KINDS = Object.keys(FOLDERS) as RecordingKind[];

/** What is in no format that is offered as chat. */
const OTHER_STREAMS: readonly RegExp[] = [/^gemini\/interactions__/, /^openai\/completion__/];
const OTHER_ANSWERS: readonly RegExp[] = [
  ...OTHER_STREAMS,
  /\/skills__/,
  /\/reranking__/,
  /-embedding\.json$/,
  /^openai\/.*-error(\.1)?\.json$/,
  /-429-/,
];
const isAmong = (patterns: readonly RegExp[], name: string): boolean => patterns.some((pattern) => pattern.test(name));

function sourceOf(path: string): string {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe.skipIf(!hasRecordings)('of the recordings', () => {
  test.each(KINDS)('all streams and answers of the kind %s are read by the tests of its format', (kind) => {
    const source = sourceOf(`${FOLDERS[kind]}/recordings.test.ts`);
    const everyStream = /KINDS.*= \[.*\]/.exec(sourceOf('recorded-streams.test.ts'))?.[0];
    expect(everyStream).toContain(`'${kind}'`);
    expect(source).toContain(`answersOfKind('${kind}')`);
    expect(streamsOfKind(kind).length).toBeGreaterThan(3);
    expect(answersOfKind(kind).length).toBeGreaterThan(3);
    if (refusedStreamsOfKind(kind).length > 0) expect(source).toContain(`refusedStreamsOfKind('${kind}')`);
  });

  test('each stream is of a kind, or in a format that is not offered', () => {
    const known = new Set(KINDS.flatMap((kind) => [...streamsOfKind(kind), ...refusedStreamsOfKind(kind)]));
    for (const name of allRecordings('.chunks.txt'))
      expect([name, known.has(name)]).toEqual([name, !isAmong(OTHER_STREAMS, name)]);
    expect(known.size).toBe(allRecordings('.chunks.txt').filter((name) => !isAmong(OTHER_STREAMS, name)).length);
  });

  test('each whole answer is of a kind, or no answer to a chat', () => {
    for (const name of allRecordings('.json'))
      expect([name, kindOfAnswer(name) === undefined]).toEqual([name, isAmong(OTHER_ANSWERS, name)]);
  });

  test('what lies there in another dress is named in a test', () => {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => sourceOf(name))
      .join('\n');
    const others = allRecordings('').filter((name) => !/\.(chunks\.txt|json)$/.test(name));
    for (const name of others) expect(sources).toContain(name.split('/').at(-1));
  });
});
