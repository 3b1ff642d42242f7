/** The goals that speed decides: DESIGN's rows, each as a subject, a yardstick and a ratio between them. */
import { CROWDED } from './plan.mjs';

/**
 * @typedef {object} SpeedGoal
 * @property {string} workload
 * @property {string} subject
 * @property {string} yardstick
 * @property {import('../../lib/goal.mjs').Goal} goal
 */

/** @type {SpeedGoal[]} */
export const GOALS = [
  goal('get-fresh', 'sherd', 'map', 1.2, 'fresh get-hit'),
  goal('miss-fresh', 'sherd', 'map', 2, 'fresh get-miss'),
  goal('get-same', 'sherd', 'lru-cache+ttl+counts', 1.5, 'same-object get, TTL and stats on both'),
  goal('zipf', 'sherd', 'lru-cache', 1.5, 'zipf 90/10 fresh, default policy'),
  goal('zipf', 'sherd', 'transitory', 2.3, 'zipf 90/10 fresh, default policy'),
  goal('zipf', `${CROWDED}sherd`, 'sherd', 0.8, 'the same with all policies live in the process'),
  goal('set-evict', 'sherd+no-ttl', 'lru-cache', 1.5, 'set + evict'),
  goal('set-evict', 'sherd', 'lru-cache+ttl', 2.5, 'set + evict, with TTL'),
];

/** @returns {SpeedGoal} */
function goal(
  /** @type {string} */ workload,
  /** @type {string} */ subject,
  /** @type {string} */ yardstick,
  /** @type {number} */ bound,
  /** @type {string} */ area,
) {
  const text = `>= ${bound}x ${yardstick}`;
  return { workload, subject, yardstick, goal: { area, text, bound, sense: 'least', unit: 'x' } };
}
