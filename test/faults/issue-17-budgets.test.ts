/** api-gateway#3210, litellm#26672: a budget is looked at, and charged later: calls at once spend more than there is. */
import { expect } from 'vitest';
import { isBudgetError } from '../../src/llm/index.js';
import { ask, immune, json, serve, watch } from './harness.js';

const CALLS = 1000;
/** What one call can cost at most, as it is reserved: a token a byte of the question, and all of maxTokens. */
const MOST = 100;
const SPENT = 5;

immune(
  `issue 17: ${CALLS} calls at once spend no more than their budget, and what they did not spend comes back`,
  async (make) => {
    const server = await serve(() => json('ok'));
    const budgetTokens = 10 * MOST;
    const client = make({ servers: [server], budgetTokens, places: 50, retries: 0 });
    const calls = Array.from({ length: CALLS }, (_, i) => watch(ask(client, 'chat', `q${i}`, { maxTokens: 20 })));
    const ends = await Promise.all(calls.map(({ end }) => end));
    const answered = ends.filter(({ text }) => text === 'ok').length;
    expect(answered * SPENT).toBeLessThanOrEqual(budgetTokens);
    for (const { text, error } of ends) if (text === undefined) expect(isBudgetError(error)).toBe(true);
    // What was reserved and not spent is there again: one at a time they go on until the budget is used up.
    let more = 0;
    while ((await watch(ask(client, 'chat', `more ${more}`, { maxTokens: 20 })).end).text === 'ok') more++;
    const total = (answered + more) * SPENT;
    expect(total).toBeLessThanOrEqual(budgetTokens);
    expect(total).toBeGreaterThan(budgetTokens - MOST);
  },
);
