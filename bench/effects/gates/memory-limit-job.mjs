/**
 * Job: the memory-efficient recipe where its 100 MiB bind: room for a million entries, and values that would take several
 * times the limit. Looks at the accounted bytes after every set, and at what the process really takes.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { heapAfterCollection } from '../load/garbage.mjs';
import { readProse } from '../values/prose.mjs';

const EXPONENT = 1;
const LEAST_BYTES = 1_024;
const MOST_BYTES = 32_768;
const SLICE = 256;

/** @param {{ operations: number, keys: number }} options */
export async function prepare({ operations, keys: keyCount }) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(
    sherd.withPerformanceProfile('memory-efficient'),
    sherd.withCapacity(1_000_000),
    sherd.withTTL(0),
    sherd.withSeed(1),
  );
  const keys = new KeyMaker('hash');
  const ranks = new Zipf(keyCount, EXPONENT);
  const prose = readProse();

  /** A text of a length between the bounds, evenly in its logarithm, always the same for one key. @param {number} id */
  function answerOf(id) {
    const random = new Random(id);
    const bytes = Math.round(LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** random.next());
    const start = random.nextInt(prose.length - bytes);
    return prose.toString('latin1', start, start + bytes);
  }

  async function round() {
    const emptyRss = heapAfterCollection().rss;
    const random = new Random(2);
    let mostBytes = 0;
    let hitsLate = 0;
    const half = operations / 2;
    for (let done = 0; done < operations; done++) {
      const id = ranks.rank(random.next());
      const key = keys.make(id);
      if (cache.get(key) !== undefined) hitsLate += done >= half ? 1 : 0;
      else {
        cache.set(key, answerOf(id));
        mostBytes = Math.max(mostBytes, cache.bytes);
      }
      if (done % SLICE === 0) await turn();
    }
    return {
      mostBytes,
      entries: cache.size,
      evictions: cache.metrics().evictions,
      hitRatio: hitsLate / (operations - half),
      compressionRatio: cache.metrics().compressionRatio,
      rssBytes: heapAfterCollection().rss - emptyRss,
    };
  }
  return { round };
}
