/** What a process holds open: to be compared before a client was made and after it was closed. */
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/** A closed socket is gone a few turns of the loop later. */
const TURNS = 100;

/**
 * @typedef {object} Handles
 * @property {number} sockets TCP handles that are open
 * @property {number} timers that hold the process
 * @property {number | null} descriptors open files of any kind; null where the system does not tell
 */

/**
 * Counts once the loop has turned often enough for what was closed to be gone.
 * @returns {Promise<Handles>}
 */
export async function countHandles() {
  for (let i = 0; i < TURNS; i++) await turn();
  const resources = process.getActiveResourcesInfo();
  const count = (/** @type {string} */ prefix) => resources.filter((name) => name.startsWith(prefix)).length;
  return {
    sockets: count('TCP'),
    timers: count('Timeout'),
    descriptors: openDescriptors(),
  };
}

/**
 * What is held beyond the base; nothing at best.
 * @param {Handles} base
 * @param {Handles} now
 */
export function leftOpen(base, now) {
  return {
    sockets: now.sockets - base.sockets,
    timers: now.timers - base.timers,
    descriptors: (now.descriptors ?? 0) - (base.descriptors ?? 0),
  };
}

function openDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
