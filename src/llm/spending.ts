/** The budget of a client over all its targets: what an attempt can cost at most, in tokens or money, and what it did cost. */
import type { Clock } from '../core/clock.js';
import { BudgetError } from '../core/errors.js';
import type { ChatRequest, Usage } from '../protocol/chat.js';
import { Budget } from '../resilience/budget.js';
import type { BudgetSettings } from './config.js';
import { costOf } from './cost.js';
import type { TakeBack } from './pass.js';
import { mostTokens } from './token-estimate.js';

export class Spending {
  readonly #isMoney: boolean;
  readonly #budget: Budget;

  constructor({ money, tokens, perMs }: BudgetSettings, clock: Clock) {
    this.#isMoney = money !== undefined;
    // One of them is given: the field checks it.
    this.#budget = new Budget({ clock, limit: (money ?? tokens) as number, windowMs: perMs });
  }

  /** Throws a BudgetError: there is no room, or nobody knows what the model costs. */
  reserve(provider: string, request: ChatRequest): TakeBack {
    const amountOf = (usage: Usage): number | undefined =>
      this.#isMoney ? costOf(provider, request.model, usage) : usage.inputTokens + usage.outputTokens;
    const most = amountOf(mostTokens(request));
    if (most === undefined) throw createUnpricedError(provider, request.model);
    const reservation = this.#budget.reserve(most);
    return ({ used }) => reservation.settle(used === undefined ? most : (amountOf(used) ?? most));
  }
}

function createUnpricedError(provider: string, model: string): BudgetError {
  const message = `a budget in money needs a list price, and ${model} of ${provider} has none`;
  return new BudgetError(message, { code: 'ERR_BUDGET_UNPRICED' });
}
