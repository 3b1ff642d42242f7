/** withAlerts through the client's public door; the rules themselves are tested in test/adaptive. */
import { channel } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import { type Alert, type Client, type ClientOption, userMessage, withAlerts, withCache } from '../../src/llm/index.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { fail, speak } from './puppet.js';
import { setUp as setUpClient } from './puppet-client.js';

const INTERVAL_MS = 10_000;

interface Scene {
  readonly client: Client;
  readonly clock: FakeClock;
  /** Levels of the alert `name` as they were told, and 'cleared'. */
  toldOf(name: string): string[];
  /** An interval with this many calls, `failures` of which fail, each taking `ms`. */
  interval(
    calls: number,
    how?: { readonly failures?: number; readonly ms?: number; readonly isNew?: boolean },
  ): Promise<void>;
}

function setUp(...options: readonly ClientOption[]): Scene {
  let [failures, latencyMs, question] = [0, 0, 0];
  const { client, clock } = setUpClient(
    async function* (call) {
      if (latencyMs > 0) await new Promise<void>((resolve) => clock.setTimer(latencyMs, resolve));
      if (failures-- > 0) yield* fail(500);
      yield* speak(call, 'ok');
    },
    ...options,
  );
  return {
    client,
    clock,
    toldOf(name) {
      const told: string[] = [];
      client.on('alert', (alert) => void (alert.name === name && told.push(alert.level)));
      client.on('alert-cleared', (alert) => void (alert.name === name && told.push('cleared')));
      return told;
    },
    async interval(calls, { failures: bad = 0, ms = 0, isNew = true } = {}) {
      [failures, latencyMs] = [bad, ms];
      const all = Array.from({ length: calls }, () => {
        if (isNew) question++;
        return client.chat([userMessage(`${question}`)]).catch(() => undefined);
      });
      await clock.advanceAsync(ms);
      await Promise.all(all);
      await clock.advanceAsync(INTERVAL_MS - ms);
    },
  };
}

describe('the guide', () => {
  test('an alert is told to the listener given, to on() and to the channel, stands in the metrics, and clears', async () => {
    const given: Alert[] = [];
    const onChannel: unknown[] = [];
    const note = (message: unknown): void => void onChannel.push(message);
    channel('sherd:llm:alert').subscribe(note);
    const { client, interval, toldOf } = setUp(withAlerts('guide', (alert) => given.push(alert)));
    const told = toldOf('minSuccessRate');
    for (const failures of [2, 10, 2]) await interval(20, { failures });
    expect([told, client.metrics().alerts]).toEqual([['warning'], given]);
    expect(given).toMatchObject([{ name: 'minSuccessRate', level: 'warning', value: 0.9, threshold: 0.95 }]);
    await interval(20, { failures: 1 });
    expect([told, client.metrics().alerts]).toEqual([['warning', 'cleared'], []]);
    channel('sherd:llm:alert').unsubscribe(note);
    expect(onChannel).toEqual(given);
  });

  test('fewer calls than the minimum are not judged', async () => {
    const { client, interval } = setUp(withAlerts('guide'));
    await interval(19, { failures: 19 });
    expect(client.metrics().alerts).toEqual([]);
  });

  test('slow calls raise the mean, and a p99 rests on more of them', async () => {
    const { client, interval } = setUp(withAlerts({ maxAvgLatency: 1000, maxP99Latency: 2000 }));
    const names = (): string[] => client.metrics().alerts.map(({ name }) => name);
    await interval(20, { ms: 1000 });
    expect(names()).toEqual([]);
    await interval(99, { ms: 3000 });
    expect(names()).toEqual(['maxAvgLatency']);
    await interval(100, { ms: 3000 });
    expect(names()).toEqual(['maxAvgLatency', 'maxP99Latency']);
  });
});

test('the hub has two levels: a warning rises to critical and clears once', async () => {
  const { interval, toldOf } = setUp(withAlerts('hub'));
  const told = toldOf('maxErrorRate');
  for (const failures of [1, 2, 5, 6, 3, 1]) await interval(100, { failures });
  expect(told).toEqual(['warning', 'critical', 'cleared']);
});

test('the hub holds the hits of the answer cache against its table', async () => {
  const { interval, toldOf } = setUp(withAlerts('hub'), withCache(true));
  const told = toldOf('minHitRate');
  await interval(20);
  await interval(20, { isNew: false });
  expect(told).toEqual(['critical', 'cleared']);
});

test('own thresholds lie over those of the guide', async () => {
  const { interval, toldOf } = setUp(withAlerts({ minSuccessRate: 0.5 }));
  const told = toldOf('minSuccessRate');
  await interval(20, { failures: 10 });
  expect(told).toEqual([]);
  await interval(20, { failures: 11 });
  expect(told).toEqual(['warning']);
});

test('a listener that throws harms nobody and is counted', async () => {
  const { client, interval } = setUp(
    withAlerts('guide', () => {
      throw new Error('listener');
    }),
  );
  await interval(20, { failures: 20 });
  expect(client.metrics()).toMatchObject({ containedErrors: 1, alerts: [{ name: 'minSuccessRate' }] });
});

test('a closed client looks no more', async () => {
  const { client, clock } = setUp(withAlerts('guide'));
  await client.close();
  expect(clock.pendingTimers).toBe(0);
});
