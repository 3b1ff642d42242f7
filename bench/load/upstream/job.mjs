/**
 * Job: the other side of the load. A stub of a provider, behind a fault proxy where its connections are to fail, and a
 * second, sound one where asked for. A round tells what they saw since the last; the first opens the doors of a stub
 * that is held, and starts the clock of its outage.
 */
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { connectionScript, drawFrom, FAULTS, MIXED } from './faults.mjs';
import { createUpstream } from './server.mjs';

const SEED = 1;

/**
 * @param {object} options
 * @param {import('./server.mjs').UpstreamOptions} options.upstream
 * @param {string} [options.fault] of FAULTS, or 'mixed'; default none
 * @param {boolean} [options.hasSpare]
 * @param {number} [options.durationMs] of an outage: three times its length
 * @param {number} [options.breakEveryMs] how often all connections are reset
 */
export async function prepare({ upstream, fault = 'none', hasSpare = false, durationMs = 0, breakEveryMs }) {
  const kind = FAULTS[fault] ?? { what: fault };
  const kinds = fault === 'mixed' ? MIXED : [kind];
  const primary = await createUpstream(upstream, drawFrom(kinds, SEED));
  const spare = hasSpare ? await createUpstream(upstream) : undefined;
  const script = connectionScript(kind, SEED);
  const isProxied = script !== undefined || kind.isDeadAmid === true || breakEveryMs !== undefined;
  const proxy = isProxied ? await openProxy(primary.url, script) : undefined;
  if (breakEveryMs !== undefined) setInterval(() => proxy?.endConnections('reset'), breakEveryMs);

  function goDead() {
    proxy?.setFaults({ accept: 'ignore' });
    proxy?.endConnections('reset');
  }
  function comeBack() {
    proxy?.setFaults({});
    proxy?.endConnections('reset');
  }
  async function round(/** @type {number} */ index) {
    const seen = { primary: primary.take(), spare: spare?.take(), accepted: proxy?.stats().accepted };
    if (index > 0) return seen;
    primary.open();
    if (kind.isDeadAmid === true) {
      setTimeout(goDead, durationMs / 3);
      setTimeout(comeBack, (2 * durationMs) / 3);
    }
    return seen;
  }
  return { round, info: { url: proxy?.url ?? primary.url, spareUrl: spare?.url } };
}

/** @param {string} target @param {(() => object) | undefined} faults */
async function openProxy(target, faults) {
  const { createFaultProxy } = await loadEntry('testing');
  return createFaultProxy({ target, ...(faults === undefined ? {} : { faults }) });
}
