/**
 * Traffic that changes while a cache runs: its rate, its keys, their lifetimes, sizes and the share of writes. Data; the
 * simulation plays it in a time of its own, so that hours of traffic take seconds and every run is the same.
 */

/**
 * @typedef {object} Traffic
 * @property {number} minutes
 * @property {number} ratePerSecond
 * @property {number} lastingKeys distinct keys that are read again and again and live as long as they are kept
 * @property {number} [keysFrom] number of the first of them: another one is another set of keys
 * @property {number} [fleetingShare] of the requests: sets of a key nobody asks for again, with a lifetime of its own
 * @property {string} [fleetingTtl]
 * @property {number} [writeShare] of the other requests: sets; the rest are gets, followed by a set on a miss
 * @property {number} [valueBytes]
 * @property {number} [jitter] the rate of each minute is off by up to this share, either way
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} about
 * @property {number} capacity
 * @property {(sherd: any) => readonly unknown[]} options besides capacity, clock, seed and tuning
 * @property {number} warmUpMinutes not counted in the hit ratio
 * @property {'undone' | 'helps' | 'neutral'} expected what a tuner that does no harm has to show
 * @property {Traffic[]} phases
 */

const MIXED = { lastingKeys: 8_000, fleetingShare: 0.5, fleetingTtl: '30s' };

/** @type {Scenario[]} */
const SCENARIOS = [
  {
    name: 'quiet, mixed lifetimes',
    about: 'a full cache in which a longer cleanup interval lets dead entries push out living ones',
    capacity: 10_000,
    options: () => [],
    warmUpMinutes: 10,
    expected: 'undone',
    phases: [{ minutes: 120, ratePerSecond: 90, ...MIXED }],
  },
  {
    name: 'busy, mixed lifetimes',
    about: 'the same with the ten-minute cleanup of the read-heavy recipe, which busier traffic shortens',
    capacity: 130_000,
    options: (sherd) => [sherd.withPerformanceProfile('high-throughput')],
    warmUpMinutes: 10,
    expected: 'helps',
    phases: [{ minutes: 40, ratePerSecond: 1_200, lastingKeys: 80_000, fleetingShare: 0.25, fleetingTtl: '30s' }],
  },
  {
    name: 'a day',
    about: 'the rate climbs through the tiers and falls again, and with it keys, sizes and writes change',
    capacity: 10_000,
    options: (sherd) => [sherd.withMemoryLimit('8MiB')],
    warmUpMinutes: 10,
    expected: 'neutral',
    phases: [
      { minutes: 30, ratePerSecond: 40, lastingKeys: 12_000, valueBytes: 200 },
      { minutes: 15, ratePerSecond: 400, lastingKeys: 12_000, valueBytes: 400 },
      { minutes: 15, ratePerSecond: 3_000, lastingKeys: 20_000, keysFrom: 6_000, valueBytes: 400, writeShare: 0.1 },
      { minutes: 15, ratePerSecond: 400, lastingKeys: 12_000, keysFrom: 14_000, valueBytes: 1_000, writeShare: 0.5 },
      { minutes: 30, ratePerSecond: 40, lastingKeys: 12_000, keysFrom: 14_000, valueBytes: 200 },
    ],
  },
  {
    name: 'around a border',
    about: 'a rate that wanders around 100 requests a second, where two tiers meet',
    capacity: 5_000,
    options: () => [],
    warmUpMinutes: 10,
    expected: 'neutral',
    phases: [{ minutes: 300, ratePerSecond: 72, lastingKeys: 8_000, jitter: 0.05 }],
  },
  {
    name: 'keys turn over',
    about: 'each change of the rate brings a new set of keys: what falls then is not the doing of the tuner',
    capacity: 5_000,
    options: () => [],
    warmUpMinutes: 10,
    expected: 'neutral',
    phases: Array.from({ length: 8 }, (_, i) => ({
      minutes: 12,
      ratePerSecond: i % 2 === 0 ? 300 : 1_500,
      lastingKeys: 6_000,
      keysFrom: 6_000 * i,
    })),
  },
];

/** As the full ones, in a time that fits a quick or a smoke run. @param {import('../../lib/suite.mjs').Scale} scale */
export function scenariosFor(scale) {
  if (scale === 'full') return SCENARIOS;
  const names =
    scale === 'quick' ? ['quiet, mixed lifetimes', 'busy, mixed lifetimes', 'a day'] : ['quiet, mixed lifetimes'];
  return SCENARIOS.filter(({ name }) => names.includes(name)).map((scenario) =>
    scale === 'quick' ? scenario : { ...scenario, warmUpMinutes: 5, phases: [{ ...firstOf(scenario), minutes: 15 }] },
  );
}

/** @param {Scenario} scenario @returns {Traffic} */
function firstOf({ phases: [first] }) {
  if (first === undefined) throw new Error('a scenario has a phase');
  return first;
}
