/** litellm#36168, #36083, #11789, #14849: usage beside a choice is overlooked, and cached tokens are charged in full. */
import { expect } from 'vitest';
import { findModel, modelOfTier, userMessage } from '../../src/llm/index.js';
import { DONE, delta, event, finish, immune, role, serve, sse } from './harness.js';

const wire = {
  prompt_tokens: 1000,
  completion_tokens: 40,
  total_tokens: 1040,
  prompt_tokens_details: { cached_tokens: 900 },
};
const about = { id: 'c1', model: 'm' };
const rest = [{ index: 0, delta: {}, finish_reason: null }];
const PLACES: Readonly<Record<string, string>> = {
  'with no choice': role + delta('x') + finish + event({ ...about, choices: [], usage: wire }) + DONE,
  'beside a choice': role + delta('x') + finish + event({ ...about, choices: rest, usage: wire }) + DONE,
  'in every event, growing':
    role +
    event({ ...about, choices: [{ index: 0, delta: { content: 'x' } }], usage: { ...wire, completion_tokens: 1 } }) +
    finish +
    event({ ...about, choices: [], usage: wire }) +
    DONE,
};

immune('issue 16: usage counts once wherever it stands, and cached tokens at their own price', async (make) => {
  const model = modelOfTier('openai', 'balanced') as string;
  const { price } = findModel('openai', model) as { price: { input: number; output: number; cachedInput?: number } };
  const cost = (100 * price.input + 900 * (price.cachedInput ?? price.input) + 40 * price.output) / 1e6;
  for (const [place, body] of Object.entries(PLACES)) {
    const client = make({ servers: [await serve([sse(body)])], priced: { provider: 'openai', model } });
    const response = await client.stream([userMessage('why?')]).final();
    expect(response.usage, place).toMatchObject({ inputTokens: 1000, cachedInputTokens: 900, outputTokens: 40 });
    expect(Math.abs((response.cost ?? Number.NaN) - cost), place).toBeLessThan(1e-9);
  }
});
