/**
 * Suite `costs`: what each feature costs on a get and on a set, as a multiple of a bare cache in the same run, at several
 * value sizes. Interleaved rounds, one feature a process; see lib/rounds.mjs.
 */
import { judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { BARE, FEATURES, featureOf } from './features.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const TWIN = `${BARE}#2`;
const VALUE_SIZES = [200, 4096, 32_768];
const HOME_SIZE = 200;
const ENTRY_BYTES = 64 * 2 ** 20;
const MOST_ENTRIES = 20_000;

const EFFORT = {
  full: { sizes: VALUE_SIZES, launches: 3, rounds: 4, stretchMs: 40 },
  quick: { sizes: [HOME_SIZE, 4096], launches: 3, rounds: 3, stretchMs: 30 },
  smoke: { sizes: [HOME_SIZE], launches: 1, rounds: 2, stretchMs: 4 },
};

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */
/** @typedef {import('../../lib/statistics.mjs').Summary} Summary */
/** @typedef {'get' | 'set'} Verb */

/**
 * @typedef {object} Row
 * @property {string} feature
 * @property {number} valueBytes
 * @property {Summary} get cost as a multiple of the bare cache's
 * @property {Summary} set
 * @property {number} getUs CPU time, this machine's
 * @property {number} setUs
 * @property {number} compressionRatio bytes before over bytes after; 1 without compression
 * @property {number} bytesPerEntry as the cache counts them
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'costs',
  title: 'what each feature costs, as a multiple of a bare cache',
  minutes: { full: 2.5, quick: 1.5 },
  async run(context) {
    const effort = EFFORT[context.scale];
    const { sizes, ...plan } = { ...effort, ...pickNumbers(context.wanted) };
    /** @type {Row[]} */
    const rows = [];
    const nulls = [];
    for (const valueBytes of sizes) {
      const measured = await measureSize(valueBytes, plan, context);
      rows.push(...measured.rows);
      nulls.push(...measured.nulls);
      context.print(`\n${costTable(measured.rows)}`);
    }
    context.print(`\n${pathTable(rows)}`);
    return { nulls, verdicts: judgeMetrics(rows, nulls), data: { rows } };
  },
};

/**
 * @param {number} valueBytes
 * @param {{ launches: number, rounds: number, stretchMs: number }} plan
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
async function measureSize(valueBytes, { launches, rounds, stretchMs }, { wanted, signal, progress, scale }) {
  const features = featuresAt(valueBytes, wanted.subjects, scale);
  const entries = Math.min(MOST_ENTRIES, Math.floor(ENTRY_BYTES / valueBytes));
  const contenders = [BARE, TWIN, ...features].map((feature) => ({
    name: feature,
    module: JOB,
    options: { feature, valueBytes, entries: scale === 'smoke' ? 500 : entries, stretchMs },
  }));
  const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
    progress(`values of ${valueBytes} B: round ${done} of ${of}, ${contenders.length} processes`);
  const nullsOf = (/** @type {Map<string, Sample[]>} */ samples) =>
    /** @type {Verb[]} */ (['get', 'set']).map((verb) =>
      judgeNull(BARE, `${verb}, values of ${valueBytes} B`, costRatio(samples, TWIN, verb).median),
    );
  const strays = (/** @type {Map<string, Sample[]>} */ samples) =>
    scale !== 'smoke' && nullsOf(samples).some(({ isVoid }) => isVoid);
  const samples = await measureUntil(contenders, { launches, rounds, signal, onRound }, strays);
  const rows = [BARE, ...features].map((feature) => ({
    feature,
    valueBytes,
    get: costRatio(samples, feature, 'get'),
    set: costRatio(samples, feature, 'set'),
    getUs: medianUs(samples.get(feature), 'get'),
    setUs: medianUs(samples.get(feature), 'set'),
    ...shapeOf(samples.get(feature)),
  }));
  return { rows, nulls: nullsOf(samples) };
}

/** How many times the bare cache's cost a verb has with a feature. */
function costRatio(
  /** @type {Map<string, Sample[]>} */ samples,
  /** @type {string} */ feature,
  /** @type {Verb} */ verb,
) {
  const of = (/** @type {string} */ name) =>
    (samples.get(name) ?? []).map((sample) => ({ ...sample, ...sample[verb] }));
  return speedRatio(of(BARE), of(feature));
}

/** @param {Sample[] | undefined} samples @param {Verb} verb */
function medianUs(samples, verb) {
  return median((samples ?? []).map((sample) => sample[verb].cpuNs / sample[verb].operations / 1000));
}

/** @param {Sample[] | undefined} samples */
function shapeOf(samples) {
  const last = samples?.at(-1);
  return { compressionRatio: Number(last?.['compressionRatio']), bytesPerEntry: Number(last?.['bytesPerEntry']) };
}

/** @param {number} valueBytes @param {readonly string[] | undefined} wanted @param {string} scale */
function featuresAt(valueBytes, wanted, scale) {
  const names = (wanted ?? Object.keys(FEATURES)).filter((name) => name !== BARE);
  if (scale === 'smoke' && wanted === undefined) return ['ttl', 'metrics', 'tags', 'lz4'];
  return names.filter((name) => valueBytes === HOME_SIZE || featureOf(name).dependsOnSize === true);
}

/**
 * Sampling is promised to cost under 5 %.
 * @param {readonly Row[]} rows
 * @param {readonly import('../../lib/null-comparison.mjs').NullComparison[]} nulls
 */
function judgeMetrics(rows, nulls) {
  const isVoid = nulls.some((each) => each.isVoid);
  const row = rows.find(({ feature }) => feature === 'metrics');
  if (row === undefined) return [];
  return /** @type {Verb[]} */ (['get', 'set']).map((verb) =>
    judge(
      { area: `metrics, cost of a ${verb}`, text: '<= 1.05x without', bound: 1.05, sense: 'most', unit: 'x' },
      row[verb].median,
      { isVoid },
    ),
  );
}

/** @param {readonly Row[]} rows */
function costTable(rows) {
  return textTable(
    ['value', 'feature', 'get', 'quartiles', 'us', 'set', 'quartiles', 'us', 'compression', 'bytes/entry'],
    rows.map(({ feature, valueBytes, get, set, getUs, setUs, compressionRatio, bytesPerEntry }) => [
      `${valueBytes} B`,
      feature,
      `${get.median.toFixed(2)}x`,
      `${get.low.toFixed(2)}..${get.high.toFixed(2)}`,
      getUs.toFixed(2),
      `${set.median.toFixed(2)}x`,
      `${set.low.toFixed(2)}..${set.high.toFixed(2)}`,
      setUs.toFixed(2),
      compressionRatio === 1 ? '' : `${compressionRatio.toFixed(2)}x`,
      bytesPerEntry.toFixed(0),
    ]),
  );
}

/** @param {readonly Row[]} rows */
function pathTable(rows) {
  const names = [...new Set(rows.map(({ feature }) => feature))];
  return textTable(
    ['feature', 'in the call', 'off the hot path'],
    names.map((name) => [name, featureOf(name).onPath, featureOf(name).offPath]),
  );
}

/** @param {import('../../lib/suite.mjs').SuiteContext['wanted']} wanted */
function pickNumbers({ sizes, launches, rounds }) {
  return {
    ...(sizes === undefined ? {} : { sizes }),
    ...(launches === undefined ? {} : { launches }),
    ...(rounds === undefined ? {} : { rounds }),
  };
}
