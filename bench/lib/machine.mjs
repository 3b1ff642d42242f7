/** The stamp of a result: which machine, which runtime, which code, and how busy it was. Nothing that names its owner. */
import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @typedef {object} MachineStamp
 * @property {string} date ISO 8601
 * @property {string} cpu
 * @property {number} cores that this process may use
 * @property {number} memoryGiB
 * @property {string} os
 * @property {string} node
 * @property {string} v8
 * @property {number} load one minute's average when the run began
 * @property {string} commit of this repository, or 'unknown'
 * @property {boolean} isDirty whether files differed from that commit
 */

/** @returns {MachineStamp} */
export function stampMachine() {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Beyond major and minor a release names one vendor's build.
    os: `${platform()} ${release().split('.', 2).join('.')} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    commit: git('rev-parse', '--short=12', 'HEAD') ?? 'unknown',
    // What a run writes itself does not count.
    isDirty: (git('status', '--porcelain', '--', '.', ':!bench/results', ':!docs') ?? '') !== '',
  };
}

/** @param {...string} args */
function git(...args) {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
