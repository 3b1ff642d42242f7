/** Many questions at once, and the batch that is put together. */
import { describe, expect, test } from 'vitest';
import { isConfigError, isProviderError, type Message, userMessage, withCache } from '../../../src/llm/index.js';
import { createGate, fail, hang, type Play, rejection, settle, speak } from '../puppet.js';
import { question, setUp } from '../puppet-client.js';

const ask = (text: string): { messages: readonly Message[] } => ({ messages: [userMessage(text)] });
const textAsked: Play = (call) => speak(call, `re ${String(call.request.messages.at(-1)?.content)}`);

describe('batchChat', () => {
  test('gives every result in its place, however the answers come, with no more calls at once than allowed', async () => {
    const gates = Array.from({ length: 6 }, createGate);
    let running = 0;
    let most = 0;
    const { client } = setUp(async function* (call, index) {
      most = Math.max(most, ++running);
      await gates[index]?.passed;
      yield* textAsked(call, index);
      running--;
    });
    const results = client.batchChat(['a', 'b', 'c', 'd', 'e', 'f'].map(ask), { concurrency: 3 });
    for (const at of [2, 0, 1, 5, 4, 3]) {
      await settle();
      gates[at]?.open();
    }
    expect((await results).map((result) => result.ok && result.response.text)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => `re ${text}`),
    );
    expect(most).toBe(3);
  });

  test('tells of each failure in its place, bad requests included, and goes on', async () => {
    const { client } = setUp((call, index) => (index === 0 ? fail(500) : speak(call, 'ok')));
    const progress: unknown[] = [];
    const results = await client.batchChat([ask('a'), { messages: [] }, ask('c')], {
      concurrency: 1,
      onProgress: (told) => progress.push(told),
    });
    expect(results.map((result) => result.ok)).toEqual([false, false, true]);
    expect(results[0]).toMatchObject({ error: { code: 'ERR_PROVIDER_STATUS' } });
    expect(isConfigError((results[1] as { error: unknown }).error)).toBe(true);
    expect(progress).toEqual([
      { done: 1, failed: 1, total: 3 },
      { done: 2, failed: 2, total: 3 },
      { done: 3, failed: 2, total: 3 },
    ]);
  });

  test('under fail-fast the first failure aborts what is under way, begins nothing more and is the rejection', async () => {
    const { client, puppet } = setUp((call, index) => (index === 1 ? fail(500) : hang(call)));
    const error = await rejection(
      client.batchChat(['a', 'b', 'c', 'd'].map(ask), { concurrency: 2, errorPolicy: 'fail-fast' }),
    );
    expect(error).toMatchObject({ status: 500 });
    expect([puppet.calls.length, client.metrics().active]).toEqual([2, 0]);
    expect(puppet.calls[0]?.signal.aborted).toBe(true);
  });

  test('an abort ends all of it, the signal of a request only that one, and no listener is left', async () => {
    const { client, puppet } = setUp((call, index) => (index === 1 ? speak(call, 'ok') : hang(call)));
    const one = new AbortController();
    const all = new AbortController();
    const results = client.batchChat([{ ...ask('a'), perCall: { signal: one.signal } }, ask('b')]);
    await settle();
    one.abort('mine');
    expect(await results).toMatchObject([{ ok: false, error: 'mine' }, { ok: true }]);
    const ended = rejection(client.batchChat([ask('c'), ask('d')], { signal: all.signal, concurrency: 1 }));
    await settle();
    all.abort('enough');
    expect(await ended).toBe('enough');
    expect([puppet.calls.length, puppet.aborted, client.metrics().active]).toEqual([3, 2, 0]);
  });

  test('equal requests cost one upstream call where there is a cache, and stay apart where there is none', async () => {
    const cached = setUp(textAsked, withCache(true));
    const results = await cached.client.batchChat(Array.from({ length: 50 }, (_, i) => ask(i % 2 === 0 ? 'a' : 'b')));
    expect(results.map((result) => result.ok && result.response.text.at(-1)).join('')).toBe('ab'.repeat(25));
    expect(cached.puppet.calls.length).toBe(2);
    const plain = setUp(textAsked);
    await plain.client.batchChat([ask('a'), ask('a')]);
    expect(plain.puppet.calls.length).toBe(2);
  });

  test('a throw of onProgress ends it, and what is no batch is refused before anything is sent', async () => {
    const { client, puppet } = setUp((call, index) => (index === 0 ? speak(call, 'ok') : hang(call)));
    const onProgress = (): never => {
      throw new Error('seen enough');
    };
    await expect(client.batchChat([ask('a'), ask('b')], { onProgress })).rejects.toThrow('seen enough');
    const before = puppet.calls.length;
    const bad = { concurrency: 0, errorPolicy: 'perhaps', colour: 'red' } as never;
    expect((await rejection(client.batchChat([], bad))) as { issues: unknown[] }).toMatchObject({
      issues: [{ path: 'colour' }, { path: 'concurrency' }, { path: 'errorPolicy' }],
    });
    expect(isConfigError(await rejection(client.batchChat(['a'] as never)))).toBe(true);
    expect(await client.batchChat([])).toEqual([]);
    expect(puppet.calls.length).toBe(before);
  });
});

describe('batch()', () => {
  test('collects requests and asks them as batchChat does', async () => {
    const { client } = setUp(textAsked);
    const batch = client
      .batch()
      .add([userMessage('a')])
      .addAll([ask('b'), ask('c')])
      .concurrency(2);
    expect(batch.size).toBe(3);
    const results = await batch.execute();
    expect(results.map((result) => result.ok && result.response.text)).toEqual(['re a', 're b', 're c']);
    expect(() => batch.concurrency(0)).toThrow(/concurrency/);
  });

  test('executeFirst gives the first good answer and cancels the others', async () => {
    const gate = createGate();
    const { client, puppet } = setUp(async function* (call, index) {
      if (index === 0) yield* fail(500);
      if (index === 1) yield* hang(call);
      await gate.passed;
      yield* speak(call, 'first');
    });
    const batch = client.batch().concurrency(3);
    for (const text of ['a', 'b', 'c', 'd', 'e']) batch.add([userMessage(text)]);
    const first = batch.executeFirst();
    await settle();
    // The failed one has made room for the fourth.
    expect(puppet.calls.length).toBe(4);
    gate.open();
    expect((await first).text).toBe('first');
    await settle();
    expect([puppet.calls.length, puppet.calls[1]?.signal.aborted, client.metrics().active]).toEqual([4, true, 0]);
  });

  test('executeFirst tells of all failures when there is no answer, and of an abort as such', async () => {
    const { client } = setUp((call, index) => (index < 2 ? fail(index === 0 ? 500 : 400) : hang(call)));
    const failed = await rejection(client.batch().add(question).add(question).executeFirst());
    expect(failed).toMatchObject({ code: 'ERR_BATCH_ALL_FAILED', retryable: true, provider: 'puppet' });
    expect(isProviderError(failed)).toBe(true);
    expect((failed as Error).cause).toMatchObject([{ status: 500 }, { status: 400 }]);
    const controller = new AbortController();
    const left = rejection(client.batch().add(question).executeFirst({ signal: controller.signal }));
    await settle();
    controller.abort('enough');
    expect(await left).toBe('enough');
    expect(isConfigError(await rejection(client.batch().executeFirst()))).toBe(true);
  });
});
