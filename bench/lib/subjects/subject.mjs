/**
 * What is measured, by name: a base and its variants, joined by `+`.
 * Bases: the names of RIVALS, `sherd`, `sherd-base`. Variants: `ttl`, `no-ttl`, `counts` (rivals), `no-metrics` and a
 * policy's name (sherd). A trailing `#2` marks a twin: the same thing in a process of its own, for the null comparison.
 * Without variants a rival has no TTL, as it comes; sherd has its defaults, which are a TTL of five minutes and metrics.
 */
import { RIVALS } from './rivals.mjs';
import { createSherd, POLICIES } from './sherd.mjs';

/** Long enough that nothing expires while we measure speed. */
const TTL_MS = 300_000;

/**
 * @typedef {object} Wanted
 * @property {number} [ttlMs] instead of the subject's own; 0: never expires
 * @property {number} [seed] of what is random in the cache itself, for runs that must be identical
 */

/**
 * @typedef {object} Subject
 * @property {string} name as given
 * @property {string} base
 * @property {string | undefined} policy
 * @property {boolean} hasTtl
 * @property {boolean} canExpire whether it has a TTL at all
 * @property {boolean} canDelete
 * @property {boolean} isExact whether any `capacity` keys are all held
 * @property {(capacity: number) => number} bound the most entries it may hold
 * @property {(capacity: number, wanted?: Wanted) => Promise<import('./rivals.mjs').MeasuredCache>} create
 */

/**
 * @param {string} name
 * @returns {Subject}
 */
export function subjectOf(name) {
  const [base = '', ...variants] = name.replace(/#\d+$/, '').split('+');
  return base.startsWith('sherd') ? sherdSubject(name, base, variants) : rivalSubject(name, base, variants);
}

/**
 * The other of a pair for a null comparison.
 * @param {string} name
 */
export function twinOf(name) {
  return `${name}#2`;
}

/** @returns {Subject} */
function sherdSubject(/** @type {string} */ name, /** @type {string} */ base, /** @type {string[]} */ variants) {
  const unknown = variants.find((each) => !['no-ttl', 'no-metrics', ...POLICIES].includes(each));
  if (!['sherd', 'sherd-base'].includes(base) || unknown !== undefined) throw new Error(`subject '${name}' is unknown`);
  const policy = variants.find((each) => POLICIES.includes(each));
  const hasTtl = !variants.includes('no-ttl');
  const variant = {
    hasMetrics: !variants.includes('no-metrics'),
    isBase: base === 'sherd-base',
    ...(policy === undefined ? {} : { policy }),
  };
  return {
    name,
    base,
    policy,
    hasTtl,
    canExpire: true,
    canDelete: true,
    isExact: true,
    bound: (capacity) => capacity,
    create: (capacity, { ttlMs = hasTtl ? TTL_MS : 0, seed } = {}) =>
      createSherd({ capacity, ttlMs, ...variant, ...(seed === undefined ? {} : { seed }) }),
  };
}

/** @returns {Subject} */
function rivalSubject(/** @type {string} */ name, /** @type {string} */ base, /** @type {string[]} */ variants) {
  const rival = RIVALS[base];
  const unknown = variants.find((each) => !['ttl', 'counts'].includes(each));
  if (rival === undefined || unknown !== undefined) throw new Error(`subject '${name}' is unknown`);
  const hasTtl = variants.includes('ttl');
  if (hasTtl && !rival.hasTtl) throw new Error(`subject '${name}': ${base} has no TTL`);
  return {
    name,
    base,
    policy: undefined,
    hasTtl,
    canExpire: rival.hasTtl,
    canDelete: rival.hasDelete !== false,
    isExact: rival.isExact,
    bound: rival.bound,
    create: (capacity, { ttlMs = hasTtl ? TTL_MS : 0 } = {}) =>
      rival.create({ capacity, ttlMs, counts: variants.includes('counts') }),
  };
}
