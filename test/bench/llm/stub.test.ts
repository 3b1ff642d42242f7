/** The stub provider that clients are measured against, and the gate that tells who understood it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFault, isWhole } from '../../../bench/llm/gate/faults.mjs';
import { prepare } from '../../../bench/llm/gate/job.mjs';
import { makeQuestion } from '../../../bench/llm/questions.mjs';
import { createStub } from '../../../bench/llm/stub/server.mjs';
import { CHUNKS, EXPECTED, WIRES } from '../../../bench/llm/stub/wire.mjs';
import { createUndici } from '../../../bench/llm/subjects/undici.mjs';

let stub: Awaited<ReturnType<typeof createStub>>;
beforeEach(async () => {
  stub = await createStub();
});
afterEach(() => stub.close());

const BODY = '{"model":"m"}';
const request = (path: string, body = BODY) => `POST ${path} HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What comes back for bytes that are sent in these pieces, until `length` bytes are there. */
async function exchange(pieces: readonly string[], length: number): Promise<Buffer> {
  const socket = connect(Number(new URL(stub.origin).port), '127.0.0.1').setNoDelay(true);
  for (const piece of pieces) await new Promise((sent) => socket.write(piece, sent));
  let read = Buffer.alloc(0);
  while (read.length < length) read = Buffer.concat([read, ...((await once(socket, 'data')) as Buffer[])]);
  socket.destroy();
  return read;
}

describe('the stub', () => {
  const { whole } = WIRES.openai;

  test('a request that comes in pieces gets one answer', async () => {
    const text = request('/burst/v1/chat/completions');
    expect(await exchange([text.slice(0, 9), text.slice(9, -5), text.slice(-5)], whole.length)).toEqual(whole);
    expect(stub.takeRequests()).toBe(1);
  });

  test('requests that come at once get an answer each, and are counted once', async () => {
    const both = request('/burst/v1/chat/completions') + request('/burst/v1/messages');
    const answers = Buffer.concat([whole, WIRES.anthropic.whole]);
    expect(await exchange([both], answers.length)).toEqual(answers);
    expect(stub.takeRequests()).toBe(2);
    expect(stub.takeRequests()).toBe(0);
  });

  test.each(['burst', 'paced', 'late'])('%s: a stream brings the same bytes', async (pace) => {
    const { streamHead, events } = WIRES.openai;
    const stream = Buffer.concat([streamHead, ...events]);
    const asked = request(`/${pace}/v1/chat/completions`, '{"stream":true}');
    expect(await exchange([asked], stream.length)).toEqual(stream);
  });

  test('what it does not know is not found, and a body without a length is refused', async () => {
    expect((await exchange([request('/unknown')], 12)).toString()).toMatch(/^HTTP\/1\.1 404/);
    expect((await exchange(['POST /burst/v1 HTTP/1.1\r\n\r\n'], 12)).toString()).toMatch(/^HTTP\/1\.1 411/);
  });
});

describe('the gate', () => {
  test.each([
    ['undici', 'openai'],
    ['undici+parse', 'openai'],
    ['undici', 'anthropic'],
    ['undici+parse', 'anthropic'],
  ] as const)('the yardstick %s passes in the %s format', async (subject, format) => {
    const job = await prepare({ subject, format, origin: stub.origin });
    expect(await job.round()).toEqual({ faults: [] });
  });

  test.each([
    ['a word that is missing', { text: EXPECTED.text.slice(0, -1) }],
    ['other tokens', { inputTokens: 1 }],
    ['no usage', { outputTokens: undefined }],
  ])('finds out %s', (_what, wrong) => {
    const answer = { ...EXPECTED, ...wrong } as Parameters<typeof findFault>[0];
    expect(findFault(EXPECTED, 'openai')).toBeUndefined();
    expect(findFault(answer, 'openai')).toContain(Object.keys(wrong)[0]);
  });

  test('finds out a stream that was not read to its end', async () => {
    const caller = await createUndici({ endpoint: `${stub.origin}/paced`, format: 'openai' }, { isParsing: false });
    const { bytes = 0 } = await caller.stream(makeQuestion(1));
    expect(findFault({ bytes }, 'openai')).toBeUndefined();
    expect(isWhole({ bytes }, 'openai')).toBe(true);
    expect(findFault({ bytes: bytes - 1 }, 'openai')).toContain('bytes');
    expect(isWhole({ bytes: bytes - 1 }, 'openai')).toBe(false);
    expect(isWhole({ outputTokens: CHUNKS - 1 }, 'openai')).toBe(false);
  });
});

test('a question is a fresh string of the stated length, with its number at the start', () => {
  expect(makeQuestion(7)).toHaveLength(900);
  expect(makeQuestion(7)).toBe(makeQuestion(7));
  expect(makeQuestion(7, 32_768)).toMatch(/^Question 7: /);
  expect(makeQuestion(8)).not.toBe(makeQuestion(7));
});
