import { expect, test } from 'vitest';
import type { DemoEvent } from '../../src/demo/events.js';
import { momentsOf } from '../../src/demo/moments.js';
import { seriesOf } from '../../src/demo/series.js';
import { settingGroups } from '../../src/demo/setting-groups.js';

const breaker = (atMs: number, from: string, to: string, job = 'docs'): DemoEvent =>
  ({ kind: 'breaker', atMs, job, target: 'primary', model: 'm', from, to }) as DemoEvent;
const fallback = (atMs: number, job: string): DemoEvent => ({
  kind: 'fallback',
  atMs,
  job,
  from: 'm',
  to: 'b',
  reason: 'ERR_X',
});
const call = (atMs: number, outcome: 'hit' | 'miss', latencyMs: number, question = 'q'): DemoEvent => ({
  kind: 'call',
  atMs,
  sequence: atMs,
  phase: 'busy',
  useCase: 'chat',
  job: 'chat',
  question,
  outcome,
  stream: false,
  latencyMs,
});

test('moments come in order of time, of the fallbacks of a job only the first', () => {
  const events: readonly DemoEvent[] = [
    { kind: 'outage', atMs: 1, state: 'began' },
    fallback(3, 'docs'),
    fallback(4, 'chat'),
    fallback(5, 'docs'),
    breaker(2, 'closed', 'open'),
    breaker(6, 'open', 'half-open'),
    breaker(7, 'half-open', 'open'),
    breaker(8, 'half-open', 'closed'),
    { kind: 'resized', atMs: 9, from: 8, to: 1, durationMs: 0 },
  ];
  expect(momentsOf(events).map(({ atMs, what, detail }) => `${atMs} ${what}: ${detail}`)).toEqual([
    '1 outage: of the primary began',
    '2 breaker: docs, m: open',
    '3 fallback: docs, m → b: first of 2 (ERR_X)',
    '4 fallback: chat, m → b: first of 1 (ERR_X)',
    '7 breaker: docs, m: open, its probe failed',
    '8 breaker: docs, m: closed, its probe answered',
    '9 resize: 8 → 1 shard, in under 1 ms',
  ]);
});

test('a point of the pictures is of the two seconds before it; a second without requests has none', () => {
  const series = seriesOf([
    call(100, 'miss', 4),
    call(200, 'hit', 0.1),
    call(900, 'hit', 0.3),
    { kind: 'sample', atMs: 950, shardCount: 8, entries: 1, bytes: 1, requestRate: 42 },
    call(2500, 'miss', 8, 'another'),
    { kind: 'run-ended', atMs: 6000, reason: 'finished' },
  ]);
  expect(series.atSeconds).toEqual([1, 2, 3, 4, 5, 6]);
  expect(series.hitRatio).toEqual([2 / 3, 2 / 3, 0, 0, null, null]);
  expect(series.attainable).toEqual([2 / 3, 2 / 3, 0, 0, null, null]);
  expect(series.cachedP50Ms).toEqual([0.1, 0.1, null, null, null, null]);
  expect(series.uncachedP99Ms).toEqual([4, 4, 8, 8, null, null]);
  expect(series.shardCount).toEqual([8, 8, 8, 8, 8, 8]);
});

test('a breaker is a lane of spans without gaps from the start to the end', () => {
  const { breakers, outages } = seriesOf([
    { kind: 'outage', atMs: 900, state: 'began' },
    breaker(1000, 'closed', 'open'),
    breaker(2000, 'open', 'half-open'),
    { kind: 'outage', atMs: 2500, state: 'ended' },
    breaker(3000, 'half-open', 'closed'),
    { kind: 'run-ended', atMs: 4000, reason: 'finished' },
  ]);
  expect(outages).toEqual([{ fromMs: 900, toMs: 2500 }]);
  expect(breakers).toEqual([
    {
      name: 'docs: m',
      spans: [
        { fromMs: 0, toMs: 1000, state: 'closed' },
        { fromMs: 1000, toMs: 2000, state: 'open' },
        { fromMs: 2000, toMs: 3000, state: 'half-open' },
        { fromMs: 3000, toMs: 4000, state: 'closed' },
      ],
    },
  ]);
});

test('what all clients have in common is told once', () => {
  const setting = (subject: string, key: string, value: string): DemoEvent => ({
    kind: 'setting',
    atMs: 0,
    subject,
    key,
    value,
    setBy: 'withX()',
    shadowed: [],
  });
  const groups = settingGroups([
    setting('shared cache', 'seed', '1'),
    setting('client for chat', 'seed', '1'),
    setting('client for chat', 'model', "'fast'"),
    setting('client for docs', 'seed', '1'),
    setting('client for docs', 'model', "'strong'"),
  ]);
  expect(
    groups.map(({ subject, settings }) => [subject, ...settings.map(({ key, value }) => `${key}=${value}`)]),
  ).toEqual([
    ['shared cache', 'seed=1'],
    ['every client', 'seed=1'],
    ['client for chat', "model='fast'"],
    ['client for docs', "model='strong'"],
  ]);
});
