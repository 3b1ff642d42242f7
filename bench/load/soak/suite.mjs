/**
 * Suite `soak`: hits, misses, streams, callers who leave and a provider that fails now and then, at a steady rate for
 * minutes (--minutes). Does the heap grow, and is everything given back at the end?
 */
import { withProcesses } from '../../lib/processes.mjs';
import { printTables } from '../lib/tables.mjs';
import { judgeSoak } from './goals.mjs';
import { soakTables } from './tables.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const CLIENT_JOB = new URL('./client-job.mjs', import.meta.url);
const MINUTE_MS = 60_000;

const UPSTREAM = { serviceMs: 20 };
/** All connections are reset so often. */
const BREAK_EVERY_MS = 20_000;

const EFFORT = {
  full: { minutes: 10, sliceMs: 10_000, rps: 200 },
  quick: { minutes: 1, sliceMs: 4_000, rps: 200 },
  smoke: { minutes: 0.02, sliceMs: 400, rps: 100 },
};

/**
 * @typedef {{ minute: number, sent: number, answered: number, left: number, broken: number, failed: number, codes: Record<string, number>,
 *   p50Ms: number, p99Ms: number, hits: number, upstreamCalls: number, heapBytes: number, rssBytes: number, upstreamFaults: number }} Slice
 */
/**
 * @typedef {{ left: import('../lib/handles.mjs').Handles, listeners: number, active: number, wrong: number, upstreamSockets: number,
 *   upstreamAtWork: number }} End
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'soak',
  title: 'steady mixed traffic for minutes: the slope of the heap, and what is still open at the end',
  minutes: { full: 10.5, quick: 1.2 },
  async run(context) {
    const { scale, wanted, signal, progress } = context;
    const { sliceMs, rps, minutes: usual } = EFFORT[scale];
    const minutes = wanted.minutes ?? usual;
    const slices = Math.max(3, Math.round((minutes * MINUTE_MS) / sliceMs));
    /** @type {Slice[]} */
    const done = [];
    try {
      const end = await withProcesses(signal, async (start) => {
        const options = { upstream: UPSTREAM, fault: 'mixed', breakEveryMs: BREAK_EVERY_MS };
        const upstream = await start({ module: UPSTREAM_JOB, options });
        const client = await start({
          module: CLIENT_JOB,
          options: { url: upstream.info.url, rps, sliceMs, slices },
          nodeFlags: ['--expose-gc'],
        });
        const startMs = performance.now();
        await upstream.round(0);
        for (let index = 0; index < slices; index++) {
          const measured = await client.round(index);
          const { primary } = await upstream.round(1);
          const minute = (performance.now() - startMs) / MINUTE_MS;
          done.push({ ...measured, minute, upstreamFaults: primary.faults });
          const mebibytes = (measured.heapBytes / 2 ** 20).toFixed(2);
          progress(`soak: minute ${minute.toFixed(1)} of ${minutes}, heap ${mebibytes} MiB, ${measured.failed} failed`);
        }
        progress('soak: closing');
        const ended = await client.round(slices);
        const { primary } = await upstream.round(1);
        return /** @type {End} */ ({ ...ended, upstreamSockets: primary.sockets, upstreamAtWork: primary.atWork });
      });
      const data = { rps, minutes, slices: done, end };
      return { nulls: [], verdicts: judgeSoak(data), data };
    } finally {
      printTables(context, soakTables(done), `${done.length} of ${slices} slices; the client was not closed in order`);
    }
  },
};
