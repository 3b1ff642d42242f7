/** What the guide expects of its four recipes, and the verdicts. */
import { judge, least, most } from '../../lib/goal.mjs';

const MIB = 2 ** 20;

/** @param {any} data */
export function judgeReadHeavy({ hitRatio, gets, heapGrowth, seconds, attainable }) {
  return [
    judge(least('read-heavy: hit ratio', 95, '%'), 100 * hitRatio, {
      note: `${(100 * attainable).toFixed(1)} % for a cache that knows the most asked for keys`,
    }),
    judge(most('read-heavy: p99 of a get', 100, 'us'), 1000 * gets.p99Ms, { note: `p50 ${us(gets.p50Ms)}` }),
    judge(most(`read-heavy: heap growth in ${Math.round(seconds)} s`, 1, '%'), 100 * heapGrowth),
  ];
}

/** @param {any} data */
export function judgeWriteHeavy({ sets, garbage, cpuCores }) {
  return [
    judge(most('write-heavy: p99 of a set', 200, 'us'), 1000 * sets.p99Ms, {
      note: `p50 ${us(sets.p50Ms)}; ${(100 * garbage.share).toFixed(1)} % of the time in collections, ${cpuCores.toFixed(2)} cores`,
    }),
  ];
}

/** @param {any} data */
export function judgeBursty({ degradation, lost, recoveryMs, base, burst, spike }) {
  const recovered = recoveryMs === null ? undefined : recoveryMs / 1000;
  return [
    judge(most(`bursty: operations lost or wrong at ${spike}x`, 0, ''), lost),
    judge(most(`bursty: p50 at ${spike}x above that of the base rate`, 20, '%'), 100 * degradation, {
      note: `${us(base.p50Ms)} -> ${us(burst.p50Ms)}; p99 ${us(base.p99Ms)} -> ${us(burst.p99Ms)}`,
    }),
    judge(most('bursty: until p99 is calm again', 30, 's'), recovered),
  ];
}

/** @param {any} data */
export function judgeMemoryServer({ text, object, nulls }) {
  const isVoid = nulls.some((/** @type {{ isVoid: boolean }} */ each) => each.isVoid);
  return [
    judge(most('memory: accounted bytes, guide recipe', 100, 'MiB'), Math.max(text.mostBytes, object.mostBytes) / MIB),
    judge(least('memory: hit ratio, guide recipe', 60, '%'), 100 * text.hitRatio),
    judgeCompression('texts', { ...text, isVoid }),
    judgeCompression('objects', { ...object, isVoid }),
  ];
}

/** @param {string} kind @param {any} data */
function judgeCompression(kind, { cpuRatio, cpuUsPlain, compressionRatio, isVoid }) {
  return judge(most(`memory: CPU of a request with compressed ${kind}`, 1.2, 'x'), cpuRatio.median, {
    isVoid,
    note: `${(cpuUsPlain * (cpuRatio.median - 1)).toFixed(0)} us on top of ${cpuUsPlain.toFixed(0)} us; quartiles ${cpuRatio.low.toFixed(2)}..${cpuRatio.high.toFixed(2)}; values ${compressionRatio.toFixed(2)}x smaller`,
  });
}

/** @param {any} data */
export function judgeMemoryLimit({ mostBytes, hitRatio, entries, evictions, rssBytes }) {
  return [
    judge(most('memory: accounted bytes where the limit binds', 100, 'MiB'), mostBytes / MIB, {
      note: `${entries} entries, ${evictions} evictions; the process grew by ${(rssBytes / MIB).toFixed(0)} MiB`,
    }),
    judge(least('memory: hit ratio where the limit binds', 60, '%'), 100 * hitRatio),
  ];
}

/** @param {number} ms */
function us(ms) {
  return `${(1000 * ms).toFixed(1)} us`;
}
