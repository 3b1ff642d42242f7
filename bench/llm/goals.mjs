/** The goals of the client that this suite decides: DESIGN's rows. */

/** What all of a client is: answers with types, stored, guarded by retries and a breaker. */
export const WHOLE_CLIENT = 'sherd+cache';

/** @typedef {import('../lib/goal.mjs').Goal} Goal */

/** By the name of a cell: CPU time of WHOLE_CLIENT over undici.request. @type {Record<string, Goal>} */
export const CALL_GOALS = {
  unary: callGoal('client call over undici.request, unary', 1, 'a call'),
  burst: callGoal('client call over undici.request, stream in one write', 1.5, 'a chunk'),
  paced: callGoal('client call over undici.request, stream of a write a chunk', 1.5, 'a chunk'),
  'unary-anthropic': callGoal('the same with the Anthropic format, unary', 1, 'a call'),
  'burst-anthropic': callGoal('the same with the Anthropic format, stream in one write', 1.5, 'a chunk'),
  'paced-anthropic': callGoal('the same with the Anthropic format, stream of a write a chunk', 1.5, 'a chunk'),
};

/** @returns {Goal} */
function callGoal(/** @type {string} */ area, /** @type {number} */ bound, /** @type {string} */ of) {
  return { area, text: `<= ${bound}x ${of}`, bound, sense: 'most', unit: 'x' };
}

/** By the size of the question: an answer from the cache over JSON.stringify and SHA-256 of the request. */
export const HIT_GOALS = [1_024, 32_768].map((characters) => ({
  characters,
  goal: /** @type {Goal} */ ({
    area: `in-process answer hit, question of ${characters / 1_024} KB`,
    text: '<= 2x JSON.stringify + SHA-256',
    bound: 2,
    sense: 'most',
    unit: 'x',
  }),
}));

/** By the entry that is imported, beside the rivals that do its job. */
export const IMPORT_GOALS = [
  { entry: 'sherd', rivals: ['openai', 'ai + @ai-sdk/openai'], goal: importGoal('sherd', 60) },
  { entry: 'sherd/cache', rivals: ['lru-cache'], goal: importGoal('sherd/cache', 15) },
];

/** @returns {Goal} */
function importGoal(/** @type {string} */ entry, /** @type {number} */ bound) {
  return { area: `import of ${entry}`, text: `<= ${bound} ms`, bound, sense: 'most', unit: 'ms' };
}

/** Its area names the calls. @type {Omit<Goal, 'area'>} */
export const IDENTICAL_GOAL = { text: '1 upstream call', bound: 1, sense: 'most', unit: 'calls' };
