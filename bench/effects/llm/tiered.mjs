/**
 * The guide's cost-optimised recipe: a working day of questions, by Zipf's law, to a cheap cached client with a strong one
 * behind it; beside it a client that asks the strong model each time, and each half of the recipe alone.
 */
import { drawQuestions, makeQuestions, repeatShare } from './questions.mjs';
import { SPEED_OF_TIER, TIERED } from './stated.mjs';
import { createWorld } from './world.mjs';

/** @typedef {import('./world.mjs').Sherd} Sherd */
/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('../../../src/llm/index.js').ChatClient} ChatClient */
/** @typedef {import('../../../src/llm/index.js').Client} Client */
/** @typedef {{ fast: string, strong: string }} Models */
/** @typedef {{ client: ChatClient, parts: readonly Client[] }} Served who is asked, and whose figures count */
/** @typedef {keyof typeof WAYS} WayName */
/** @typedef {import('../../../src/llm/index.js').Duration} Duration */
/** @typedef {Record<WayName, TieredRow>} TieredGroup the same queries to the same models in every way */

/**
 * @typedef {object} Way
 * @property {string} label
 * @property {boolean} isTiered whether a cheap client stands before the strong one
 * @property {Duration} [cheapTtl] none: no cache
 * @property {Duration} [strongTtl]
 */

/**
 * @typedef {object} Plan
 * @property {Models} models
 * @property {number} exponent of the law by which questions repeat
 * @property {number} scale of the stated day, 0..1
 */

/**
 * @typedef {object} TieredRow
 * @property {WayName} way
 * @property {Models} models
 * @property {number} exponent
 * @property {number} queries
 * @property {number} attainable the share of them that were asked before
 * @property {number} answered
 * @property {number} cost US dollars
 * @property {number} hitRatio hits of the answer caches, of the queries that asked them; 0 without a cache
 * @property {number} upstreamCalls
 * @property {number} strongShare of the upstream calls
 * @property {number} meanMs to the whole answer
 */

const HOUR_MS = 3_600_000;

/** The guide's models. */
export const GUIDE_MODELS = { fast: 'gpt-3.5-turbo', strong: 'gpt-4' };

/**
 * In the order of the tables; `strong` is what the guide's figure is held against, `recipe` is the guide's.
 * @satisfies {Record<string, Way>}
 */
export const WAYS = {
  strong: { label: 'the strong model, each time', isTiered: false },
  strongCached: { label: 'the strong model, cached a day', isTiered: false, strongTtl: '24h' },
  tiers: { label: 'tiers, each time', isTiered: true },
  recipe: { label: 'tiers, cached a day and an hour: the recipe', isTiered: true, cheapTtl: '24h', strongTtl: '1h' },
  tiersCached: { label: 'tiers, both cached a day', isTiered: true, cheapTtl: '24h', strongTtl: '24h' },
};

/**
 * @param {Sherd} sherd
 * @param {Plan} plan
 * @returns {Promise<TieredGroup>}
 */
export async function runTiered(sherd, plan) {
  const rows = [];
  for (const way of /** @type {WayName[]} */ (Object.keys(WAYS))) rows.push([way, await runWay(sherd, plan, way)]);
  return Object.fromEntries(rows);
}

/**
 * @param {World} world
 * @param {Models} models
 * @param {Way} way
 * @returns {Served}
 */
function serve({ llm, provider, options }, models, { isTiered, cheapTtl, strongTtl }) {
  const { createClient, createClientForUseCase, createTieredClient, withProvider, withModel, withMaxTokens } = llm;
  const cacheFor = (/** @type {Way['cheapTtl']} */ ttl) =>
    ttl === undefined ? llm.withCache(false) : llm.withCache(true, ttl);
  const strong = createClient(
    ...options(withProvider(provider), withModel(models.strong), withMaxTokens(1000), cacheFor(strongTtl)),
  );
  if (!isTiered) return { client: strong, parts: [strong] };
  const cheapOptions = options(withModel(models.fast), cacheFor(cheapTtl));
  const cheap = createClientForUseCase(provider, undefined, 'cost-optimized', ...cheapOptions);
  return { client: createTieredClient(cheap, strong), parts: [cheap, strong] };
}

/**
 * @param {Sherd} sherd
 * @param {Plan} plan
 * @param {WayName} way
 * @returns {Promise<TieredRow>}
 */
async function runWay(sherd, { models, exponent, scale }, way) {
  const queries = TIERED.queries * scale;
  const durationMs = TIERED.hours * scale * HOUR_MS;
  const questions = mixedQuestions();
  const asked = drawQuestions(questions, queries, exponent);
  const speeds = { [models.fast]: SPEED_OF_TIER.fast, [models.strong]: SPEED_OF_TIER.strong };
  const world = createWorld(sherd, { questions, speeds });
  const { client, parts } = serve(world, models, WAYS[way]);
  const report = await world.run(
    world.llm.loadTestLLM(client, {
      duration: durationMs,
      rps: (1_000 * queries) / durationMs,
      prompts: asked.map(({ text }) => text),
      clock: world.clock,
    }),
  );
  const figures = parts.map((part) => part.metrics());
  await world.run(client.close());
  const total = (/** @type {'cacheHits' | 'cacheMisses' | 'upstreamCalls' | 'cost'} */ name) =>
    figures.reduce((sum, each) => sum + each[name], 0);
  const strongCalls = world.provider.calls.filter(({ request }) => request.model === models.strong).length;
  return {
    way,
    models,
    exponent,
    queries,
    attainable: repeatShare(asked),
    answered: report.answered,
    cost: total('cost'),
    hitRatio: total('cacheHits') / Math.max(1, total('cacheHits') + total('cacheMisses')),
    upstreamCalls: total('upstreamCalls'),
    strongShare: strongCalls / total('upstreamCalls'),
    meanMs: report.latency.avgMs,
  };
}

/** The most asked for first: every so many of them is a complex one. */
function mixedQuestions() {
  const { questions: count, complexEvery } = TIERED;
  const complexCount = Math.floor(count / complexEvery);
  const simple = makeQuestions('simple', count - complexCount, TIERED.simple);
  const complex = makeQuestions('complex', complexCount, TIERED.complex);
  return Array.from({ length: count }, (_, rank) => {
    const from = rank % complexEvery === complexEvery - 1 ? complex : simple;
    return /** @type {import('./questions.mjs').Question} */ (from.shift());
  });
}
