/**
 * Job: bytes that the calls of one subject allocate. Counted is the growth of what is in use over a round in which nothing
 * is collected: the young generation holds all of a round (see the flags in measure.mjs), and a round that a collection
 * came into all the same says so, and does not count.
 */
import { GcWatch } from '../../lib/gc-watch.mjs';
import { settledBytes } from '../../lib/settled-bytes.mjs';
import { Traffic } from '../calls/traffic.mjs';

/** @param {import('../calls/traffic.mjs').TrafficOptions & { calls: number, warmUpCalls: number }} options */
export async function prepare({ calls, warmUpCalls, ...options }) {
  const traffic = await Traffic.start(options);
  await traffic.run(traffic.makeQuestions(warmUpCalls));

  async function round() {
    // Opens the connections that have been idle for too long.
    await traffic.run(traffic.makeQuestions(traffic.width));
    const questions = traffic.makeQuestions(calls);
    // Buffers are given back some turns after their collection.
    await settledBytes();
    const watch = new GcWatch();
    const before = process.memoryUsage();
    await traffic.run(questions);
    const after = process.memoryUsage();
    const collections = (await watch.stop()).length;
    return {
      heapBytes: (after.heapUsed - before.heapUsed) / calls,
      outsideBytes: (after.external - before.external) / calls,
      collections,
    };
  }
  return { round };
}
