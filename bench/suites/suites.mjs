/** The suites by name, in the order they run, loaded when asked for. */

/** @type {Record<string, () => Promise<{ suite: import('../lib/suite.mjs').Suite }>>} */
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

/** @param {readonly string[]} names */
export async function loadSuites(names) {
  const modules = await Promise.all(names.map((name) => SUITES[name]?.()));
  return modules.flatMap((module) => (module === undefined ? [] : [module.suite]));
}
