/**
 * CPU a request of the memory-constrained server with compression against the same server without, in interleaved rounds
 * with the same requests. The requests come from here, so that only the server's own time counts.
 */
import { Zipf } from '../../lib/keys/zipf.mjs';
import { MeasuredProcess } from '../../lib/measured-process.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { Random } from '../../lib/random.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { median } from '../../lib/statistics.mjs';
import { BEGIN_PATH, sendRequests } from './requests.mjs';

const JOB = new URL('./memory-server-job.mjs', import.meta.url);
const KEYS = 10_000;
const EXPONENT = 1;
const CONCURRENCY = 8;
/** Rounds before the first that counts: the cache fills, the code warms. */
const WARM_UP_ROUNDS = 2;

/** @type {Record<string, { kind: 'text' | 'object', compression: boolean }>} */
const SERVERS = {
  text: { kind: 'text', compression: false },
  'text#2': { kind: 'text', compression: false },
  'text, compressed': { kind: 'text', compression: true },
  object: { kind: 'object', compression: false },
  'object#2': { kind: 'object', compression: false },
  'object, compressed': { kind: 'object', compression: true },
};

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */

/**
 * @param {{ launches: number, rounds: number, requests: number }} effort
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureMemoryServer({ launches, rounds, requests }, context) {
  const samples = new Map(Object.keys(SERVERS).map((name) => [name, /** @type {Sample[]} */ ([])]));
  for (let launch = 0; launch < launches; launch++) {
    await measureLaunch({ launch, rounds, requests }, samples, context);
  }
  const of = (/** @type {string} */ name) => samples.get(name) ?? [];
  const summaryOf = (/** @type {string} */ kind) => {
    const last = of(`${kind}, compressed`).at(-1);
    return {
      cpuRatio: speedRatio(of(kind), of(`${kind}, compressed`)),
      cpuUsPlain: median(of(kind).map(({ cpuNs, operations }) => cpuNs / operations / 1000)),
      hitRatio: median(of(`${kind}, compressed`).map(({ hitRatio }) => hitRatio)),
      mostBytes: Number(last?.['mostBytes']),
      entries: Number(last?.['entries']),
      compressionRatio: Number(last?.['compressionRatio']),
    };
  };
  return {
    text: summaryOf('text'),
    object: summaryOf('object'),
    nulls: ['text', 'object'].map((kind) =>
      judgeNull(kind, 'CPU a request', speedRatio(of(kind), of(`${kind}#2`)).median),
    ),
  };
}

/**
 * @param {{ launch: number, rounds: number, requests: number }} plan
 * @param {Map<string, Sample[]>} samples
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
async function measureLaunch({ launch, rounds, requests }, samples, { signal, progress }) {
  const order = new Random(launch + 1);
  const draw = new Random(launch + 100);
  const ranks = new Zipf(KEYS, EXPONENT);
  /** @type {[string, MeasuredProcess][]} */
  const running = [];
  try {
    for (const [name, server] of Object.entries(SERVERS)) {
      running.push([name, await MeasuredProcess.start({ module: JOB, options: { ...server, requests } })]);
    }
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      const paths = Array.from({ length: requests }, () => `/${ranks.rank(draw.next())}`);
      for (const [name, server] of order.shuffled(running)) {
        signal.throwIfAborted();
        progress(`memory-constrained server, launch ${launch + 1}, round ${round + 1} of ${rounds}`);
        const [measured] = await Promise.all([server.round(round), sendRound(server.info.port, paths)]);
        const sample = { ...measured, launch, round };
        if (round >= 0) samples.get(name)?.push(sample);
      }
    }
  } finally {
    await Promise.all(running.map(([, server]) => server.end()));
  }
}

/** @param {number} port @param {readonly string[]} paths */
async function sendRound(port, paths) {
  await sendRequests(port, [BEGIN_PATH], 1);
  await sendRequests(port, paths, CONCURRENCY);
}
