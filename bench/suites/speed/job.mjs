/**
 * Job: one subject, one workload, one size, one key shape. Keys are made outside of the timed section, in batches; the
 * event loop has its turn between batches, as in a server.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { livePolicies } from '../../lib/live-policies.mjs';
import { Random } from '../../lib/random.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';
import { getAll, readThrough, setAll } from './workloads.mjs';

const MOST_BATCH = 8_192;
/** Of the requests of the Zipf workload, the keys asked for: this many times the capacity. */
const UNIVERSE = 4;
const EXPONENT = 0.99;
const WRITE_SHARE = 0.1;

/**
 * @typedef {object} SpeedOptions
 * @property {string} subject
 * @property {string} workload
 * @property {number} size capacity, and entries it is filled with
 * @property {string} shape of keys
 * @property {number} operations a round
 * @property {number} warmups rounds before the first measured one
 * @property {boolean} [isCrowded] whether a cache of every policy lives in the process and has been used
 */

/** @param {SpeedOptions} options */
export async function prepare(options) {
  const crowd = options.isCrowded === true ? await livePolicies() : [];
  const cache = await subjectOf(options.subject).create(options.size);
  const keys = new KeyMaker(options.shape);
  const batchLength = keys.batchLength(options.size, MOST_BATCH);
  const values = Array.from({ length: 1024 }, (_, id) => ({ id }));
  const residents = keys.makeMany(options.size);
  for (const [id, key] of residents.entries()) cache.set(key, values[id & 1023]);
  const run = WORKLOADS[options.workload]?.({ cache, keys, values, residents, size: options.size });
  if (run === undefined) throw new Error(`workload '${options.workload}' is unknown`);

  async function round() {
    let cpuNs = 0;
    let operations = 0;
    let found = 0;
    while (operations < options.operations) {
      const count = Math.min(batchLength, options.operations - operations);
      const timed = run?.(count);
      const stopwatch = new CpuStopwatch();
      found += timed?.() ?? 0;
      cpuNs += stopwatch.elapsedNs();
      operations += count;
      await turn();
    }
    return { cpuNs, operations, foundShare: found / operations, entries: cache.size, crowd: crowd.length };
  }
  for (let i = 0; i < options.warmups; i++) await round();
  return { round };
}

/**
 * @typedef {object} Scene
 * @property {import('../../lib/subjects/rivals.mjs').MeasuredCache} cache
 * @property {KeyMaker} keys
 * @property {readonly unknown[]} values
 * @property {readonly string[]} residents the key objects the cache was filled with
 * @property {number} size
 */

/**
 * Each makes the keys of one batch and returns what is to be timed.
 * @type {Record<string, (scene: Scene) => (count: number) => () => number>}
 */
const WORKLOADS = {
  'get-same': ({ cache, residents, size }) => {
    const random = new Random(1);
    return (count) => {
      const batch = Array.from({ length: count }, () => residents[random.nextInt(size)] ?? '');
      return () => getAll(cache, batch);
    };
  },
  'get-fresh': ({ cache, keys, size }) => {
    const random = new Random(2);
    return (count) => {
      const batch = Array.from({ length: count }, () => keys.make(random.nextInt(size)));
      return () => getAll(cache, batch);
    };
  },
  'miss-fresh': ({ cache, keys, size }) => {
    const random = new Random(3);
    return (count) => {
      const batch = Array.from({ length: count }, () => keys.make(size + random.nextInt(8 * size)));
      return () => getAll(cache, batch);
    };
  },
  'update-same': ({ cache, residents, values, size }) => {
    const random = new Random(4);
    return (count) => {
      const batch = Array.from({ length: count }, () => residents[random.nextInt(size)] ?? '');
      return () => setAll(cache, batch, values);
    };
  },
  'update-fresh': ({ cache, keys, values, size }) => {
    const random = new Random(5);
    return (count) => {
      const batch = Array.from({ length: count }, () => keys.make(random.nextInt(size)));
      return () => setAll(cache, batch, values);
    };
  },
  'set-evict': ({ cache, keys, values, size }) => {
    let nextId = size;
    return (count) => {
      const batch = keys.makeMany(count, nextId);
      nextId += count;
      return () => setAll(cache, batch, values);
    };
  },
  zipf: ({ cache, keys, values, size }) => {
    const random = new Random(6);
    const ranks = new Zipf(UNIVERSE * size, EXPONENT);
    return (count) => {
      const batch = Array.from({ length: count }, () => keys.make(ranks.rank(random.next())));
      const isWrite = Uint8Array.from(batch, () => (random.next() < WRITE_SHARE ? 1 : 0));
      return () => readThrough(cache, batch, values, isWrite);
    };
  },
};
