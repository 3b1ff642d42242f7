/**
 * What the stub of a provider says, in the OpenAI format. An answer repeats its question and has a known length, so that
 * one which is cut, mixed up or another's shows.
 */

const PIECES = 24;
const PIECE = ' and so on';
const CHARACTERS_A_TOKEN = 4;

/** Tokens of every answer, as the stub counts them. */
const ANSWER_TOKENS = 64;

/** @typedef {{ prompt: string, model: string }} Question */

/** @param {string} prompt @param {string} text */
export function isAnswerTo(prompt, text) {
  return text === piecesTo(prompt).join('');
}

/** @param {string} prompt */
export function usageOf(prompt) {
  const promptTokens = Math.ceil(prompt.length / CHARACTERS_A_TOKEN);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: ANSWER_TOKENS,
    total_tokens: promptTokens + ANSWER_TOKENS,
  };
}

/** The body of a whole answer. @param {Question} question */
export function wholeBody({ prompt, model }) {
  const message = { role: 'assistant', content: piecesTo(prompt).join('') };
  return Buffer.from(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model,
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: usageOf(prompt),
    }),
  );
}

/**
 * The events of a streamed answer: one for each piece, the finish reason, the usage, the terminator.
 * @param {Question} question
 */
export function streamEvents({ prompt, model }) {
  const chunk = (/** @type {object} */ fields) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model, ...fields })}\n\n`;
  const delta = (/** @type {object} */ content, /** @type {string | null} */ reason = null) =>
    chunk({ choices: [{ index: 0, delta: content, finish_reason: reason }] });
  return [
    delta({ role: 'assistant', content: '' }),
    ...piecesTo(prompt).map((content) => delta({ content })),
    delta({}, 'stop'),
    chunk({ choices: [], usage: usageOf(prompt) }),
    'data: [DONE]\n\n',
  ];
}

/** @param {string} prompt */
function piecesTo(prompt) {
  return [`to ${prompt}:`, ...Array.from({ length: PIECES }, () => PIECE)];
}
