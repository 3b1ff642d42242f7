/** Turns what the clients, the cache and its tuner tell into events of the log. Asks nothing and changes nothing. */
import type { TunerFigures as CacheFigures } from '../adaptive/tuner-decision.js';
import type { Explained } from '../options/explain.js';
import { printValue } from '../options/option.js';
import type { DemoClients, RunCache } from './clients.js';
import { type EventLog, toMicrosecond } from './event-log.js';
import type { TargetName, TunerFigures } from './events.js';
import { CLIENT_SUBJECT } from './setting-groups.js';
import { JOBS } from './upstream.js';

/** Records what the clients do from now on. */
export function recordClients({ byJob }: DemoClients, log: EventLog): void {
  for (const job of JOBS) {
    const client = byJob[job];
    client.on('upstream-call', ({ target, model, outcome, code }) => {
      log.record({ kind: 'upstream', job, target: nameOf(target), model, result: code ?? outcome });
    });
    client.on('fallback', ({ from, to, code }) => {
      log.record({ kind: 'fallback', job, from: from.model, to: to.model, reason: code });
    });
    client.on('breaker-changed', ({ target, model, from, to }) => {
      log.record({ kind: 'breaker', job, target: nameOf(target), model, from, to });
    });
  }
}

/** Records resizes and the tuner's decisions from now on. */
export function recordCache(cache: RunCache, log: EventLog): void {
  cache.on('shards-resized', ({ from, to, durationMs }) => {
    log.record({ kind: 'resized', from, to, durationMs: toMicrosecond(durationMs) });
  });
  cache.on('tuner-decided', ({ action, reason, tier, requestRate, before, after, figures, figuresBefore }) => {
    log.record({
      kind: 'tuner',
      action,
      reason,
      tier,
      requestRate,
      shardsBefore: before.shardCount,
      shardsAfter: after.shardCount,
      cleanupBeforeMs: before.cleanupIntervalMs,
      cleanupAfterMs: after.cleanupIntervalMs,
      figures: tunerFigures(figures),
      ...(figuresBefore === undefined ? {} : { figuresBefore: tunerFigures(figuresBefore) }),
    });
  });
}

function tunerFigures({ hitRate, p99GetLatency }: CacheFigures): TunerFigures {
  return { hitRatio: hitRate, p99GetMs: p99GetLatency };
}

/** Records the state of the cache each time it is called; the rate is that since the last time. */
export function createSampler(cache: RunCache, log: EventLog, nowMs: () => number): () => void {
  let lastMs = nowMs();
  let lastOperations = operationsOf(cache);
  return () => {
    const [atMs, operations] = [nowMs(), operationsOf(cache)];
    const requestRate = Math.round((operations - lastOperations) / ((atMs - lastMs) / 1000));
    log.record({ kind: 'sample', shardCount: cache.shardCount, entries: cache.size, bytes: cache.bytes, requestRate });
    [lastMs, lastOperations] = [atMs, operations];
  };
}

/** Records every setting that is not a default, with who set it. */
export function recordSettings(cache: RunCache, { byJob }: DemoClients, log: EventLog): void {
  recordExplained('shared cache', cache.explain(), log);
  for (const job of JOBS) recordExplained(`${CLIENT_SUBJECT}${job}`, byJob[job].explain(), log);
}

function recordExplained(subject: string, rows: readonly Explained[], log: EventLog): void {
  for (const { key, value, setBy, shadowed, changes, note } of rows) {
    if (setBy === 'default' && changes.length === 0 && note === undefined) continue;
    const story = shadowed.map((old) => `${printValue(old.value)} by ${old.setBy}`);
    const remark = note === undefined ? '' : ` (${note})`;
    log.record({ kind: 'setting', subject, key, value: `${printValue(value)}${remark}`, setBy, shadowed: story });
  }
}

function operationsOf(cache: RunCache): number {
  const { hits, misses, sets } = cache.metrics();
  return hits + misses + sets;
}

function nameOf(target: number): TargetName {
  return target === 0 ? 'primary' : 'fallback';
}
