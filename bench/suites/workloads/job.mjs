/** Job: one kind of traffic on one cache, read through: what is not found is set. Values are texts of about 1.5 KB. */
import { setImmediate as turn } from 'node:timers/promises';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';
import { readThrough } from '../speed/workloads.mjs';
import { trafficOf } from './traffic.mjs';

const BATCH = 4_096;
const SENTENCE = 'The answer rests on the third document, which names the figure and the date it was read. ';
/** Sherd's default capacity, for those who have no profile to say another. */
const CAPACITY = 10_000;

/**
 * @param {{ profile?: string, subject?: string, traffic: string, operations: number, warmups: number }} options
 *   profile: a name for withPerformanceProfile(); subject: otherwise
 */
export async function prepare({ profile, subject, traffic, operations, warmups }) {
  const cache =
    profile === undefined ? await subjectOf(subject ?? '').create(CAPACITY) : await profiled(profile, traffic);
  const keys = new KeyMaker('user');
  const next = trafficOf(traffic, new Random(3));
  const values = Array.from({ length: 1024 }, (_, id) => `${id}: ${SENTENCE.repeat(17)}`);

  async function round() {
    let cpuNs = 0;
    let found = 0;
    let done = 0;
    let reads = 0;
    while (done < operations) {
      const { ids, isWrite } = next(BATCH);
      const batch = ids.map((id) => keys.make(id));
      reads += isWrite.reduce((sum, write) => sum + 1 - write, 0);
      const stopwatch = new CpuStopwatch();
      found += readThrough(cache, batch, values, isWrite);
      cpuNs += stopwatch.elapsedNs();
      done += BATCH;
      await turn();
    }
    return { cpuNs, operations: done, hitRatio: found / reads, entries: cache.size };
  }
  for (let i = 0; i < warmups; i++) await round();
  return { round };
}

/**
 * As a user of the guide makes it: what matters most, and what the traffic is like.
 * @param {string} profile
 * @param {string} traffic
 */
async function profiled(profile, traffic) {
  const { createShardedCache, withPerformanceProfile, withWorkloadType } = await loadSherd();
  // The guide's own benchmark names a performance profile and nothing else.
  const workload = traffic === 'set-then-get' ? [] : [withWorkloadType(traffic)];
  return createShardedCache(withPerformanceProfile(profile), ...workload);
}
