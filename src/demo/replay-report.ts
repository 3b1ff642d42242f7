/** The hit ratios of every policy on one trace, at one shard and at many: what `--trace` prints. */
import colours from 'picocolors';
import { cacheFields } from '../cache/fields.js';
import { formatDuration } from '../core/units.js';
import type { PolicyName } from '../engine/policy.js';
import { resolveCapacity } from '../tuning/capacity.js';
import { loadTrace } from '../tuning/read-trace.js';
import { type ReplayResult, replay } from '../tuning/replay.js';
import { count, counted, decimals } from './format.js';
import { formatTable } from './text-table.js';

export interface ReplayQuestion {
  /** Path of the trace file. */
  readonly trace: string;
  /** Entries, or a share of the trace's distinct keys: `'10%'`. */
  readonly capacity: number | string;
  /** Milliseconds of the trace; 0 never expires. */
  readonly ttlMs: number;
  readonly seed: number;
}

export interface ReplayReport extends ReplayQuestion {
  readonly capacity: number;
  readonly requests: number;
  readonly uniqueKeys: number;
  readonly results: readonly Pick<ReplayResult, 'policy' | 'shardCount' | 'hits' | 'hitRatio'>[];
}

/** Told what runs, and what share 0..1 of all the replays is done. */
export type ReplayProgress = (what: string, done: number) => void;

const SHARD_COUNTS = [1, 32];

/** Throws the errors of loadTrace() and resolveCapacity(). */
export async function replayEveryPolicy(question: ReplayQuestion, onProgress: ReplayProgress): Promise<ReplayReport> {
  onProgress(`reading ${question.trace}`, 0);
  const trace = await loadTrace(question.trace);
  const uniqueKeys = trace.keys.length;
  const capacity = resolveCapacity(question.capacity, uniqueKeys, '--capacity');
  const runs = builtPolicies().flatMap((policy) => SHARD_COUNTS.map((shardCount) => ({ policy, shardCount })));
  const results: ReplayReport['results'][number][] = [];
  for (const [i, { policy, shardCount }] of runs.entries()) {
    const settings = { policy, shardCount, capacity, ttlMs: question.ttlMs, seed: question.seed };
    const { hits, hitRatio } = await replay(trace, settings, (requests) =>
      onProgress(`${policy} at ${counted(shardCount, 'shard')}`, (i + requests / trace.accesses.length) / runs.length),
    );
    results.push({ policy, shardCount, hits, hitRatio });
  }
  return { ...question, capacity, requests: trace.accesses.length, uniqueKeys, results };
}

export function formatReplayReport(report: ReplayReport, width: number): string {
  const { trace, requests, uniqueKeys, capacity, ttlMs, seed, results } = report;
  const rows = builtPolicies().map((policy) => {
    const ratios = SHARD_COUNTS.map(
      (shardCount) =>
        results.find((result) => result.policy === policy && result.shardCount === shardCount)?.hitRatio ?? 0,
    );
    const [one = 0, many = 0] = ratios;
    return [policy, ...ratios.map((ratio) => decimals(ratio * 100, 2)), decimals((many - one) * 100, 2)];
  });
  const columns = [
    'policy',
    ...SHARD_COUNTS.map((shards) => `#${shards} ${shards === 1 ? 'shard' : 'shards'}`),
    '#difference',
  ];
  return [
    colours.bold(`Hit ratios in % on ${trace}`),
    `${count(requests)} requests, ${count(uniqueKeys)} unique keys, capacity ${count(capacity)} entries, ` +
      `${ttlMs === 0 ? 'no expiry' : `time to live ${formatDuration(ttlMs)}`}, seed ${seed}`,
    '',
    formatTable({ columns, rows, width, head: colours.dim }),
  ].join('\n');
}

/** The policies that the option accepts. */
function builtPolicies(): readonly PolicyName[] {
  // The schema of a word is the list of its words.
  return (cacheFields.evictionPolicy.type.schema as { readonly enum: readonly PolicyName[] }).enum;
}
