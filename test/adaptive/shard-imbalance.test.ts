import { expect, test } from 'vitest';
import { shardImbalance } from '../../src/adaptive/shard-imbalance.js';

test.each([
  ['even shards', [100, 100, 100], 0, 100],
  ['one shard above the mean', [150, 75, 75], 0.5, 100],
  ['one shard far below it', [0, 150, 150], 1, 100],
  ['a single shard', [7], 0, 7],
  ['an empty cache', [0, 0], 0, 0],
  ['no shards', [], 0, 0],
])('%s', (_name, sizes, value, samples) => {
  expect(shardImbalance(sizes)).toEqual({ value, samples });
});
