/**
 * What a process holds open, whether that holds the process or not: timers, sockets, descriptors. To be compared before a
 * client was made and after it was closed.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { watchTimers } from './timers.mjs';

/** A closed socket is gone a few turns of the loop later. */
const TURNS = 100;
/** Not for long: a timer that nobody clears would end by itself. */
const PATIENCE_MS = 500;
const LOOK_MS = 20;

/**
 * @typedef {object} Handles
 * @property {number} sockets TCP handles
 * @property {number} timers
 * @property {number | null} descriptors open files of any kind; null where the system does not tell
 */

/**
 * @typedef {object} HandleWatch
 * @property {() => Promise<void>} begin takes the base, once what was closed is gone
 * @property {() => Promise<Handles>} left what is open beyond the base: at once when it is nothing, else after a while
 */

/**
 * To be called before anything is loaded that sets timers. What is made once for all clients should be there before
 * begin(): the timer that holds the process, and undici's.
 * @param {number} [patienceMs] how long left() waits for what is still open
 * @returns {HandleWatch}
 */
export function watchHandles(patienceMs = PATIENCE_MS) {
  const timers = watchTimers();
  let base = { sockets: 0, descriptors: /** @type {number | null} */ (null) };

  /** @returns {Handles} */
  function beyondBase() {
    const descriptors = openDescriptors();
    return {
      sockets: openSockets() - base.sockets,
      timers: timers.pending,
      descriptors: descriptors === null ? null : descriptors - (base.descriptors ?? 0),
    };
  }
  return {
    async begin() {
      for (let i = 0; i < TURNS; i++) await turn();
      base = { sockets: openSockets(), descriptors: openDescriptors() };
      timers.begin();
    },
    async left() {
      const untilMs = performance.now() + patienceMs;
      for (;;) {
        const left = beyondBase();
        const isClean = left.sockets <= 0 && left.timers <= 0 && (left.descriptors ?? 0) <= 0;
        if (isClean || performance.now() > untilMs) return left;
        await sleep(LOOK_MS);
      }
    },
  };
}

/** The report knows every handle of the loop; without the network's names, for which it would ask a resolver. */
function openSockets() {
  const report = Object.assign(process.report, { excludeNetwork: true });
  const { libuv } = /** @type {{ libuv: { type: string }[] }} */ (report.getReport());
  return libuv.filter(({ type }) => type === 'tcp').length;
}

function openDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
