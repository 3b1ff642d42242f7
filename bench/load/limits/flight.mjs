/** Thousands of calls at once over fewer connections, to a stub that answers nobody before all of them are under way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withProcesses } from '../../lib/processes.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const FLIGHT_JOB = new URL('./flight-job.mjs', import.meta.url);

/** How often, and how many times, the stub is asked whether all requests that can come have come. */
const LOOK_MS = 50;
const LOOKS = 200;

/**
 * @typedef {{ kind: string, calls: number, connections: number, active: number, bytesACall: number, peakSockets: number,
 *   atWorkHeld: number, answered: number, problems: string[], openingMs: number, answeringMs: number,
 *   longestStopMs: number, mostRssBytes: number, left: import('../lib/handles.mjs').Handles,
 *   heldBytes: number, upstreamSockets: number }} Flight
 */

/**
 * @param {'whole' | 'streams'} kind
 * @param {{ calls: number, connections: number }} effort
 * @param {AbortSignal} signal
 * @returns {Promise<Flight>}
 */
export function measureFlight(kind, { calls, connections }, signal) {
  return withProcesses(signal, async (start) => {
    const upstream = await start({ module: UPSTREAM_JOB, options: { upstream: { serviceMs: 50, isHeld: true } } });
    const options = { url: upstream.info.url, calls, connections, isStream: kind === 'streams' };
    const client = await start({ module: FLIGHT_JOB, options, nodeFlags: ['--expose-gc'] });
    const begun = await client.round(0);
    const held = await untilHeld(upstream, connections);
    await upstream.round(0);
    const ended = await client.round(1);
    const { primary } = await upstream.round(1);
    return {
      ...begun,
      ...ended,
      kind,
      calls,
      connections,
      peakSockets: Math.max(held.peakSockets, primary.peakSockets),
      atWorkHeld: held.atWork,
      upstreamSockets: primary.sockets,
    };
  });
}

/**
 * What the stub saw before it answered anybody: waits until a request has come on every connection, or none more comes.
 * @param {import('../../lib/processes.mjs').Running} upstream
 * @param {number} connections
 */
async function untilHeld(upstream, connections) {
  let peakSockets = 0;
  for (let look = 1; ; look++) {
    const { primary } = await upstream.round(1);
    peakSockets = Math.max(peakSockets, primary.peakSockets);
    if (primary.atWork >= connections || look === LOOKS) return { peakSockets, atWork: primary.atWork };
    await sleep(LOOK_MS);
  }
}
