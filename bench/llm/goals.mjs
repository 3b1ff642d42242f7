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
