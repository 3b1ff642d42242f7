import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  createClient,
  isClosedError,
  userMessage,
  withAlerts,
  withCache,
  withClock,
  withModel,
  withProvider,
  withRetryCount,
  withRetryDelay,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createGate, createPuppet, fail, hang, rejection, settle, speak } from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

describe('close', () => {
  test('waits for the calls under way, then refuses new ones', async () => {
    const gate = createGate();
    const puppet = createPuppet(async function* (call) {
      await gate.passed;
      yield* speak(call, 'in time');
    });
    const client = createClient(withProvider(puppet), withModel('m'), withCache(true));
    const running = client.chat(question);
    await settle();
    let isClosed = false;
    const closing = client.close().then(() => {
      isClosed = true;
    });
    expect(isClosedError(await rejection(client.chat(question)))).toBe(true);
    expect(isClosedError(await rejection(client.stream(question).final()))).toBe(true);
    await settle();
    expect(isClosed).toBe(false);
    gate.open();
    expect((await running).text).toBe('in time');
    await closing;
  });

  test('ends calls that take longer than its patience', async () => {
    const clock = createFakeClock();
    const puppet = createPuppet(hang);
    const client = createClient(withProvider(puppet), withModel('m'), withClock(clock), withCache(true));
    const running = rejection(client.chat(question));
    await settle();
    const closing = client.close();
    await clock.advanceAsync(4999);
    expect(puppet.aborted).toBe(0);
    await clock.advanceAsync(1);
    expect(isClosedError(await running)).toBe(true);
    await closing;
    expect([puppet.aborted, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('is one closing, however often it is called, also while busy', async () => {
    const client = createClient(withProvider(createPuppet()), withModel('m'));
    let closings = 0;
    client.on('closed', () => closings++);
    const running = client.chat(question);
    await Promise.all([client.close(), client.close(), client[Symbol.asyncDispose]()]);
    await client.close();
    expect([(await running).text, closings]).toEqual(['hello there', 1]);
  });

  test('leaves no timer of its cache, its alerts or its waits', async () => {
    const clock = createFakeClock();
    const client = createClient(
      withProvider(createPuppet(() => fail(503))),
      withModel('m'),
      withClock(clock),
      withCache(true),
      withAlerts('guide'),
      withRetryCount(1),
      withRetryDelay('1h'),
    );
    const running = rejection(client.chat(question));
    await settle();
    const closing = client.close();
    await clock.advanceAsync(5000);
    await Promise.all([running, closing]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('the process', () => {
  /** Timers that keep it open. */
  const held = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  test('is held by a call that waits, and by nothing else of a client', async () => {
    const before = held();
    const client = createClient(
      withProvider(createPuppet((call, index) => (index === 1 ? hang(call) : speak(call, 'ok')))),
      withModel('m'),
      withCache(true),
      withAlerts('guide'),
      withTotalTimeout('1h'),
    );
    clients.push(client);
    await client.chat(question);
    expect(held()).toBe(before);
    const controller = new AbortController();
    const waiting = rejection(client.chat([userMessage('another')], { signal: controller.signal }));
    await settle();
    expect(held()).toBe(before + 1);
    controller.abort();
    await waiting;
    await settle();
    expect(held()).toBe(before);
  });
});
