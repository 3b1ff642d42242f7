/** Caches and traffic for the part of the tuning suite that runs live. Data. */

/**
 * @typedef {object} LivePhase
 * @property {string} name
 * @property {number} ratePerSecond
 * @property {number} seconds
 * @property {number} writeShare sets of a key; the rest are gets, followed by a set on a miss
 * @property {number} newShare of the sets: to a key never seen before
 * @property {number} keysFrom number of the first of the keys asked for: another one is another set of keys
 * @property {number} keys asked for, by Zipf's law
 * @property {number} valueBytes
 */

/**
 * @typedef {object} LivePlan
 * @property {string} name
 * @property {string} about
 * @property {number} capacity
 * @property {number | undefined} shardCount undefined: the default
 * @property {number} preload entries before the first phase
 * @property {LivePhase[]} phases
 */

const CALM = { ratePerSecond: 50, writeShare: 0.1, newShare: 0, keysFrom: 0, keys: 50_000, valueBytes: 200 };

/** @type {LivePlan[]} */
const LIVE_PLANS = [
  {
    name: 'shifting traffic',
    about: 'default shards, a hundred thousand entries: rate, keys, sizes and writes shift',
    capacity: 100_000,
    shardCount: undefined,
    preload: 50_000,
    phases: [
      { name: 'calm', seconds: 4, ...CALM },
      { ...CALM, name: 'busy', seconds: 4, ratePerSecond: 4_000 },
      { ...CALM, name: 'rush, new keys', seconds: 5, ratePerSecond: 40_000, keysFrom: 40_000, valueBytes: 1_000 },
      {
        ...CALM,
        name: 'rush of writes',
        seconds: 5,
        ratePerSecond: 40_000,
        keysFrom: 40_000,
        writeShare: 0.6,
        newShare: 0.5,
      },
      { ...CALM, name: 'calm again', seconds: 4, keysFrom: 40_000 },
    ],
  },
  {
    name: 'growth on few shards',
    about: 'two shards that already hold much, and then a rush of new entries: each shard that grows is a pause',
    capacity: 2_000_000,
    shardCount: 2,
    preload: 450_000,
    phases: [
      { name: 'calm', seconds: 5, ...CALM },
      { ...CALM, name: 'growth', seconds: 8, ratePerSecond: 40_000, writeShare: 0.7, newShare: 1 },
    ],
  },
  {
    name: 'calm on many entries',
    about: 'many entries on the default shards and little traffic, for which the guide wants few shards; then growth',
    capacity: 2_000_000,
    shardCount: undefined,
    preload: 450_000,
    phases: [
      { name: 'calm', seconds: 5, ...CALM },
      { ...CALM, name: 'growth', seconds: 8, ratePerSecond: 40_000, writeShare: 0.7, newShare: 1 },
    ],
  },
];

/** @param {import('../../lib/suite.mjs').Scale} scale */
export function livePlansFor(scale) {
  const factor = scale === 'smoke' ? 0.1 : 0.5;
  const plans = scale === 'smoke' ? LIVE_PLANS.slice(0, 1) : LIVE_PLANS;
  return plans.map((plan) => ({
    ...plan,
    preload: scale === 'smoke' ? 1_000 : plan.preload,
    phases: plan.phases.map((phase) => ({ ...phase, seconds: phase.seconds * factor })),
  }));
}
