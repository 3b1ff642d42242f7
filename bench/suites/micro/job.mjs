/** Job: the small public verbs one by one, by tinybench, in one process. For orientation: no goal is decided by it. */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { loadPackage } from '../../lib/load-package.mjs';
import { createSherd } from '../../lib/subjects/sherd.mjs';

const SIZE = 10_000;

/** @param {{ milliseconds: number }} options */
export async function prepare({ milliseconds }) {
  const { Bench } = await loadPackage('tinybench');
  const cache = await createSherd({ capacity: SIZE, ttlMs: 300_000 });
  const keys = new KeyMaker('random').makeMany(SIZE);
  const strangers = new KeyMaker('random').makeMany(SIZE, SIZE);
  const map = new Map(keys.map((key, id) => [key, id]));
  for (const [id, key] of keys.entries()) cache.set(key, id);
  let turn = 0;
  const next = () => /** @type {string} */ (keys[turn++ % SIZE]);
  const stranger = () => /** @type {string} */ (strangers[turn++ % SIZE]);
  const some = () => keys.slice(turn++ % (SIZE - 10), (turn % (SIZE - 10)) + 10);
  const pairs = keys.map((key, id) => /** @type {const} */ ([key, id]));
  const somePairs = () => pairs.slice(turn++ % (SIZE - 10), (turn % (SIZE - 10)) + 10);

  /** @type {[name: string, verb: () => unknown][]} */
  const VERBS = [
    ['Map.get', () => map.get(next())],
    ['Map.get, again', () => map.get(next())],
    ['get, hit', () => cache.get(next())],
    ['get, miss', () => cache.get(stranger())],
    ['peek', () => cache.peek(next())],
    ['has', () => cache.has(next())],
    ['set of a known key', () => cache.set(next(), turn)],
    ['set with ttl', () => cache.set(next(), turn, { ttl: 60_000 })],
    ['delete and set', () => cache.delete(keys[turn % SIZE]) && cache.set(next(), turn)],
    ['getMany of 10', () => cache.getMany(some())],
    ['setMany of 10', () => cache.setMany(somePairs())],
    ['getOrLoad, hit', () => cache.getOrLoad(next(), () => 1)],
    ['size', () => cache.size],
    ['metrics()', () => cache.metrics()],
  ];
  return {
    async round() {
      const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 4 });
      for (const [name, verb] of VERBS) bench.add(name, verb);
      await bench.run();
      return { tasks: bench.tasks.map(({ name, result }) => ({ name, ...figures(result) })) };
    },
  };
}

/** @param {any} result */
function figures(result) {
  const { latency } = result;
  if (latency === undefined) throw new Error(`a task did not complete: ${result.state} ${result.error ?? ''}`);
  return {
    p50Ns: latency.p50 * 1e6,
    p99Ns: latency.p99 * 1e6,
    meanNs: latency.mean * 1e6,
    samples: latency.samplesCount,
  };
}
