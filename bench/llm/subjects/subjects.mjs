/**
 * The clients that are measured, by name. `+cache` is a variant of ours; a trailing `#2` marks a twin: the same thing in a
 * process of its own, for the null comparison. Each is made as its documentation tells, in the newest version that runs on
 * the oldest Node that we support; all retry twice, which is their own default (langchain's is six).
 */
import { createAiSdk, createAnthropicSdk, createLangchain, createOpenAISdk } from './sdks.mjs';
import { createSherd } from './sherd.mjs';
import { createUndici } from './undici.mjs';

/** @typedef {import('../stub/wire.mjs').Format} Format */

/**
 * @typedef {object} Answer what one call brought: `bytes` alone of a subject that reads a stream and does not parse it
 * @property {string} [text]
 * @property {number} [inputTokens]
 * @property {number} [outputTokens]
 * @property {number} [bytes]
 * @property {number} [pieces] in which the bytes came
 */

/**
 * @typedef {object} Caller
 * @property {(question: string, signal?: AbortSignal) => Promise<Answer>} ask
 * @property {(question: string, signal?: AbortSignal) => Promise<Answer>} stream reads to the end
 */

/**
 * @typedef {object} Upstream
 * @property {string} endpoint origin and pace: what stands before `/v1`
 * @property {Format} format
 */

/**
 * @typedef {object} LlmSubject
 * @property {string} package '' for ours
 * @property {readonly Format[]} formats
 * @property {string} does
 * @property {(upstream: Upstream) => Promise<Caller>} create
 */

/** The yardstick. */
export const BASE = 'undici';
/** The yardstick of streams that parses what it reads. */
export const PARSING_BASE = 'undici+parse';

const BOTH = /** @type {const} */ (['openai', 'anthropic']);
const GUARDED = 'createClient with withRetryCount(2) and withCircuitBreaker()';
const CACHED = `${GUARDED}, and withCache(true, '1h'): every question is looked up, every answer stored`;

/** @type {Record<string, LlmSubject>} */
export const LLM_SUBJECTS = {
  [BASE]: {
    package: 'undici',
    formats: BOTH,
    does: 'undici.request on a Pool: JSON.stringify of the body, body.json() of the answer; a stream is read as bytes',
    create: (upstream) => createUndici(upstream, { isParsing: false }),
  },
  [PARSING_BASE]: {
    package: 'undici',
    formats: BOTH,
    does: 'the same, with a stream cut at blank lines and JSON.parse of each event',
    create: (upstream) => createUndici(upstream, { isParsing: true }),
  },
  sherd: {
    package: '',
    formats: BOTH,
    does: GUARDED,
    create: (upstream) => createSherd(upstream, {}),
  },
  'sherd+cache': {
    package: '',
    formats: BOTH,
    does: CACHED,
    create: (upstream) => createSherd(upstream, { isCached: true }),
  },
  'sherd-base': {
    package: '',
    formats: BOTH,
    does: `${GUARDED}, of the build that SHERD_BASE names`,
    create: (upstream) => createSherd(upstream, { isBase: true }),
  },
  'sherd-base+cache': {
    package: '',
    formats: BOTH,
    does: `${CACHED}, of the build that SHERD_BASE names`,
    create: (upstream) => createSherd(upstream, { isBase: true, isCached: true }),
  },
  openai: {
    package: 'openai',
    formats: ['openai'],
    does: 'chat.completions.create(), with stream: true for streams',
    create: createOpenAISdk,
  },
  ai: {
    package: 'ai',
    formats: ['openai'],
    does: 'generateText() and streamText() with createOpenAI().chat() of @ai-sdk/openai; textStream and usage are read',
    create: createAiSdk,
  },
  langchain: {
    package: '@langchain/openai',
    formats: ['openai'],
    does: 'invoke() and stream() of ChatOpenAI',
    create: createLangchain,
  },
  'anthropic-sdk': {
    package: '@anthropic-ai/sdk',
    formats: ['anthropic'],
    does: 'messages.create(), with stream: true for streams',
    create: createAnthropicSdk,
  },
};

/** @param {string} name */
export function llmSubjectOf(name) {
  const subject = LLM_SUBJECTS[name.replace(/#\d+$/, '')];
  if (subject === undefined)
    throw new Error(`subject '${name}' is unknown; known: ${Object.keys(LLM_SUBJECTS).join(', ')}`);
  return subject;
}
