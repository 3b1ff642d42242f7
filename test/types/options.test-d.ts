/** Compiled by tsc, never run: what the option types refuse, and what they infer. */
import {
  createShardedCache,
  type ShardedCache,
  withCapacity,
  withEvictionPolicy,
  withSerializer,
  withSettings,
  withShardCount,
  withTTL,
  withWarmup,
  withWeigher,
  withWorkloadType,
} from '../../src/cache/index.js';
import { createClient, withCache, withModel, withProvider } from '../../src/llm/index.js';
import { compose } from '../../src/options/index.js';

interface User {
  id: string;
  size: number;
}

// A value-typed option gives the cache its value type.
export const inferred: ShardedCache<User> = createShardedCache(
  withWeigher((user: User) => user.size),
  withTTL('5m'),
);
// Without one, the caller names it, or reads unknown.
export const named: User | undefined = createShardedCache<User>(withShardCount(2)).get('x');
const plain = createShardedCache(withShardCount(2)).get('x');
// @ts-expect-error a value of unknown type is not a number
export const wrongRead: number | undefined = plain;

// @ts-expect-error an option of the client is not an option of the cache
createShardedCache(withModel('x'));
// @ts-expect-error an option of the cache is not an option of the client
createClient(withShardCount(2));
// @ts-expect-error nested options keep their scope
createClient(withCache(withModel('x')));
createClient(withProvider('local'), withCache(withShardCount(2), withTTL('1h')));
// @ts-expect-error a bundle of two scopes fits no factory
createShardedCache(compose('mixed', withShardCount(2), withModel('x')));
createShardedCache(compose('pure', withShardCount(2), withCapacity(10)));

// @ts-expect-error no such policy
withEvictionPolicy('mru');
withEvictionPolicy('LRU');
// @ts-expect-error no such workload
withWorkloadType('write-only');
// @ts-expect-error no such unit
withTTL('5 parsecs');
// @ts-expect-error unknown setting beside a known one
withSettings({ capacity: 4, shardz: 4 });
// @ts-expect-error wrong type of a known setting
withSettings({ capacity: 'many' });
// @ts-expect-error the weigher weighs another type than the cache holds
createShardedCache<User>(withWeigher((value: number) => value));

// Every value-typed option infers, also from inside a bundle.
export const warmed: ShardedCache<number> = createShardedCache(withWarmup([['a', 1]]));
export const bundled: ShardedCache<User> = createShardedCache(
  compose(
    'mine',
    withWeigher((user: User) => user.size),
  ),
);
declare const userSerializer: { serialize(value: User): Uint8Array; deserialize(bytes: Uint8Array): User };
export const serialized: ShardedCache<User> = createShardedCache(withSerializer(userSerializer), withCapacity(5));
// @ts-expect-error a cache of users is not a cache of numbers
export const wrongly: ShardedCache<number> = createShardedCache(withSerializer(userSerializer));

const users = createShardedCache<User>();
// @ts-expect-error the value is of another type
users.set('a', 5);
// @ts-expect-error the loader gives another type
void users.getOrLoad('a', () => 5);
export const loaded: Promise<User> = users.getOrLoad('a', async () => ({ id: 'a', size: 1 }));
// @ts-expect-error no such unit
users.set('a', { id: 'a', size: 1 }, { ttl: '5 parsecs' });
// @ts-expect-error no such event
users.on('entry-lost', () => undefined);
users.on('entry-evicted', ({ value }) => void value.size);
// @ts-expect-error no such setting
users.tune({ capacty: 5 });
// @ts-expect-error wrong type of a known setting
users.tune({ capacity: '5' });
// @ts-expect-error a plain object is not an option
createShardedCache({ capacity: 5 });
// @ts-expect-error an option is the result of the call
createShardedCache(withTTL);
// @ts-expect-error wrong word in a nested spelling
createClient(withCache(withSettings({ evictionPolicy: 'mru' })));
