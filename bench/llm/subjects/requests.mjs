/** What all subjects ask for: the same settings, and the bodies that say so in both formats. */

/** Retries where nothing fails: a setting, not a cost. */
export const RETRIES = 2;
export const API_KEY = 'bench-key';
export const MAX_TOKENS = 1_000;
export const TEMPERATURE = 0.7;

/** @type {Record<import('../stub/wire.mjs').Format, string>} */
export const MODELS = { openai: 'gpt-4o', anthropic: 'claude-haiku-4-5' };

/**
 * The body of a request, which both formats spell alike.
 * @param {import('../stub/wire.mjs').Format} format
 * @param {string} question
 */
export function bodyOf(format, question) {
  return {
    model: MODELS[format],
    messages: /** @type {const} */ ([{ role: 'user', content: question }]),
    max_tokens: MAX_TOKENS,
    temperature: TEMPERATURE,
  };
}
