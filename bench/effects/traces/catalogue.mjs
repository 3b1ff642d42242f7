/**
 * The public traces that hit ratios are measured on: where each comes from, how it is written, and whether it may be
 * looked at while parameters are chosen. The files are not part of this repository: SHERD_TRACES names their folder.
 */

/** @typedef {'mooncake' | 'arc' | 'lines' | 'int32' | 'int64'} Format */

/**
 * @typedef {object} TraceEntry
 * @property {string} name
 * @property {string} file inside the folder of traces
 * @property {Format} format see decode.mjs
 * @property {'chosen' | 'untouched'} group chosen: adaptive's parameters were chosen on it; untouched: they never saw it
 * @property {boolean} isLlm whether it is traffic of a language model
 * @property {boolean} isShort whether it belongs into a quick run
 * @property {number} accesses what a whole file gives; another count is another trace
 * @property {string} what
 * @property {string} source
 */

/** @type {TraceEntry[]} */
export const TRACES = [
  {
    name: 'mooncake',
    file: 'mooncake/conversation_trace.jsonl',
    format: 'mooncake',
    group: 'chosen',
    isLlm: true,
    isShort: true,
    accesses: 288_500,
    what: 'prefix blocks of an hour of real chat requests to a language model',
    source: 'github.com/kvcache-ai/Mooncake, FAST25-release/traces (Qin et al., FAST 2025)',
  },
  {
    name: 'scarab',
    file: 'scarab/scarab-recs.trace.xz',
    format: 'int64',
    group: 'chosen',
    isLlm: false,
    isShort: false,
    accesses: 1_245_184,
    what: 'product recommendations of shops',
    source: 'github.com/ben-manes/caffeine, simulator resources, parser/scarab',
  },
  {
    name: 'multi2',
    file: 'lirs/multi2.trace.gz',
    format: 'lines',
    group: 'chosen',
    isLlm: false,
    isShort: true,
    accesses: 26_311,
    what: 'block accesses of several programs at once',
    source: 'github.com/ben-manes/caffeine, simulator resources, parser/lirs (Jiang, Zhang, SIGMETRICS 2002)',
  },
  {
    name: 'oltp',
    file: 'arc/OLTP.lis.zst',
    format: 'arc',
    group: 'untouched',
    isLlm: false,
    isShort: false,
    accesses: 914_145,
    what: 'an hour of block accesses of a database',
    source: 'github.com/moka-rs/cache-trace, arc (Megiddo, Modha, FAST 2003)',
  },
  {
    name: 'web07',
    file: 'cache2k/web07.trace.xz',
    format: 'int32',
    group: 'untouched',
    isLlm: false,
    isShort: true,
    accesses: 76_118,
    what: 'a page cache of a web shop',
    source: 'github.com/ben-manes/caffeine, simulator resources, parser/cache2k',
  },
  {
    name: 'orm-busy',
    file: 'cache2k/orm-busy.trace.xz',
    format: 'int32',
    group: 'untouched',
    isLlm: false,
    isShort: false,
    accesses: 5_000_000,
    what: 'an object-relational mapper in its busy hour',
    source: 'github.com/ben-manes/caffeine, simulator resources, parser/cache2k',
  },
  lirs('gli', 6_015, 'a text search tool'),
  lirs('loop', 505_500, 'a loop over a set larger than the cache'),
  lirs('cpp', 9_047, 'a compiler'),
  lirs('ps', 10_448, 'a page interpreter'),
];

/** @returns {TraceEntry} */
function lirs(/** @type {string} */ name, /** @type {number} */ accesses, /** @type {string} */ what) {
  return {
    name,
    file: `lirs/${name}.trace.gz`,
    format: 'lines',
    group: 'untouched',
    isLlm: false,
    isShort: true,
    accesses,
    what: `block accesses of ${what}`,
    source: 'github.com/ben-manes/caffeine, simulator resources, parser/lirs',
  };
}
