import { afterEach, describe, expect, test } from 'vitest';
import { createShardedCache } from '../../src/cache/index.js';
import {
  type Client,
  createClient,
  isConfigError,
  joinPrometheus,
  type StoredAnswer,
  userMessage,
  withAlerts,
  withAPIKey,
  withCache,
  withCacheScope,
  withCircuitBreaker,
  withFallback,
  withMetrics,
  withModel,
  withProvider,
} from '../../src/llm/index.js';
import { isDeep } from '../support/deep.js';
import { type Family, readPrometheus } from '../support/prometheus-page.js';
import { createPuppet, fail, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function samplesOf(page: string, family: string): Record<string, number> {
  const { samples } = readPrometheus(page).get(family) as Family;
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [
      [name.slice(family.length), ...Object.values(labels)].join(' ').trim(),
      value,
    ]),
  );
}

test('a page is what a strict reader takes, and its figures are those of the run', async () => {
  const { client, clock } = setUp(
    async function* (call, index) {
      await new Promise<void>((resolve) => clock.setTimer(index === 0 ? 700 : 40, resolve));
      if (index === 1) yield* fail(503);
      yield* speak(call, 'ok');
    },
    withCache(true),
    withCircuitBreaker({ failureThreshold: 1 }),
  );
  for (const text of ['a', 'a', 'b']) {
    const answer = client.chat([userMessage(text)]).catch(() => undefined);
    await clock.advanceAsync(700);
    await answer;
  }
  const page = client.prometheus();
  expect(samplesOf(page, 'sherd_llm_calls_total')).toEqual({ ok: 2, failed: 1, aborted: 0 });
  expect(samplesOf(page, 'cache_operations_total')).toEqual({ hit: 1, miss: 2, error: 0 });
  expect(samplesOf(page, 'sherd_llm_upstream_calls_total')).toEqual({
    'puppet m 0 ok': 1,
    'puppet m 0 failed': 1,
    'puppet m 0 aborted': 0,
  });
  expect(samplesOf(page, 'sherd_llm_input_tokens_total')).toEqual({ 'puppet m 0': 10 });
  expect(samplesOf(page, 'sherd_llm_breakers')).toEqual({ closed: 0, open: 1, 'half-open': 0 });
  expect(samplesOf(page, 'sherd_llm_upstream_duration_seconds')).toMatchObject({
    '_bucket puppet m 0 0.01': 0,
    '_bucket puppet m 0 0.05': 1,
    '_bucket puppet m 0 0.5': 1,
    '_bucket puppet m 0 1': 2,
    '_bucket puppet m 0 +Inf': 2,
    '_sum puppet m 0': 0.74,
    '_count puppet m 0': 2,
  });
  expect(samplesOf(page, 'sherd_llm_call_duration_seconds')).toMatchObject({
    '_count upstream': 2,
    '_count cache': 1,
    '_count shared': 0,
  });
});

test('holds the names of the source documents with their buckets', () => {
  const page = setUp((call) => speak(call, 'ok')).client.prometheus();
  const selection = Object.keys(samplesOf(page, 'provider_selection_duration_seconds'));
  expect(selection).toEqual([
    '_bucket 0.01',
    '_bucket 0.05',
    '_bucket 0.1',
    '_bucket 0.5',
    '_bucket 1',
    '_bucket +Inf',
    '_sum',
    '_count',
  ]);
  expect(readPrometheus(page).get('cache_operations_total')?.type).toBe('counter');
});

test('without metrics the counts are there and the histograms are empty', async () => {
  const { client } = setUp((call) => speak(call, 'ok'), withMetrics(false));
  await client.chat(question);
  const page = client.prometheus();
  expect(samplesOf(page, 'sherd_llm_upstream_calls_total')).toMatchObject({ 'puppet m 0 ok': 1 });
  expect(samplesOf(page, 'sherd_llm_call_duration_seconds')).toMatchObject({ '_count upstream': 0 });
});

describe('T14, labels', () => {
  test('thousands of models, tenants and prompts leave a bounded page, and the configured model its own figures', async () => {
    const { client } = setUp(
      (call) => speak(call, 'ok'),
      withMetrics(true),
      withCircuitBreaker(),
      withFallback([{ provider: createPuppet(undefined, 'backup'), model: 'b' }]),
    );
    const calls = isDeep ? 100_000 : 10_000;
    for (let i = 0; i < calls; i += 100) {
      const models = Array.from({ length: 100 }, (_, n) => ({ model: `m"\\\n-${i + n}`, user: `tenant-${i + n}` }));
      await Promise.all(models.map((perCall) => client.chat([userMessage(`prompt-${i}`)], perCall)));
    }
    await client.chat(question);
    const page = client.prometheus();
    expect(page.length).toBeLessThan(1_000_000);
    const families = readPrometheus(page);
    for (const [, { samples }] of families) expect(samples.length).toBeLessThan(1000);
    const counts = samplesOf(page, 'sherd_llm_upstream_calls_total');
    expect(counts['puppet m 0 ok']).toBe(1);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(calls + 1);
    expect(counts['puppet other 0 ok']).toBeGreaterThan(calls - 100);
    // Sticky: who has a place keeps it.
    expect(counts['puppet m"\\\n-0 0 ok']).toBe(1);
  }, 60_000);

  test('a name longer than any model has no place of its own', async () => {
    const { client } = setUp((call) => speak(call, 'ok'));
    await client.chat(question, { model: 'x'.repeat(1000) });
    expect(samplesOf(client.prometheus(), 'sherd_llm_upstream_calls_total')).toMatchObject({ 'puppet other 0 ok': 1 });
  });

  test('no prompt, answer, key, scope or user is on the page', async () => {
    const client = createClient(
      withProvider(createPuppet((call) => speak(call, 'the-answer'))),
      withModel('m'),
      withAPIKey('the-key'),
      withCache(true),
      withCacheScope('the-scope'),
    );
    closers.push(() => client.close());
    await client.chat([userMessage('the-question')], {
      user: 'the-user',
      metadata: { a: 'the-metadata' },
      scope: 'the-tenant',
    });
    expect(client.prometheus()).not.toMatch(/the-/);
  });

  test('of the caller are on every sample, escaped; bad ones and those in use are refused together', async () => {
    const { client } = setUp((call) => speak(call, 'ok'));
    await client.chat(question);
    const value = 'a "chat"\\\n';
    for (const { samples } of readPrometheus(client.prometheus({ client: value })).values()) {
      for (const { labels } of samples) expect(labels['client']).toBe(value);
    }
    let refused: unknown;
    try {
      client.prometheus({ 'no-name': 'a', model: 'b', __c: 'c', fine: 'd' });
    } catch (error) {
      refused = error;
    }
    expect(isConfigError(refused) && refused.issues.map(({ path }) => path)).toEqual(['no-name', 'model', '__c']);
  });
});

test('several clients and a cache make one page', async () => {
  const cache = createShardedCache<StoredAnswer>();
  const make = (): Client => setUp((call) => speak(call, 'ok'), withCache(cache)).client;
  const [chat, docs] = [make(), make()];
  await chat.chat(question);
  const texts = [chat.prometheus({ client: 'chat' }), docs.prometheus({ client: 'docs' }), cache.prometheus()];
  expect(() => readPrometheus(texts.join(''))).toThrow('is announced twice');
  const page = joinPrometheus(...texts);
  const calls = samplesOf(page, 'sherd_llm_calls_total');
  expect(calls).toEqual({
    'chat ok': 1,
    'chat failed': 0,
    'chat aborted': 0,
    'docs ok': 0,
    'docs failed': 0,
    'docs aborted': 0,
  });
  expect(samplesOf(page, 'cache_operations_total')).toMatchObject({ 'chat miss': 1, 'docs miss': 0, miss: 1 });
  expect(samplesOf(page, 'sherd_cache_entries')).toEqual({ '': 1 });
});

test('alerts that stand are on the page', async () => {
  const { client, clock } = setUp(() => fail(500), withAlerts('hub'));
  const levels = (): unknown => samplesOf(client.prometheus(), 'sherd_llm_alerts');
  expect(levels()).toEqual({ warning: 0, critical: 0 });
  for (let i = 0; i < 20; i++) await client.chat(question).catch(() => undefined);
  await clock.advanceAsync(10_000);
  expect(levels()).toMatchObject({
    critical: client.metrics().alerts.filter(({ level }) => level === 'critical').length,
  });
  expect(client.metrics().alerts).toMatchObject([{ name: 'maxErrorRate', level: 'critical' }]);
});
