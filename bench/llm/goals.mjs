/** The goals of the client that this suite decides: DESIGN's rows. */

import { most } from '../lib/goal.mjs';

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
  return { ...most(area, bound, 'x'), text: `<= ${bound}x ${of}` };
}

/** By the size of the question: an answer from the cache over JSON.stringify and SHA-256 of the request. */
export const HIT_GOALS = [1_024, 32_768].map((characters) => ({
  characters,
  goal: {
    ...most(`in-process answer hit, question of ${characters / 1_024} KB`, 2, 'x'),
    text: '<= 2x JSON.stringify + SHA-256',
  },
}));

/** By the entry that is imported, beside the rivals that do its job. */
export const IMPORT_GOALS = [
  { entry: 'sherd', rivals: ['openai', 'ai + @ai-sdk/openai'], goal: most('import of sherd', 60, 'ms') },
  { entry: 'sherd/cache', rivals: ['lru-cache'], goal: most('import of sherd/cache', 15, 'ms') },
];

/** Its area names the calls. @type {Omit<Goal, 'area'>} */
export const IDENTICAL_GOAL = { text: '1 upstream call', bound: 1, sense: 'most', unit: 'calls' };
