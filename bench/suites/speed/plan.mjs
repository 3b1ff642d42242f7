/** What the speed suite measures at each scale: cells of a workload, a size, a key shape and the subjects side by side. */
import { KEY_SHAPES } from '../../lib/keys/shapes.mjs';
import { POLICIES } from '../../lib/subjects/sherd.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';

/** Before a subject's name: caches of all policies live and work in its process. */
export const CROWDED = 'crowded ';

export const HOME_SIZE = 100_000;
export const HOME_SHAPE = 'random';
const SIZES = [10_000, 1_000_000];

/**
 * @typedef {object} Cell
 * @property {string} workload
 * @property {number} size
 * @property {string} shape
 * @property {string[]} subjects
 * @property {number} operations a round
 * @property {number} warmups
 * @property {number} launches
 * @property {number} rounds a launch
 */

const YARDSTICKS = ['map', 'lru-cache'];
const TWINS = YARDSTICKS.map(twinOf);
const OURS = ['sherd', 'sherd+no-ttl'];
const NEAREST = [...YARDSTICKS, 'lru-cache+ttl', 'sieve-cache', ...OURS];
const EVERYONE = [
  ...YARDSTICKS,
  'lru-cache+ttl',
  'mnemonist',
  'sieve-cache',
  'quick-lru',
  'quick-lru+ttl',
  'tiny-lru',
  'tiny-lru+ttl',
  'transitory',
  'transitory+ttl',
  'cacheable-memory',
  ...OURS,
  'sherd+no-ttl+no-metrics',
  ...POLICIES.map((policy) => `sherd+${policy}`),
];

/** Who joins a workload at home beyond the others, because a goal compares with it. */
const ALSO = /** @type {Record<string, string[]>} */ ({
  'get-same': ['lru-cache+ttl+counts'],
  zipf: ['transitory', `${CROWDED}sherd`],
});
const WORKLOADS = ['get-same', 'get-fresh', 'miss-fresh', 'update-same', 'update-fresh', 'set-evict', 'zipf'];
const QUICK_WORKLOADS = ['get-same', 'get-fresh', 'miss-fresh', 'set-evict', 'zipf'];
const SMOKE_WORKLOADS = ['get-fresh', 'set-evict'];
const AWAY_WORKLOADS = ['get-fresh', 'miss-fresh', 'set-evict', 'zipf'];

/**
 * Short rounds, so that what disturbs the machine for a while meets all subjects alike. Where entries come and go a round
 * is as long as turnovers of the cache take: the index's own housekeeping comes once in a while, and a median of rounds
 * that are shorter than that would not see it.
 */
const EFFORT = {
  full: {
    launches: 4,
    steady: { operations: 25_000, rounds: 30, warmups: 10 },
    turnover: { share: 0.5, rounds: 8, warmups: 2 },
  },
  quick: {
    launches: 2,
    steady: { operations: 15_000, rounds: 18, warmups: 10 },
    turnover: { share: 0.5, rounds: 5, warmups: 2 },
  },
  smoke: {
    launches: 1,
    steady: { operations: 2_000, rounds: 2, warmups: 1 },
    turnover: { share: 1, rounds: 2, warmups: 1 },
  },
};
/** Operations an entry in which the workload replaces the cache's entries a few times. */
const TURNOVER = /** @type {Record<string, number>} */ ({ 'set-evict': 4, zipf: 8 });
const MOST_OPERATIONS = 1_000_000;
/** Launches where few subjects stand beside each other, at other sizes and key shapes. */
const AWAY_LAUNCHES = 2;

/**
 * @param {string} workload
 * @param {number} size
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function effortOf(workload, size, { scale, wanted }) {
  const { launches, steady, turnover } = EFFORT[scale];
  const perEntry = TURNOVER[workload];
  const effort =
    perEntry === undefined
      ? steady
      : { ...turnover, operations: Math.max(1_000, Math.min(MOST_OPERATIONS, perEntry * turnover.share * size)) };
  const { operations, warmups, rounds } = effort;
  return { operations, warmups, launches: wanted.launches ?? launches, rounds: wanted.rounds ?? rounds };
}

/**
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 * @returns {Cell[]}
 */
export function planCells(context) {
  const { scale, wanted } = context;
  const homeSize = scale === 'smoke' ? 1_000 : HOME_SIZE;
  const workloads = wanted.workloads ?? { full: WORKLOADS, quick: QUICK_WORKLOADS, smoke: SMOKE_WORKLOADS }[scale];
  const base = process.env['SHERD_BASE'] === undefined ? [] : ['sherd-base', 'sherd-base+no-ttl'];
  const atHome = { full: EVERYONE, quick: NEAREST, smoke: OURS }[scale];
  const cell = (/** @type {string} */ workload, /** @type {number} */ size, /** @type {string} */ shape) => {
    const isHome = size === homeSize && shape === HOME_SHAPE;
    const chosen = wanted.subjects ?? [
      ...(isHome ? atHome : NEAREST),
      ...(isHome ? (ALSO[workload] ?? []) : []),
      ...base,
    ];
    const subjects = [...new Set([...YARDSTICKS, ...TWINS, ...chosen])].filter((subject) => canDo(workload, subject));
    const effort = effortOf(workload, size, context);
    const isAway = !isHome && wanted.launches === undefined;
    const launches = isAway ? Math.min(effort.launches, AWAY_LAUNCHES) : effort.launches;
    return { workload, size, shape, subjects, ...effort, launches };
  };
  if (wanted.sizes !== undefined || wanted.shapes !== undefined) {
    const shapes = wanted.shapes ?? [HOME_SHAPE];
    return (wanted.sizes ?? [homeSize]).flatMap((size) =>
      shapes.flatMap((shape) => workloads.map((workload) => cell(workload, size, shape))),
    );
  }
  const home = workloads.map((workload) => cell(workload, homeSize, HOME_SHAPE));
  if (scale !== 'full') return home;
  const away = workloads.filter((workload) => AWAY_WORKLOADS.includes(workload));
  const otherShapes = Object.keys(KEY_SHAPES).filter((shape) => shape !== HOME_SHAPE);
  return [
    ...home,
    ...SIZES.flatMap((size) => away.map((workload) => cell(workload, size, HOME_SHAPE))),
    ...otherShapes.flatMap((shape) => away.map((workload) => cell(workload, HOME_SIZE, shape))),
  ];
}

/**
 * A Map evicts nothing: it would only grow.
 * @param {string} workload
 * @param {string} subject
 */
function canDo(workload, subject) {
  return workload !== 'set-evict' || subject.replace(/#.*/, '') !== 'map';
}
