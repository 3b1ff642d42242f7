import { afterEach, describe, expect, test } from 'vitest';
import { createShardedCache, type ShardedCache } from '../../src/cache/index.js';
import {
  type Client,
  type ClientOption,
  createClient,
  isCacheError,
  type StoredAnswer,
  userMessage,
  withAPIKey,
  withCache,
  withCacheScope,
  withModel,
  withOrganizationID,
  withProvider,
} from '../../src/llm/index.js';
import { fc } from '../support/property.js';
import { createPuppet, rejection } from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function clientOf(cache: ShardedCache<StoredAnswer> | true, ...options: readonly ClientOption[]): Client {
  const stored = cache === true ? withCache(true) : withCache(cache);
  const client = createClient(withProvider(createPuppet()), withModel('m'), stored, ...options);
  clients.push(client);
  return client;
}

describe('clients with a common cache', () => {
  test('share answers only under one name', async () => {
    const cache = createShardedCache<StoredAnswer>();
    const [red, alsoRed, blue, unnamed, alsoUnnamed] = [
      clientOf(cache, withCacheScope('red')),
      clientOf(cache, withCacheScope('red')),
      clientOf(cache, withCacheScope('blue')),
      clientOf(cache, withAPIKey('k1')),
      clientOf(cache, withAPIKey('k1')),
    ] as const;
    await red.chat(question);
    const cached = [];
    for (const client of [alsoRed, blue, unnamed, alsoUnnamed]) cached.push((await client.chat(question)).cached);
    expect(cached).toEqual([true, false, false, false]);
  });

  test('never read what another principal stored, whole or streamed, joined or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ tenant: fc.nat(4), question: fc.nat(2), isStream: fc.boolean(), isJoined: fc.boolean() }),
          { maxLength: 40 },
        ),
        async (steps) => {
          const cache = createShardedCache<StoredAnswer>();
          const tenants = Array.from({ length: 5 }, (_, i) => {
            const puppet = createPuppet(async function* () {
              yield { kind: 'text-delta', text: `for tenant ${i}` };
              yield { kind: 'finish', reason: 'stop' };
            });
            return createClient(withProvider(puppet), withModel('m'), withAPIKey(`key-${i}`), withCache(cache));
          });
          const running: Promise<void>[] = [];
          for (const { tenant, question: number, isStream, isJoined } of steps) {
            const messages = [userMessage(String(number))];
            const client = tenants[tenant] as Client;
            const answer = isStream ? client.stream(messages).final() : client.chat(messages);
            const checked = answer.then(({ text }) => expect(text).toBe(`for tenant ${tenant}`));
            running.push(checked);
            if (!isJoined) await checked;
          }
          await Promise.all(running);
          await Promise.all(tenants.map((client) => client.close()));
          await cache.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test('keep the scopes of their calls apart, also where names run together', async () => {
    const cache = createShardedCache<StoredAnswer>();
    const client = clientOf(cache, withCacheScope('a'));
    const longer = clientOf(cache, withCacheScope('ab'));
    const keys = [
      client.cacheKey(question, { scope: 'bc' }),
      longer.cacheKey(question, { scope: 'c' }),
      client.cacheKey(question, { scope: 'b' }),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});

describe('the scope of a call', () => {
  test('separates answers, and once given is required', async () => {
    const client = clientOf(true);
    await client.chat(question, { scope: 'tenant 1' });
    expect((await client.chat(question, { scope: 'tenant 1' })).cached).toBe(true);
    expect((await client.chat(question, { scope: 'tenant 2' })).cached).toBe(false);
    const error = await rejection(client.chat(question));
    expect(isCacheError(error) && error.code).toBe('ERR_CACHE_SCOPE_REQUIRED');
    expect(() => client.stream(question)).toThrow(
      expect.objectContaining({ code: 'ERR_CACHE_SCOPE_REQUIRED' }) as Error,
    );
    expect(() => client.cacheKey(question)).toThrow(
      expect.objectContaining({ code: 'ERR_CACHE_SCOPE_REQUIRED' }) as Error,
    );
    expect((await client.chat(question, { cache: false })).cached).toBe(false);
  });
});

describe('the default scope', () => {
  test('is that of the credentials: another key has other answers, another key of the same organization the same', () => {
    const keyOf = (...options: readonly ClientOption[]): string => clientOf(true, ...options).cacheKey(question);
    expect(keyOf(withAPIKey('k1'))).toBe(keyOf(withAPIKey('k1')));
    expect(keyOf(withAPIKey('k1'))).not.toBe(keyOf(withAPIKey('k2')));
    expect(keyOf(withAPIKey('k1'), withOrganizationID('o'))).toBe(keyOf(withAPIKey('k2'), withOrganizationID('o')));
    expect(keyOf(withAPIKey('organization o'))).not.toBe(keyOf(withAPIKey('k2'), withOrganizationID('o')));
    expect(keyOf(withAPIKey('k1'))).not.toContain('k1');
  });
});
