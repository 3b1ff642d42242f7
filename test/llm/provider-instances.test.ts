/** Who shares a provider with whom, and how long it lives. */
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import {
  type Client,
  type ClientOption,
  createClient,
  createCustomClient,
  providerInstanceMetrics,
  userMessage,
  withAPIKey,
  withBaseURL,
  withConnectionPool,
  withCustomHeaders,
  withModel,
  withOrganizationID,
  withProvider,
  withProxy,
  withTransport,
} from '../../src/llm/index.js';
import {
  createProviderInstances,
  type InstanceParts,
  instanceKey,
  type ProviderInstances,
} from '../../src/llm/provider-instances.js';
import { transportSettings } from '../../src/profiles/transport.js';
import type { Provider } from '../../src/providers/provider.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { fc } from '../support/property.js';
import { createPuppet } from './puppet.js';

const question = [userMessage('why?')];
const ANSWER = JSON.stringify({
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function serve(): Promise<ScriptedServer> {
  const server = await createScriptedServer([{ body: ANSWER }]);
  closers.push(() => server.close());
  return server;
}
function clientOf(...options: readonly ClientOption[]): Client {
  const client = createClient(withProvider('openai'), withAPIKey('sk-1'), withModel('m'), ...options);
  closers.push(() => client.close());
  return client;
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('clients', () => {
  test('that reach a provider in the same way share its instance and connections, whatever their keys', async () => {
    const server = await serve();
    const url = withBaseURL(`${server.url}/v1`);
    const before = providerInstanceMetrics();
    const clients = Array.from({ length: 100 }, (_, i) => clientOf(url, withAPIKey(`sk-${i}`)));
    const after = providerInstanceMetrics();
    expect(after.created - before.created).toBe(1);
    expect(after.reused - before.reused).toBe(99);
    expect(after.inUse - before.inUse).toBe(1);
    for (const client of clients.slice(0, 5)) {
      await client.chat(question);
      await turn();
    }
    expect(server.connections).toBe(1);
    expect(server.requests.map(({ headers }) => headers['authorization'])).toEqual(
      [0, 1, 2, 3, 4].map((i) => `Bearer sk-${i}`),
    );
  });

  test.each([
    ['another path', withBaseURL('http://127.0.0.1:9/other')],
    ['another transport', withTransport('legacy')],
    ['another number of connections', withConnectionPool(7)],
    ['other headers', withCustomHeaders({ 'x-a': '1' })],
    ['another organization', withOrganizationID('org')],
    ['a proxy', withProxy('http://127.0.0.1:8')],
  ])('of %s do not', (_name, option) => {
    const url = withBaseURL('http://127.0.0.1:9/v1');
    const { created } = providerInstanceMetrics();
    clientOf(url);
    clientOf(url, option);
    expect(providerInstanceMetrics().created - created).toBe(2);
  });

  test('close one by one; the last of them closes the connections', async () => {
    const server = await serve();
    const [first, second] = [0, 1].map(() => createCustomClient(`${server.url}/v1`, withModel('m'))) as [
      Client,
      Client,
    ];
    await first.chat(question);
    await first.close();
    expect((await second.chat(question)).text).toBe('ok');
    expect(server.closedConnections).toBe(0);
    await second.close();
    await server.until(({ connections, closedConnections }) => connections === closedConnections);
  });

  test('whose creation fails leave nothing behind for the next', () => {
    const before = providerInstanceMetrics();
    const bad = (): Client => clientOf(withBaseURL('http://127.0.0.1:9/v1'), withProxy('socks5://host'));
    expect(bad).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    expect(bad).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    const after = providerInstanceMetrics();
    expect(after.failed - before.failed).toBe(2);
    expect([after.created, after.inUse]).toEqual([before.created, before.inUse]);
  });
});

describe('an instance', () => {
  function setUp(maxIdle?: number) {
    const clock = createFakeClock();
    const instances: ProviderInstances = createProviderInstances({
      clock,
      ...(maxIdle === undefined ? {} : { maxIdle }),
    });
    const alive = new Set<string>();
    let made = 0;
    const acquire = (key: string, lingerMs = 1000): Provider =>
      instances.acquire({
        key,
        lingerMs,
        create() {
          const name = `${key}${made++}`;
          alive.add(name);
          return { ...createPuppet(undefined, name), close: async () => void alive.delete(name) };
        },
      });
    return { clock, instances, alive, acquire };
  }

  test('waits for another client for as long as it may, and is closed then', async () => {
    const { clock, instances, alive, acquire } = setUp();
    await acquire('a').close?.();
    await clock.advanceAsync(999);
    const again = acquire('a');
    expect(again.name).toBe('a0');
    await clock.advanceAsync(10_000);
    expect([...alive]).toEqual(['a0']);
    await again.close?.();
    await clock.advanceAsync(1000);
    expect(alive.size).toBe(0);
    expect(instances.metrics()).toEqual({ inUse: 0, idle: 0, reused: 1, created: 1, failed: 0, closed: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('without a time to wait is closed with its last client, before close() resolves', async () => {
    const { alive, acquire } = setUp();
    const [one, two] = [acquire('a', 0), acquire('a', 0)];
    await one.close?.();
    await one.close?.();
    expect(alive.size).toBe(1);
    await two.close?.();
    expect(alive.size).toBe(0);
  });

  test('that is idle gives way when there are too many of those, one in use never', async () => {
    const { alive, acquire } = setUp(2);
    const used = acquire('used');
    for (const key of ['a', 'b', 'c']) await acquire(key).close?.();
    expect([...alive]).toEqual(['used0', 'b2', 'c3']);
    await used.close?.();
    expect([...alive]).toEqual(['used0', 'c3']);
  });

  test('of a handle that was closed answers no more, whoever else uses it', async () => {
    const { acquire } = setUp();
    const [gone] = [acquire('a'), acquire('a')];
    await gone?.close?.();
    const call = {
      request: { model: 'm', messages: [] },
      stream: false,
      signal: new AbortController().signal,
      apiKey: undefined,
    };
    const iterator = gone?.chat(call as never)[Symbol.asyncIterator]();
    await expect(iterator?.next()).rejects.toMatchObject({ name: 'ClosedError' });
  });

  test('whoever comes and goes in whatever order, lives while it is used or may wait', async () => {
    const step = fc.record({
      kind: fc.constantFrom('open', 'close', 'wait'),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      at: fc.nat(50),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, instances, alive, acquire } = setUp(2);
        const users: { key: string; handle: Provider }[] = [];
        for (const { kind, key, at } of steps) {
          if (kind === 'open') users.push({ key, handle: acquire(key) });
          else if (kind === 'wait') await clock.advanceAsync(at * 20);
          else await users.splice(at % Math.max(users.length, 1), 1)[0]?.handle.close?.();
          const { inUse, idle, created, closed } = instances.metrics();
          expect(inUse).toBe(new Set(users.map((user) => user.key)).size);
          expect(idle).toBeLessThanOrEqual(2);
          expect(created - closed).toBe(inUse + idle);
          expect(alive.size).toBe(inUse + idle);
          for (const { handle } of users) expect(alive.has(handle.name)).toBe(true);
        }
        for (const { handle } of users) await handle.close?.();
        await clock.advanceAsync(1000);
        expect([alive.size, clock.pendingTimers]).toEqual([0, 0]);
      }),
    );
  });
});

describe('the key of an instance', () => {
  const parts: InstanceParts = {
    name: 'openai',
    settings: transportSettings(),
    baseURL: 'https://host/v1',
    organization: 'org',
    headers: { 'x-a': '1', 'x-b': '2' },
    httpProxy: 'http://user:canary@proxy',
    clock: systemClock,
  };

  test('is the same whatever the order of fields and headers, and shows no secret', () => {
    const reversed = Object.fromEntries(Object.entries(parts).reverse()) as unknown as InstanceParts;
    expect(instanceKey({ ...reversed, headers: { 'x-b': '2', 'x-a': '1' } })).toBe(instanceKey(parts));
    expect(instanceKey(parts)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is another for any other part', () => {
    const others: Partial<InstanceParts>[] = [
      { name: 'groq' },
      { settings: transportSettings('legacy') },
      { baseURL: 'https://host/v2' },
      { organization: undefined },
      { headers: { 'x-a': '1', 'x-b': '3' } },
      { headers: { 'x-a': '1' } },
      { httpProxy: undefined },
      { clock: createFakeClock() },
      { clock: createFakeClock() },
    ];
    const keys = new Set([parts, ...others.map((other) => ({ ...parts, ...other }))].map(instanceKey));
    expect(keys.size).toBe(others.length + 1);
  });
});
