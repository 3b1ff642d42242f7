/** Job: grows one subject from nothing to its capacity in each round, and tells the worst single set. */
import { setImmediate as turn } from 'node:timers/promises';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { GcWatch } from '../../lib/gc-watch.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { collectGarbage } from '../../lib/settled-bytes.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';
import { StepTimes } from '../../lib/worst-step.mjs';

const BATCH = 10_000;
const WARM_UP = 50_000;

/** @param {{ subject: string, size: number }} options */
export async function prepare({ subject, size }) {
  const { create } = subjectOf(subject);
  const values = Array.from({ length: 1024 }, (_, id) => ({ id }));
  const starts = new Float64Array(size);
  const ends = new Float64Array(size);

  /** @param {number} count */
  async function grow(count) {
    const cache = await create(count, { seed: 1 });
    const keys = new KeyMaker('random');
    let cpuNs = 0;
    for (let first = 0; first < count; first += BATCH) {
      const batch = keys.makeMany(Math.min(BATCH, count - first), first);
      const stopwatch = new CpuStopwatch();
      setTimed(cache, batch, values, starts, ends, first);
      cpuNs += stopwatch.elapsedNs();
      await turn();
    }
    if (cache.size !== count) throw new Error(`grew to ${cache.size} entries instead of ${count}`);
    return cpuNs;
  }

  await grow(Math.min(WARM_UP, size));
  const times = new StepTimes(size);
  return {
    // What it tells of the sets is about all rounds so far; CPU time is this round's.
    async round() {
      collectGarbage();
      const watch = new GcWatch();
      const cpuNs = await grow(size);
      times.addSpans(starts, ends, await watch.stop());
      // Others have their round now: leave them the memory.
      collectGarbage();
      return { ...times.worst(), cpuNs, operations: size };
    },
  };
}

/**
 * @param {import('../../lib/subjects/rivals.mjs').MeasuredCache} cache
 * @param {readonly string[]} keys
 * @param {readonly unknown[]} values
 * @param {Float64Array} starts
 * @param {Float64Array} ends
 * @param {number} first
 */
function setTimed(cache, keys, values, starts, ends, first) {
  for (let i = 0; i < keys.length; i++) {
    starts[first + i] = performance.now();
    cache.set(/** @type {string} */ (keys[i]), values[i & 1023]);
    ends[first + i] = performance.now();
  }
}
