/** Every recorded stream through its provider: whole, byte by byte, and cut at every byte (cuts.ts). */
import { describe, test } from 'vitest';
import { isDeep } from '../support/deep.js';
import { hasRecordings, type RecordingKind, refusedStreamsOfKind, streamsOfKind } from '../support/recordings.js';
import { DEEP, expectSameHoweverCut, QUICK } from './cuts.js';
import { createReader, expectAnswer, recordedStreams } from './recorded-streams.js';

const KINDS: readonly RecordingKind[] = ['chat', 'responses', 'anthropic', 'gemini', 'cohere'];

describe.skipIf(!hasRecordings).each(KINDS)('a recorded stream of the kind %s', (kind) => {
  const read = createReader(kind);

  test.each(streamsOfKind(kind))('%s gives what the official SDK made of it', async (name) => {
    const answer = await read([Buffer.from(recordedStreams(name, kind).at(-1) ?? '')]);
    expectAnswer(answer, name, kind);
  });

  test.each([...streamsOfKind(kind), ...refusedStreamsOfKind(kind)])(
    '%s is the same, however it is cut',
    async (name) => {
      for (const stream of recordedStreams(name, kind)) await expectSameHoweverCut(read, stream, isDeep ? DEEP : QUICK);
    },
  );
});
