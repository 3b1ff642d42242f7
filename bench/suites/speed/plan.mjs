/** What the speed suite measures at each scale: cells of a workload, a size, a key shape and the subjects side by side. */
import { KEY_SHAPES } from '../../lib/keys/shapes.mjs';
import { POLICIES } from '../../lib/subjects/sherd.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';

/** Before a subject's name: caches of all policies live and work in its process. */
export const CROWDED = 'crowded ';

export const HOME_SIZE = 100_000;
export const HOME_SHAPE = 'random';
const SIZES = [10_000, 1_000_000];
/** Where keys are so long that a hundred thousand of them would be most of what a cell takes. */
const SIZE_OF_SHAPE = /** @type {Record<string, number>} */ ({ prompt: 10_000 });

/**
 * @typedef {object} Cell
 * @property {string} workload
 * @property {number} size
 * @property {string} shape
 * @property {{ name: string, launches: number }[]} subjects and how many of the launches each takes part in
 * @property {number} operations a round
 * @property {number} warmups
 * @property {number} launches
 * @property {number} rounds a launch
 */

const YARDSTICKS = ['map', 'lru-cache'];
const TWINS = YARDSTICKS.map(twinOf);
const OURS = ['sherd', 'sherd+no-ttl'];
const NEAREST = ['lru-cache+ttl', 'sieve-cache', ...OURS];
/** Whom no goal compares with: they stand beside the others at home, in fewer launches. */
const FURTHER = [
  'mnemonist',
  'quick-lru',
  'quick-lru+ttl',
  'tiny-lru',
  'tiny-lru+ttl',
  'transitory',
  'transitory+ttl',
  'cacheable-memory',
  'sherd+no-ttl+no-metrics',
  // The default is LRU; fifo and random are what the others are measured by, in the suite of hit ratios.
  ...POLICIES.filter((policy) => !['lru', 'fifo', 'random'].includes(policy)).map((policy) => `sherd+${policy}`),
];

/** Who joins a workload at home in all launches, because a goal compares with it. */
const ALSO = /** @type {Record<string, string[]>} */ ({
  'get-same': ['lru-cache+ttl+counts'],
  zipf: ['transitory', `${CROWDED}sherd`],
});
const WORKLOADS = ['get-same', 'get-fresh', 'miss-fresh', 'update-same', 'update-fresh', 'set-evict', 'zipf'];
const QUICK_WORKLOADS = ['get-same', 'get-fresh', 'miss-fresh', 'set-evict', 'zipf'];
const SMOKE_WORKLOADS = ['get-fresh', 'set-evict'];
const AWAY_WORKLOADS = ['get-fresh', 'miss-fresh', 'set-evict', 'zipf'];
/** Where everyone is measured at home; elsewhere only who is nearest. */
const CROWDED_WORKLOADS = ['get-same', 'get-fresh', 'set-evict', 'zipf'];

/**
 * Many launches of few rounds: where a process happens to lie in memory, and what its neighbours do meanwhile, differs
 * from launch to launch and stays the same for all rounds of one, so that only launches average it away. Rounds are short,
 * so that what disturbs the machine for a while meets all subjects alike. Where entries come and go a round is as long
 * as a turnover of the cache or nearly: the index's own housekeeping comes once in a while, and a median of rounds that
 * are shorter than that would not see it.
 */
const EFFORT = {
  full: {
    launches: 5,
    steady: { operations: 25_000, rounds: 6, warmUp: 125_000 },
    turnover: { share: 0.5, rounds: 3, warmUp: 500_000 },
  },
  quick: {
    launches: 4,
    steady: { operations: 25_000, rounds: 6, warmUp: 125_000 },
    turnover: { share: 0.5, rounds: 3, warmUp: 500_000 },
  },
  smoke: {
    launches: 1,
    steady: { operations: 2_000, rounds: 2, warmUp: 2_000 },
    turnover: { share: 1, rounds: 2, warmUp: 2_000 },
  },
};
/** Operations an entry in which the workload replaces about twice as many entries as the cache has. */
const TURNOVER = /** @type {Record<string, number>} */ ({ 'set-evict': 2, zipf: 4 });
const LEAST_OPERATIONS = { full: 25_000, quick: 25_000, smoke: 1_000 };
const MOST_OPERATIONS = 250_000;
/** Of those that are further off, and of cells away from home. A null comparison that strays adds as many again. */
const FEW_LAUNCHES = 2;

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
      : { ...turnover, operations: clamp(perEntry * turnover.share * size, LEAST_OPERATIONS[scale], MOST_OPERATIONS) };
  const { operations, warmUp, rounds } = effort;
  const warmups = Math.ceil(warmUp / operations);
  return { operations, warmups, launches: wanted.launches ?? launches, rounds: wanted.rounds ?? rounds };
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}

/**
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 * @returns {Cell[]}
 */
export function planCells(context) {
  const { scale, wanted } = context;
  const homeSize = scale === 'smoke' ? 1_000 : HOME_SIZE;
  const workloads = wanted.workloads ?? { full: WORKLOADS, quick: QUICK_WORKLOADS, smoke: SMOKE_WORKLOADS }[scale];
  const cell = (/** @type {string} */ workload, /** @type {number} */ size, /** @type {string} */ shape) => {
    const isHome = size === homeSize && shape === HOME_SHAPE;
    const effort = effortOf(workload, size, context);
    const isAway = !isHome && wanted.launches === undefined;
    const launches = isAway ? Math.min(effort.launches, FEW_LAUNCHES) : effort.launches;
    const subjects = subjectsOf(workload, { isHome, isOtherShape: shape !== HOME_SHAPE }, context);
    const joining = subjects.map((name) => {
      return { name, launches: isFurther(name, workload, wanted) ? Math.min(launches, FEW_LAUNCHES) : launches };
    });
    return { workload, size, shape, subjects: joining, ...effort, launches };
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
    ...otherShapes.flatMap((shape) => away.map((workload) => cell(workload, SIZE_OF_SHAPE[shape] ?? HOME_SIZE, shape))),
  ];
}

/**
 * @param {string} workload
 * @param {{ isHome: boolean, isOtherShape: boolean }} place
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function subjectsOf(workload, { isHome, isOtherShape }, { scale, wanted }) {
  const base = process.env['SHERD_BASE'] === undefined ? [] : ['sherd-base', 'sherd-base+no-ttl'];
  const chosen = wanted.subjects ?? [
    // Whether entries expire does not depend on what their keys look like.
    ...(isOtherShape ? ['sherd'] : isHome && scale !== 'smoke' ? NEAREST : ['lru-cache+ttl', ...OURS]),
    ...(isHome ? (ALSO[workload] ?? []) : []),
    ...(isHome && scale === 'full' && CROWDED_WORKLOADS.includes(workload) ? FURTHER : []),
    ...base,
  ];
  const twins = isHome ? TWINS : [twinOf('lru-cache')];
  return [...new Set([...YARDSTICKS, ...twins, ...chosen])].filter((subject) => canDo(workload, subject));
}

/**
 * @param {string} subject
 * @param {string} workload
 * @param {import('../../lib/suite.mjs').SuiteContext['wanted']} wanted
 */
function isFurther(subject, workload, wanted) {
  return wanted.subjects === undefined && FURTHER.includes(subject) && !ALSO[workload]?.includes(subject);
}

/**
 * A Map evicts nothing: it would only grow.
 * @param {string} workload
 * @param {string} subject
 */
function canDo(workload, subject) {
  return workload !== 'set-evict' || subject.replace(/#.*/, '') !== 'map';
}
