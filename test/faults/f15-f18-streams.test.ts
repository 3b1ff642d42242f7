/** F15 to F18: streams in odd clothes, streams that stop, and streams that never begin. */
import { expect, test } from 'vitest';
import {
  isDeadlineError,
  userMessage,
  withCache,
  withClock,
  withFallback,
  withFirstTokenTimeout,
  withStreamIdleTimeout,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createFaultProxy } from '../../src/testing/fault-proxy.js';
import type { ScriptedReply } from '../../src/testing/scripted-server.js';
import { fc } from '../support/property.js';
import { ask, clientOf, closing, DONE, delta, event, finish, happens, role, serve, sse, watch } from './harness.js';

/** The lines of one event in one of the many ways to write them, without the end of the last. */
function dress(data: string, ending: string, space: string, split: boolean): string {
  const lines = split ? data.replaceAll(',"', `,${ending}data:${space}"`) : data;
  return `data:${space}${lines}`;
}
/** Line ends behind the last event: its own and an empty line, only its own, none. */
const LAST_ENDS = [2, 1, 0];

test('F15: the events are the same in any line ends, comments, byte order mark and slices', async () => {
  const datas = [role, delta('na'), delta('ïve '), delta('👍'), finish].map((text) => text.slice(6, -2));
  const ending = fc.constantFrom('\n', '\r\n', '\r');
  const wording = fc.record({
    endings: fc.array(ending, { minLength: 7, maxLength: 7 }),
    space: fc.constantFrom('', ' '),
    split: fc.boolean(),
    comments: fc.boolean(),
    mark: fc.boolean(),
    lastEnds: fc.constantFrom(...LAST_ENDS),
    framing: fc.constantFrom('chunked', 'close'),
    sliceBytes: fc.constantFrom(1, 2, 5, 1000),
  });
  let body = Buffer.alloc(0) as Buffer;
  let delivery: Partial<ScriptedReply> = {};
  const server = await serve(() => sse(body, delivery));
  const client = clientOf(server);
  await fc.assert(
    fc.asyncProperty(wording, async (words) => {
      const { endings, space, split, comments, mark, lastEnds, framing, sliceBytes } = words;
      const comment = comments ? `: keep-alive${endings[6]}` : '';
      const [last = '\n', ...ends] = endings;
      const events = datas.map((data, i) => {
        const end = ends[i] ?? '\n';
        return `${comment}${dress(data, end, space, split)}${end}${end}`;
      });
      const done = dress('[DONE]', last, space, false) + last.repeat(lastEnds);
      body = Buffer.from((mark ? '\uFEFF' : '') + events.join('') + done);
      delivery = { framing, sliceBytes };
      expect(await watch(ask(client, 'stream', 'why?')).end).toEqual({ text: 'naïve 👍' });
    }),
    { numRuns: 90 },
  );
});

test('F15: a line of nearly 1 MB is read as any other', async () => {
  const long = 'x'.repeat(1_000_000);
  const server = await serve([sse(role + delta(long) + finish + DONE, { sliceBytes: 65_537 })]);
  expect(await watch(ask(clientOf(server), 'stream', 'why?')).end).toEqual({ text: long });
});

test('F16: a stream that stops amid its bytes is ended by the idle timeout, and upstream is told', async () => {
  const body = role + delta('one ') + delta('two ') + finish + DONE;
  const server = await serve([sse(body)]);
  const afterBytes = (role + delta('one ')).length + 40;
  const proxy = closing(
    await createFaultProxy({
      target: server.url,
      faults: { toClient: { countFrom: 'body', cut: { afterBytes, by: 'stall' } } },
    }),
  );
  const clock = createFakeClock();
  const client = clientOf(proxy, withClock(clock), withStreamIdleTimeout('10s'), withCache(true));
  const timersOfCache = clock.pendingTimers;
  const call = watch(ask(client, 'stream', 'why?'));
  await proxy.until(({ cut }) => cut === 1);
  await happens(() => false, 500);
  await clock.advanceAsync(9_999);
  expect(call.outcome).toBeUndefined();
  await clock.advanceAsync(1);
  const { error } = await call.end;
  expect(isDeadlineError(error) && error.kind).toBe('idle');
  await proxy.until(({ accepted, open }) => accepted > open);
  expect(client.metrics()).toMatchObject({ active: 0, stored: 0, timeouts: 1 });
  expect(clock.pendingTimers).toBe(timersOfCache);
});

test('F17: comments without end are no tokens: the first-token timeout ends them', async () => {
  const clock = createFakeClock();
  const pings = ': ping\n\n'.repeat(1000);
  const server = await serve([sse(role + pings, { sliceBytes: 80, hang: 'before-end' })]);
  const client = clientOf(server, withClock(clock), withFirstTokenTimeout('5s'));
  const call = watch(ask(client, 'stream', 'why?'));
  await server.until(({ requests }) => requests.length === 1);
  await happens(() => false, 1000);
  await clock.advanceAsync(4_999);
  expect(call.outcome).toBeUndefined();
  await clock.advanceAsync(1);
  const { error } = await call.end;
  expect(isDeadlineError(error) && error.kind).toBe('first-token');
  await server.until(({ closedConnections }) => closedConnections === 1);
});

test('F18: a first token that is late leads to the next target, and the late request is closed', async () => {
  const slow = await serve([sse(role + event({ id: 'c1', model: 'm', choices: [] }), { hang: 'before-end' })]);
  const clock = createFakeClock();
  const client = clientOf(slow, withClock(clock), withFirstTokenTimeout('5s'), withFallback(['local']));
  const answered = watch(client.stream([userMessage('The sky is blue. What colour is the sky?')]).final());
  await slow.until(({ requests }) => requests.length === 1);
  await happens(() => false, 200);
  await clock.advanceAsync(5_000);
  expect(await answered.end).toEqual({ text: 'The sky is blue.' });
  await slow.until(({ closedConnections }) => closedConnections === 1);
  expect(client.metrics()).toMatchObject({ fallbacks: 1, timeouts: 1, active: 0 });
});
