import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { createShardedCache } from '../../src/cache/index.js';

test('decisions reach the diagnostics channel of their kind', async () => {
  const seen: unknown[] = [];
  const note = (message: unknown): void => {
    seen.push(message);
  };
  channel('sherd:cache:shards-resized').subscribe(note);
  await createShardedCache().resize(64);
  channel('sherd:cache:shards-resized').unsubscribe(note);
  expect(seen).toMatchObject([{ from: 32, to: 64 }]);
});
