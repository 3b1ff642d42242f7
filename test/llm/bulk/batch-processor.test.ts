/** Requests that are gathered, and sent batch by batch. */
import { describe, expect, test } from 'vitest';
import { RateLimitError } from '../../../src/core/errors.js';
import {
  BatchProcessor,
  type BatchProcessorOptions,
  isClosedError,
  isConfigError,
  isQueueFullError,
  type Message,
  userMessage,
} from '../../../src/llm/index.js';
import { sleep } from '../../../src/resilience/timer.js';
import { createGate, fail, hang, type Play, rejection, settle, speak } from '../puppet.js';
import { setUp } from '../puppet-client.js';

const say = (text: string): readonly Message[] => [userMessage(text)];
const textAsked: Play = (call) => speak(call, `re ${String(call.request.messages.at(-1)?.content)}`);

function processorOf(play: Play, options: BatchProcessorOptions = {}) {
  const { client, puppet, clock } = setUp(play);
  const processor = new BatchProcessor(client, { batchSize: 3, interval: 100, clock, ...options });
  const asked = () => puppet.calls.map(({ request }) => String(request.messages.at(-1)?.content));
  return { client, puppet, clock, processor, asked };
}

describe('a batch is sent', () => {
  test('when enough have come, without waiting', async () => {
    const { processor, asked, clock } = processorOf(textAsked);
    const answers = ['a', 'b', 'c'].map((text) => processor.process(say(text)));
    await settle();
    expect(asked()).toEqual(['a', 'b', 'c']);
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['re a', 're b', 're c']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('when the first has waited for the interval, and the interval begins anew for those who come later', async () => {
    const { processor, asked, clock } = processorOf(textAsked);
    void processor.process(say('a'));
    await clock.advanceAsync(60);
    void processor.process(say('b'));
    await clock.advanceAsync(39);
    expect([asked(), processor.pending]).toEqual([[], 2]);
    await clock.advanceAsync(1);
    expect(asked()).toEqual(['a', 'b']);
    void processor.process(say('c'));
    await clock.advanceAsync(99);
    expect(asked().length).toBe(2);
    await clock.advanceAsync(1);
    expect([asked().length, clock.pendingTimers]).toEqual([3, 0]);
  });

  test('when it is told, and close() sends the rest and refuses what comes later', async () => {
    const { processor, asked } = processorOf(textAsked);
    const first = processor.process(say('a'));
    await processor.flush();
    expect((await first).text).toBe('re a');
    const second = processor.process(say('b'));
    await Promise.all([processor.close(), processor.close()]);
    expect([(await second).text, asked()]).toEqual(['re b', ['a', 'b']]);
    expect(isClosedError(await rejection(processor.process(say('c'))))).toBe(true);
  });
});

describe('requests that are gathered together', () => {
  test('stand group by group and near-duplicate by near-duplicate, and each has its own answer', async () => {
    const { processor, asked } = processorOf(textAsked, { batchSize: 6, concurrency: 1 });
    const answers = [
      processor.process(say('What is  TLS?')),
      processor.process(say('hot'), { temperature: 1 }),
      processor.process(say('other')),
      processor.process(say('what is tls?')),
      processor.process(say('hotter'), { temperature: 1 }),
      processor.process(say(' What is ＴＬＳ?\n')),
    ];
    const texts = (await Promise.all(answers)).map(({ text }) => text);
    expect(asked()).toEqual(['What is  TLS?', 'what is tls?', ' What is ＴＬＳ?\n', 'other', 'hot', 'hotter']);
    expect(texts).toEqual(
      ['What is  TLS?', 'hot', 'other', 'what is tls?', 'hotter', ' What is ＴＬＳ?\n'].map((text) => `re ${text}`),
    );
  });

  test('share one upstream call if they are the same, and only then', async () => {
    const { processor, asked } = processorOf(textAsked, { batchSize: 7 });
    const answers = await Promise.all([
      processor.process(say('a')),
      processor.process(say('a')),
      processor.process(say('a'), { temperature: 1 }),
      processor.process(say('a'), { scope: 'tenant-1' }),
      processor.process(say('a'), { scope: 'tenant-2' }),
      processor.process(say('a'), { cache: false }),
      processor.process(say('a'), { cache: false }),
    ]);
    expect(asked().length).toBe(6);
    expect(answers.map(({ shared, text }) => [shared, text])).toEqual(
      [false, true, false, false, false, false, false].map((shared) => [shared, 're a']),
    );
    expect(answers[1]?.cost).toBe(0);
    expect(answers[1]).not.toBe(answers[0]);
  });

  test('are what they were when they came, whatever their caller does to them later', async () => {
    const { processor, asked } = processorOf(textAsked);
    const messages = [{ role: 'user' as const, content: 'before' }];
    const answer = processor.process(messages);
    (messages[0] as { content: string }).content = 'after';
    await processor.flush();
    expect([(await answer).text, asked()]).toEqual(['re before', ['before']]);
  });

  test('fail one by one, and processBatch gives the results in their places', async () => {
    const { processor } = processorOf((call, index) => (index === 1 ? fail(500) : textAsked(call, index)));
    const results = await processor.processBatch([
      { messages: say('a') },
      { messages: say('b') },
      { messages: say('c') },
    ]);
    expect(results).toMatchObject([{ response: { text: 're a' } }, { error: { status: 500 } }, { ok: true }]);
    expect(isConfigError(await rejection(processor.processBatch('a' as never)))).toBe(true);
  });
});

describe('a caller who leaves', () => {
  test('while requests are gathered takes only its own away, and the last one the timer', async () => {
    const { processor, asked, clock } = processorOf(textAsked);
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }, i) => rejection(processor.process(say(`${i}`), { signal })));
    controllers[0]?.abort('first');
    expect([processor.pending, clock.pendingTimers]).toEqual([1, 1]);
    controllers[1]?.abort('second');
    expect([processor.pending, clock.pendingTimers]).toEqual([0, 0]);
    expect(await Promise.all(left)).toEqual(['first', 'second']);
    await processor.flush();
    expect(asked()).toEqual([]);
  });

  test('while the answer is shared does not take it from the others; when all have left, upstream is cancelled', async () => {
    const gate = createGate();
    const { processor, puppet } = processorOf(async function* (call, index) {
      if (index > 0) yield* hang(call);
      await gate.passed;
      yield* speak(call, 'ok');
    });
    const controller = new AbortController();
    const leaver = rejection(processor.process(say('a'), { signal: controller.signal }));
    const stayer = processor.process(say('a'));
    void processor.flush();
    await settle();
    controller.abort('bye');
    expect(await leaver).toBe('bye');
    gate.open();
    expect((await stayer).text).toBe('ok');
    expect([puppet.calls.length, puppet.aborted]).toEqual([1, 0]);
    const last = new AbortController();
    const alone = rejection(processor.process(say('b'), { signal: last.signal }));
    void processor.flush();
    await settle();
    last.abort('gone');
    await Promise.all([alone, settle()]);
    expect(puppet.aborted).toBe(1);
  });
});

test('beyond maxPending requests are refused, gathered and waiting for a place alike', async () => {
  const gate = createGate();
  const { processor } = processorOf(
    async function* (call) {
      await gate.passed;
      yield* speak(call, 'ok');
    },
    { batchSize: 2, concurrency: 1, maxPending: 2 },
  );
  const answers = ['a', 'b', 'c'].map((text) => processor.process(say(text)));
  await settle();
  // One is asked, one waits for its place, one is gathered.
  expect(processor.pending).toBe(2);
  expect(isQueueFullError(await rejection(processor.process(say('d'))))).toBe(true);
  gate.open();
  void processor.flush();
  expect((await Promise.all(answers)).length).toBe(3);
});

describe('an adaptive batch size', () => {
  const run = async (
    { processor, clock }: ReturnType<typeof processorOf>,
    batches: number,
    ms: number,
  ): Promise<number[]> => {
    const sizes: number[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const answers = Array.from({ length: processor.batchSize }, (_, i) =>
        processor.process(say(`${batch} ${i} ${ms}`)).catch(() => undefined),
      );
      await clock.advanceAsync(ms);
      await Promise.all(answers);
      sizes.push(processor.batchSize);
    }
    return sizes;
  };
  const slow = (waitMs: () => number, options: BatchProcessorOptions) => {
    const made: ReturnType<typeof processorOf> = processorOf(
      async function* (call) {
        await sleep(made.clock, waitMs(), call.signal);
        yield* speak(call, 'ok');
      },
      { concurrency: 100, ...options },
    );
    return made;
  };

  test('grows by one after fast full batches up to its bound, and shrinks by a quarter after slow ones', async () => {
    let waitMs = 10;
    const made = slow(() => waitMs, { batchSize: 4, adaptive: { max: 7, targetLatency: 50 } });
    expect(await run(made, 4, 10)).toEqual([5, 6, 7, 7]);
    waitMs = 60;
    expect(await run(made, 4, 60)).toEqual([5, 3, 2, 1]);
  });

  test('takes twice the fastest of the last batches for slow when it is not told', async () => {
    let waitMs = 10;
    const made = slow(() => waitMs, { batchSize: 4, adaptive: true });
    expect(await run(made, 2, 10)).toEqual([5, 6]);
    waitMs = 20;
    expect(await run(made, 1, 20)).toEqual([7]);
    waitMs = 21;
    expect(await run(made, 1, 21)).toEqual([5]);
  });

  test('shrinks when a request was refused for want of capacity, and stays as it is when it is not adaptive', async () => {
    const refused = processorOf(
      async function* () {
        yield* [];
        throw new RateLimitError('slow down', { provider: 'puppet', status: 429 });
      },
      { batchSize: 8, adaptive: true },
    );
    expect(await run(refused, 2, 1)).toEqual([6, 4]);
    expect(await run(processorOf(textAsked, { batchSize: 4 }), 2, 1)).toEqual([4, 4]);
  });
});

test('options that make no sense are all named at once', () => {
  const { client } = setUp(textAsked);
  const bad = { batchSize: 0, interval: 'soon', concurrency: 0, adaptive: 'yes', maxPending: -1, clock: {} } as never;
  expect(() => new BatchProcessor(client, bad)).toThrow(/6 problems/);
  expect(() => new BatchProcessor(client, { batchSize: 2, adaptive: { min: 5 } })).toThrow(/batchSize/);
});
