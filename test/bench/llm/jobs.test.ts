/** The jobs of the client's suite: what they count, with the yardstick as the client, against a stub in this process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { measureOnce } from '../../../bench/lib/measured-process.mjs';
import { Traffic } from '../../../bench/llm/calls/traffic.mjs';
import { prepare as prepareIdentical } from '../../../bench/llm/identical/job.mjs';
import { createStub } from '../../../bench/llm/stub/server.mjs';
import { CHUNKS } from '../../../bench/llm/stub/wire.mjs';

let stub: Awaited<ReturnType<typeof createStub>>;
beforeEach(async () => {
  stub = await createStub();
});
afterEach(() => stub.close());

const HITS = new URL('../../../bench/llm/hits/job.mjs', import.meta.url);
const BYTES = new URL('../../../bench/llm/bytes/job.mjs', import.meta.url);
const options = { subject: 'undici', format: 'openai' as const, width: 4 };

describe('traffic', () => {
  test.each([
    ['unary', 1],
    ['burst', CHUNKS],
    ['paced', CHUNKS],
  ] as const)('%s: every question is a call upstream, of %i operations', async (way, operations) => {
    const traffic = await Traffic.start({ ...options, way, origin: stub.origin });
    await traffic.run(traffic.makeQuestions(10));
    expect(stub.takeRequests()).toBe(10);
    expect(traffic.operations).toBe(operations);
  });

  test('no question comes twice', async () => {
    const traffic = await Traffic.start({ ...options, way: 'unary', origin: stub.origin });
    const questions = [...traffic.makeQuestions(20), ...traffic.makeQuestions(20)];
    expect(new Set(questions).size).toBe(40);
  });

  test('an answer that is not whole ends the run', async () => {
    const traffic = new Traffic(async () => ({ outputTokens: CHUNKS - 1 }), {
      format: 'openai',
      way: 'unary',
      width: 1,
      operations: 1,
    });
    await expect(traffic.run(['question'])).rejects.toThrow('not whole');
  });

  test('calls run so many at once', async () => {
    let running = 0;
    let most = 0;
    const call = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return { outputTokens: CHUNKS };
    };
    const traffic = new Traffic(call, { format: 'openai', way: 'unary', width: 3, operations: 1 });
    await traffic.run(traffic.makeQuestions(10));
    expect(most).toBe(3);
  });
});

describe('identical calls', () => {
  const plan = { subject: 'undici', isLeaving: false, callers: 5 };

  test.each([false, true])('a client that joins nothing makes a call each, streamed: %s', async (isStreamed) => {
    const job = await prepareIdentical({ ...plan, isStreamed, origin: stub.origin });
    expect(await job.round(0)).toEqual({ answered: 5, left: 0, failed: 0, leaving: 0 });
    expect(stub.takeRequests()).toBe(5);
  });

  test('callers that leave are the first and about half of the others; a wrong answer is a failure', async () => {
    const job = await prepareIdentical({
      ...plan,
      isStreamed: false,
      isLeaving: true,
      callers: 40,
      origin: stub.origin,
    });
    // The yardstick is deaf to their signals: all of them are answered.
    const { leaving, ...fates } = await job.round(0);
    expect(fates).toEqual({ answered: 40, left: 0, failed: 0 });
    expect(leaving).toBeGreaterThan(10);
    expect(leaving).toBeLessThan(30);
    const lost = await prepareIdentical({ ...plan, isStreamed: false, origin: `${stub.origin}/nowhere` });
    expect(await lost.round(0)).toMatchObject({ answered: 0, failed: 5 });
  });
});

test('bytes a call are at least those of the question, and a round is one without collections', async () => {
  const { heapBytes, collections } = await measureOnce({
    module: BYTES,
    options: { ...options, way: 'unary', origin: stub.origin, calls: 8, warmUpCalls: 8 },
    nodeFlags: ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'],
  });
  expect(collections).toBe(0);
  expect(heapBytes).toBeGreaterThan(900);
});

test.each(['sha-256', 'sha-256, one call'])('the yardstick of hits, %s, makes whole digests', async (subject) => {
  const round = await measureOnce({
    module: HITS,
    options: { subject, characters: 1024, origin: stub.origin, stretchMs: 1, warmUpMs: 1 },
  });
  expect(round.operations).toBeGreaterThan(0);
});
