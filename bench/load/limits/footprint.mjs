/** What clients take while nothing is asked. */
import { withProcesses } from '../../lib/processes.mjs';

const UPSTREAM_JOB = new URL('../upstream/job.mjs', import.meta.url);
const FOOTPRINT_JOB = new URL('./footprint-job.mjs', import.meta.url);

/**
 * @typedef {{ clients: number, connections: number, bytesAClient: number, bytesAConnectedClient: number,
 *   bytesLeft: number }} Footprint
 */

/**
 * @param {{ clients: number }} effort
 * @param {AbortSignal} signal
 * @returns {Promise<Footprint>}
 */
export function measureFootprint({ clients }, signal) {
  return withProcesses(signal, async (start) => {
    const upstream = await start({ module: UPSTREAM_JOB, options: { upstream: { serviceMs: 0 } } });
    const options = { url: upstream.info.url, clients };
    return (await start({ module: FOOTPRINT_JOB, options, nodeFlags: ['--expose-gc'] })).round(0);
  });
}
