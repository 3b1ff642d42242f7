/** The stub of a provider that the load suites load: its places, its faults, its answers. */
import { afterEach, describe, expect, test } from 'vitest';
import { isAnswerTo, streamEvents, wholeBody } from '../../../bench/load/upstream/answers.mjs';
import { connectionScript, drawFrom, FAULTS } from '../../../bench/load/upstream/faults.mjs';
import { Places } from '../../../bench/load/upstream/places.mjs';
import { createUpstream } from '../../../bench/load/upstream/server.mjs';
import {
  createClient,
  isProviderError,
  userMessage,
  withBaseURL,
  withModel,
  withProvider,
} from '../../../src/llm/index.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Upstream = Awaited<ReturnType<typeof createUpstream>>;

async function serve(...args: Parameters<typeof createUpstream>): Promise<Upstream> {
  const upstream = await createUpstream(...args);
  cleanups.push(() => upstream.close());
  return upstream;
}
function clientOf({ url }: Upstream) {
  const client = createClient(withProvider('vllm'), withBaseURL(url), withModel('m'));
  cleanups.push(() => client.close());
  return client;
}

test('its answers are whole to a client, in both forms, and say which question they are for', async () => {
  const client = clientOf(await serve({ serviceMs: 0 }));
  const whole = await client.chat([userMessage('why?')]);
  const streamed = await client.stream([userMessage('why?')]).final();
  for (const { text, usage, finishReason } of [whole, streamed]) {
    expect(isAnswerTo('why?', text)).toBe(true);
    expect(isAnswerTo('how?', text)).toBe(false);
    expect(isAnswerTo('why?', text.slice(0, -1))).toBe(false);
    expect([usage?.outputTokens, finishReason]).toEqual([64, 'stop']);
  }
  const question = { prompt: 'why?', model: 'm' };
  expect(streamEvents(question).at(-1)).toBe('data: [DONE]\n\n');
  expect(JSON.parse(wholeBody(question).toString()).choices[0].message.content).toBe(whole.text);
});

test('more than there is room for is refused, and counted', async () => {
  const upstream = await serve({ serviceMs: 0, places: 1, backlog: 0, isHeld: true });
  const client = clientOf(upstream);
  const asked = Array.from({ length: 3 }, () => client.chat([userMessage('why?')]));
  const settled = Promise.allSettled(asked);
  while (upstream.take().atWork < 3) await new Promise(setImmediate);
  upstream.open();
  const errors = (await settled).flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(errors.map((error) => isProviderError(error) && error.status)).toEqual([503, 503]);
  expect(upstream.take()).toMatchObject({ served: 1, refused: 2, atWork: 0 });
});

describe('its places', () => {
  const stays = new AbortController().signal;

  test('are given in the order of the line', async () => {
    const places = new Places(1, 2);
    expect(await places.enter(stays)).toBe(true);
    const order: number[] = [];
    const waiting = [1, 2].map((number) => places.enter(stays).then(() => order.push(number)));
    expect(await places.enter(stays)).toBe(false);
    places.leave();
    await waiting[0];
    expect(order).toEqual([1]);
    places.leave();
    await waiting[1];
    expect(order).toEqual([1, 2]);
  });

  test('are not for those who have left the line', async () => {
    const places = new Places(1, 2);
    await places.enter(stays);
    const leaving = new AbortController();
    const left = places.enter(leaving.signal);
    const next = places.enter(stays);
    leaving.abort();
    expect(await left).toBe(false);
    places.leave();
    expect(await next).toBe(true);
  });
});

describe('its faults', () => {
  test('come by their shares, the same each time', () => {
    const draw = () => {
      const drawFault = drawFrom([{ share: 0.1, answer: { status: 500 } }], 1);
      return Array.from({ length: 2_000 }, () => drawFault()?.status ?? 200);
    };
    const drawn = draw();
    expect(draw()).toEqual(drawn);
    const failed = drawn.filter((status) => status === 500).length / drawn.length;
    expect(failed).toBeGreaterThan(0.08);
    expect(failed).toBeLessThan(0.12);
  });

  test('of a throttled time name when to come back', () => {
    const fault = drawFrom([{ throttle: { forMs: 2_000, everyMs: 1_000 } }], 1)();
    expect(fault).toMatchObject({ status: 429 });
    expect(fault?.retryAfterMs).toBeGreaterThan(0);
  });

  test('of connections are cuts after so many answers, in the mean', () => {
    const script = connectionScript(FAULTS['resets'] as never, 1);
    expect(script?.()).toMatchObject({ toClient: { cut: { by: 'reset' } } });
    expect(connectionScript(FAULTS['none'] as never, 1)).toBeUndefined();
  });
});
