/**
 * The guide's five latency optimisations: the same questions to two clients that differ in one option, the time its caller
 * waits, and what the provider saw of the difference.
 */
import { mean } from '../../lib/statistics.mjs';
import { makeQuestions } from './questions.mjs';
import { LATENCY } from './stated.mjs';
import { createWorld } from './world.mjs';

/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./questions.mjs').Question} Question */
/** @typedef {import('../../../src/llm/index.js').Client} Client */
/** @typedef {import('../../../src/llm/index.js').ClientOption} ClientOption */

/**
 * @typedef {object} Side a client, how it is asked, and what shows that it did what it was told
 * @property {string} name
 * @property {(llm: World['llm']) => ClientOption[]} options
 * @property {(world: World, client: Client, questions: readonly Question[]) => Promise<number>} waitMs
 * @property {(told: Told) => string} seen
 */

/**
 * @typedef {object} Told what is known after a run
 * @property {World['provider']} provider
 * @property {ReturnType<Client['metrics']>} metrics
 * @property {number} cut answers that ended at their limit
 */

/**
 * @typedef {object} Optimisation
 * @property {string} name
 * @property {string} figure what is timed
 * @property {readonly [least: number, most: number]} guide percent off it, as the guide says
 * @property {string} tradeOff the guide's word
 * @property {Side} before
 * @property {Side} after
 */

/**
 * @typedef {object} OptimisationRow
 * @property {string} name
 * @property {string} figure
 * @property {readonly [number, number]} guide
 * @property {string} tradeOff
 * @property {{ name: string, waitMs: number, seen: string }} before
 * @property {{ name: string, waitMs: number, seen: string }} after
 */

const PLAIN = { options: () => [], waitMs: wholeAnswer };

/** @type {readonly Optimisation[]} */
export const OPTIMISATIONS = [
  {
    name: 'enable caching',
    figure: 'an answer asked for again',
    guide: [95, 99],
    tradeOff: 'memory',
    before: { ...PLAIN, name: 'no cache', waitMs: answerAskedAgain, seen: callsAndStored },
    after: {
      name: "withCache(true, '5m')",
      options: ({ withCache }) => [withCache(true, '5m')],
      waitMs: answerAskedAgain,
      seen: callsAndStored,
    },
  },
  {
    name: 'use streaming',
    figure: 'the first words',
    guide: [50, 70],
    tradeOff: 'complexity',
    before: { ...PLAIN, name: 'chat()', seen: streams },
    after: { ...PLAIN, name: 'stream()', waitMs: firstWords, seen: streams },
  },
  {
    name: 'lower max tokens',
    figure: 'a whole answer',
    guide: [20, 40],
    tradeOff: 'output length',
    before: {
      ...PLAIN,
      name: 'withMaxTokens(1000)',
      options: ({ withMaxTokens }) => [withMaxTokens(1000)],
      seen: limitsAndCuts,
    },
    after: {
      ...PLAIN,
      name: 'withMaxTokens(600)',
      options: ({ withMaxTokens }) => [withMaxTokens(600)],
      seen: limitsAndCuts,
    },
  },
  {
    name: 'use a faster model',
    figure: 'a whole answer',
    guide: [30, 60],
    tradeOff: 'quality and cost',
    before: { ...PLAIN, name: "withModel('gpt-4')", seen: modelsAndCost },
    after: {
      ...PLAIN,
      name: "withModel('gpt-3.5-turbo')",
      options: ({ withModel }) => [withModel('gpt-3.5-turbo')],
      seen: modelsAndCost,
    },
  },
  {
    name: 'parallel requests',
    figure: `a batch of ${LATENCY.batchSize}`,
    guide: [40, 60],
    tradeOff: 'rate limits',
    before: { ...PLAIN, name: 'batchChat, concurrency 1', waitMs: batchWith(1), seen: callsAtOnce },
    after: { ...PLAIN, name: 'batchChat, concurrency 4', waitMs: batchWith(4), seen: callsAtOnce },
  },
];

/**
 * @param {import('./world.mjs').Sherd} sherd
 * @param {Optimisation} optimisation
 * @param {number} scale of the stated amounts, 0..1
 * @returns {Promise<OptimisationRow>}
 */
export async function runOptimisation(sherd, { name, figure, guide, tradeOff, before, after }, scale) {
  const questions = makeQuestions('question', LATENCY.questions * scale, LATENCY.asked);
  return {
    name,
    figure,
    guide,
    tradeOff,
    before: await runSide(sherd, before, questions),
    after: await runSide(sherd, after, questions),
  };
}

/** @param {import('./world.mjs').Sherd} sherd @param {Side} side @param {readonly Question[]} questions */
async function runSide(sherd, { name, options, waitMs, seen }, questions) {
  const world = createWorld(sherd, { questions });
  const { createClient, withProvider, withModel } = world.llm;
  const client = createClient(
    ...world.options(withProvider(world.provider), withModel('gpt-4'), ...options(world.llm)),
  );
  let cut = 0;
  client.on('call-ended', ({ finishReason }) => {
    if (finishReason === 'length') cut++;
  });
  const ms = await world.run(waitMs(world, client, questions));
  const told = { provider: world.provider, metrics: client.metrics(), cut };
  await world.run(client.close());
  return { name, waitMs: ms, seen: seen(told) };
}

/** Mean time to the whole answer, one question after the other. @type {Side['waitMs']} */
async function wholeAnswer(world, client, questions) {
  const waits = [];
  for (const question of questions) waits.push(await ask(world, client, question));
  return mean(waits);
}

/** Mean time to the whole answer of those who ask what has just been asked. @type {Side['waitMs']} */
async function answerAskedAgain(world, client, questions) {
  const waits = [];
  for (const question of questions) {
    await ask(world, client, question);
    waits.push(await ask(world, client, question));
  }
  return mean(waits);
}

/** @param {World} world @param {Client} client @param {Question} question */
async function ask({ llm, clock }, client, { text }) {
  const startMs = clock.nowMs();
  await client.chat([llm.userMessage(text)]);
  return clock.nowMs() - startMs;
}

/** Mean time to the first piece of text. @type {Side['waitMs']} */
async function firstWords({ llm, clock }, client, questions) {
  const waits = [];
  for (const { text } of questions) {
    const startMs = clock.nowMs();
    let firstMs = Number.NaN;
    for await (const { kind } of client.stream([llm.userMessage(text)])) {
      if (kind === 'text-delta' && Number.isNaN(firstMs)) firstMs = clock.nowMs() - startMs;
    }
    waits.push(firstMs);
  }
  return mean(waits);
}

/** Mean time of whole batches. @param {number} concurrency @returns {Side['waitMs']} */
function batchWith(concurrency) {
  return async ({ llm, clock }, client, questions) => {
    const waits = [];
    for (let start = 0; start < questions.length; start += LATENCY.batchSize) {
      const batch = questions.slice(start, start + LATENCY.batchSize);
      const startMs = clock.nowMs();
      const results = await client.batchChat(
        batch.map(({ text }) => ({ messages: [llm.userMessage(text)] })),
        { concurrency },
      );
      if (results.some(({ ok }) => !ok)) throw new Error('a request of a batch failed');
      waits.push(clock.nowMs() - startMs);
    }
    return mean(waits);
  };
}

/** @type {Side['seen']} */
function callsAndStored({ provider, metrics }) {
  return `${provider.stats().calls} calls; ${metrics.stored} answers kept`;
}

/** @type {Side['seen']} */
function streams({ provider }) {
  return provider.calls.every(({ stream }) => stream) ? 'streams' : 'whole answers';
}

/** @type {Side['seen']} */
function limitsAndCuts({ provider, metrics, cut }) {
  const limits = new Set(provider.calls.map(({ request }) => request.maxTokens));
  return `max_tokens ${[...limits].join(', ')}; ${metrics.outputTokens} tokens; ${cut} of ${metrics.requests} cut short`;
}

/** @type {Side['seen']} */
function modelsAndCost({ provider, metrics }) {
  const models = new Set(provider.calls.map(({ request }) => request.model));
  return `${[...models].join(', ')}; $${metrics.cost.toFixed(2)}`;
}

/** @type {Side['seen']} */
function callsAtOnce({ provider }) {
  return `${provider.stats().maxActive} calls at once`;
}
