/** F19 to F21: connections that are refused, swallowed or broken, on real sockets. */
import { describe, expect, test } from 'vitest';
import {
  isDeadlineError,
  isProviderError,
  userMessage,
  withCache,
  withClock,
  withFallback,
  withRetryCount,
  withRetryDelay,
  withTimeout,
  withTransport,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { type ConnectionFaults, createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js';
import type { ScriptedServer } from '../../src/testing/scripted-server.js';
import { connectionsBeingOpened, createFullListener, untilBeingOpened } from '../support/full-listener.js';
import { answer, ask, clientOf, closing, happens, serve, watch } from './harness.js';

async function behind(
  faults: ConnectionFaults | readonly ConnectionFaults[],
): Promise<{ proxy: FaultProxy; server: ScriptedServer }> {
  const server = await serve((request) => answer(request, 'All is well.'));
  return { server, proxy: closing(await createFaultProxy({ target: server.url, faults })) };
}

test('F19: a port that is closed is one attempt, and the next target is asked', async () => {
  const gone = await serve([]);
  await gone.close();
  const client = clientOf(gone, withFallback(['local']));
  const { text, target } = await client.chat([userMessage('The sky is blue. What colour is the sky?')]);
  expect([text, target]).toEqual(['The sky is blue.', 1]);
  expect(client.metrics()).toMatchObject({ upstreamCalls: 2, upstreamFailures: 1, fallbacks: 1 });
  const error = (await watch(ask(clientOf(gone), 'chat', 'why?')).end).error;
  expect(isProviderError(error) && [error.code, error.retryable]).toEqual(['ERR_PROVIDER_CONNECT', true]);
});

test('F20: a server that accepts and never answers is left at the timeout, and its connection closed', async () => {
  const { proxy } = await behind({ accept: 'ignore' });
  const clock = createFakeClock();
  const client = clientOf(proxy, withClock(clock), withTimeout('30s'));
  const call = watch(ask(client, 'chat', 'why?'));
  await proxy.until(({ open }) => open === 1);
  // The request is on its way into nowhere.
  await happens(() => false, 500);
  await clock.advanceAsync(30_000);
  const { error } = await call.end;
  expect(isDeadlineError(error) && error.kind).toBe('attempt');
  await proxy.until(({ accepted, open }) => accepted > open);
  expect([client.metrics().active, clock.pendingTimers]).toEqual([0, 0]);
});

describe('F20: a port that answers no SYN, as behind a full backlog,', () => {
  test('is left at the time for connecting, and nothing stays open', async () => {
    const hole = closing(await createFullListener());
    const before = connectionsBeingOpened();
    const client = clientOf({ url: `http://127.0.0.1:${hole.port}` }, withTransport({ connectTimeout: 50 }));
    const call = watch(ask(client, 'chat', 'why?'));
    await untilBeingOpened(before + 1);
    const { error } = await call.end;
    expect(isDeadlineError(error) && [error.kind, error.afterMs]).toEqual(['connect', 50]);
    await untilBeingOpened(before);
    expect(client.metrics().active).toBe(0);
  });

  test.each(['the timeout of the attempt', 'its caller'])(
    'is left by %s before that, which ends the attempt to connect and frees its place',
    async (who) => {
      const hole = closing(await createFullListener());
      const before = connectionsBeingOpened();
      const clock = createFakeClock();
      const patient = withTransport({ connectTimeout: '10m', maxConnectionsPerOrigin: 1 });
      const client = clientOf({ url: `http://127.0.0.1:${hole.port}` }, withClock(clock), withTimeout('30s'), patient);
      // There is one place: the second attempt finds it free, or waits for ever.
      for (let attempt = 0; attempt < 2; attempt++) {
        const controller = new AbortController();
        const call = watch(ask(client, 'chat', 'why?', { signal: controller.signal }));
        await untilBeingOpened(before + 1);
        if (who === 'its caller') controller.abort('left');
        else await clock.advanceAsync(30_000);
        const { error } = await call.end;
        expect(isDeadlineError(error) ? error.kind : error).toBe(who === 'its caller' ? 'left' : 'attempt');
        await untilBeingOpened(before);
        expect([client.metrics().active, clock.pendingTimers]).toEqual([0, 0]);
      }
    },
  );

  test('leads on to the next target', async () => {
    const hole = closing(await createFullListener());
    const server = await serve((request) => answer(request, 'All is well.'));
    const client = clientOf(
      { url: `http://127.0.0.1:${hole.port}` },
      withTransport({ connectTimeout: 50 }),
      withFallback([{ provider: 'vllm', baseUrl: `${server.url}/v1`, model: 'm' }]),
    );
    expect(await watch(ask(client, 'stream', 'why?')).end).toEqual({ text: 'All is well.' });
    expect(client.metrics()).toMatchObject({ upstreamFailures: 1, fallbacks: 1 });
  });
});

test.each<[string, ConnectionFaults]>([
  ['before the request was sent', { accept: 'reset' }],
  ['amid the request', { toTarget: { cut: { afterBytes: 20, by: 'reset' } } }],
  ['before the head of the answer', { toClient: { cut: { afterBytes: 0, by: 'reset' } } }],
  ['amid the head', { toClient: { cut: { afterBytes: 30, by: 'fin' } } }],
  ['after the head', { toClient: { countFrom: 'body', cut: { afterBytes: 0, by: 'reset' } } }],
  ['amid the body', { toClient: { countFrom: 'body', cut: { afterBytes: 50, by: 'reset' } } }],
])('F21: a connection that breaks %s is a typed error, and healed by a retry', async (_, faults) => {
  const alone = await behind(faults);
  const client = clientOf(alone.proxy, withCache(true));
  const { error } = await watch(ask(client, 'chat', 'why?')).end;
  expect(isProviderError(error) && [error.code, error.retryable]).toEqual(['ERR_PROVIDER_RESET', true]);
  expect(client.metrics()).toMatchObject({ stored: 0, active: 0 });
  const healing = await behind([faults, {}]);
  const patient = clientOf(healing.proxy, withRetryCount(1), withRetryDelay(0));
  expect(await watch(ask(patient, 'chat', 'why?')).end).toEqual({ text: 'All is well.' });
  expect(healing.proxy.stats().accepted).toBe(2);
});

test('F21: a stream that breaks after its first word is not asked for again', async () => {
  const { proxy, server } = await behind({ toClient: { countFrom: 'body', cut: { afterBytes: 400, by: 'fin' } } });
  const client = clientOf(proxy, withRetryCount(3), withRetryDelay(0), withCache(true));
  const { error } = await watch(ask(client, 'stream', 'why?')).end;
  expect(isProviderError(error) && error.code).toBe('ERR_STREAM_TRUNCATED');
  expect([server.requests.length, client.metrics().stored]).toEqual([1, 0]);
});
