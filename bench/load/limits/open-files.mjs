/** How many files a process may have open: each connection is one, and who runs out of them fails in odd places. */
import { execFileSync } from 'node:child_process';

/** Beside the connections: the program, its libraries, its pipes. */
const SPARE = 200;

/**
 * Throws when a process here may not have so many connections.
 * @param {number} connections
 * @param {number} [limit]
 */
export function assertOpenFiles(connections, limit = openFileLimit()) {
  const needed = connections + SPARE;
  if (limit >= needed) return;
  throw new Error(
    `${connections} connections need ${needed} open files a process, and ${limit} are allowed here; ` +
      `run 'ulimit -n ${needed}' in this shell first, or raise the hard limit of the system`,
  );
}

/** Node raises its own limit as far as it may, and its children have the same. */
function openFileLimit() {
  try {
    const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    // No such shell, and no such limit.
    return Number.POSITIVE_INFINITY;
  }
}
