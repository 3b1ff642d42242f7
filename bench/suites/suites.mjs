/** The suites by name, in the order they run, loaded when asked for. */

/** @typedef {Record<string, () => Promise<{ suite: import('../lib/suite.mjs').Suite }>>} Suites */

/** @type {Suites} What runs when none is named. */
export const SUITES = {
  speed: () => import('./speed/suite.mjs'),
  keys: () => import('./keys/suite.mjs'),
  memory: () => import('./memory/suite.mjs'),
  growth: () => import('./growth/suite.mjs'),
  steps: () => import('./steps/suite.mjs'),
  gc: () => import('./gc/suite.mjs'),
  workloads: () => import('./workloads/suite.mjs'),
  micro: () => import('./micro/suite.mjs'),
  costs: () => import('../effects/costs/suite.mjs'),
  gates: () => import('../effects/gates/suite.mjs'),
  tuning: () => import('../effects/tuning/suite.mjs'),
  effects: () => import('../effects/llm/suite.mjs'),
  'hit-ratio': () => import('../effects/hit-ratio/suite.mjs'),
  llm: () => import('../llm/suite.mjs'),
};

/** @type {Suites} Of the client under load, over real time: run by their names only. */
export const LOAD_SUITES = {
  saturation: () => import('../load/saturation/suite.mjs'),
  soak: () => import('../load/soak/suite.mjs'),
  failures: () => import('../load/failures/suite.mjs'),
  limits: () => import('../load/limits/suite.mjs'),
};

/** All of them, in the order of the page. */
export const SUITE_NAMES = [...Object.keys(SUITES), ...Object.keys(LOAD_SUITES)];

/** @param {readonly string[]} names */
export async function loadSuites(names) {
  const modules = await Promise.all(names.map((name) => (SUITES[name] ?? LOAD_SUITES[name])?.()));
  return modules.flatMap((module) => (module === undefined ? [] : [module.suite]));
}
