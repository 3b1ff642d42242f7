/**
 * What this suite takes for granted: how fast the models are, how long questions and answers are, how often a provider
 * fails. Data, printed with every result: other numbers here give other figures there.
 */

/**
 * @typedef {object} Speed
 * @property {{ p50Ms: number, p99Ms: number }} firstMs to the first token of an answer to a short question: log-normal
 * @property {number} readMs on top of both, for each 1,000 tokens of the question
 * @property {number} tokenMs for each further token
 */

/** @typedef {readonly [least: number, most: number]} Span of tokens: lengths are spread evenly over it */

/**
 * @typedef {object} Asked
 * @property {number} tokens of a question
 * @property {Span} answer tokens its answer would have without a limit
 */

const GPT_3_5 = { firstMs: { p50Ms: 460, p99Ms: 1_200 }, readMs: 20, tokenMs: 14 };
const GPT_4 = { firstMs: { p50Ms: 700, p99Ms: 1_800 }, readMs: 60, tokenMs: 28 };

/**
 * By model. gpt-3.5-turbo: medians of Artificial Analysis and of OpenAI's forum, 2024; a token of gpt-4: that forum's median
 * of gpt-4-turbo. The others are assumptions of the same kind: a stronger model is slower.
 * @type {Record<string, Speed>}
 */
export const SPEEDS = {
  'gpt-3.5-turbo': GPT_3_5,
  'gpt-3.5-turbo-16k': GPT_3_5,
  'gpt-4': GPT_4,
  'claude-3-opus-20240229': { firstMs: { p50Ms: 1_900, p99Ms: 5_000 }, readMs: 120, tokenMs: 40 },
};

/** Of models that stand in for the guide's: no faster and no slower than those. */
export const SPEED_OF_TIER = { fast: GPT_3_5, strong: GPT_4 };

/** Document 002 gives quantiles of whole answers. */
export const SPEED_OF_002 = { firstMs: { p50Ms: 580, p99Ms: 2_100 }, readMs: 0, tokenMs: 0 };

/** A call that fails answers 503 after this long. */
export const FAILURE_MS = 100;

export const LATENCY = {
  questions: 100,
  batchSize: 10,
  asked: { tokens: 40, answer: /** @type {Span} */ ([200, 1_200]) },
};

export const CHAT = {
  conversations: 60,
  turns: 6,
  everyMs: 5_000,
  thinkMs: 15_000,
  openings: 20,
  exponent: 1,
  asked: { tokens: 40, answer: /** @type {Span} */ ([40, 120]) },
};

export const CODEGEN = {
  requests: 60,
  concurrency: 4,
  failureShare: 0.02,
  asked: { tokens: 3_000, answer: /** @type {Span} */ ([150, 350]) },
};

export const REALTIME = {
  connections: 10,
  seconds: 300,
  ratePerSecond: 6,
  failureShare: 0.01,
  asked: { tokens: 300, answer: /** @type {Span} */ ([30, 90]) },
};

export const DOCS = {
  documents: 40,
  concurrency: 2,
  failureShare: 0.05,
  asked: { tokens: 100_000, answer: /** @type {Span} */ ([500, 1_000]) },
};

export const HUB = {
  questions: 300,
  exponent: 1,
  seconds: 120,
  ratePerSecond: 10,
  failureShare: 0.01,
  asked: { tokens: 40, answer: /** @type {Span} */ ([20, 60]) },
};

export const TIERED = {
  queries: 1_000,
  hours: 8,
  questions: 300,
  /** Of Zipf's law; the others show what the figures owe to it. */
  exponent: 1,
  otherExponents: [0.7, 1.3],
  /** Of the questions, the most asked for among them: every fifth is complex. */
  complexEvery: 5,
  simple: { tokens: 30, answer: /** @type {Span} */ ([60, 200]) },
  complex: { tokens: 350, answer: /** @type {Span} */ ([250, 600]) },
};
