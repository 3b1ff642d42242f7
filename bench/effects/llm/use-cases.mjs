/**
 * The guide's use cases as `createClientForUseCase()` makes them, with the guide's models, each asked what it is for; and
 * the objectives of document 002. What callers wait and pay is what the clients say of themselves.
 */
import { mean, quantile } from '../../lib/statistics.mjs';
import { drawQuestions, makeQuestions } from './questions.mjs';
import { CHAT, CODEGEN, DOCS, FAILURE_MS, HUB, REALTIME, SPEED_OF_002 } from './stated.mjs';
import { createWorld } from './world.mjs';

/** @typedef {import('./world.mjs').Sherd} Sherd */
/** @typedef {import('./world.mjs').World} World */
/** @typedef {import('./questions.mjs').Question} Question */
/** @typedef {import('../../../src/llm/index.js').Client} Client */
/** @typedef {{ p50: number, p95: number, p99: number }} Waits in milliseconds */

/**
 * @typedef {object} UseCaseRow
 * @property {string} name
 * @property {string} about what it was asked
 * @property {number} requests
 * @property {number} failed
 * @property {number} hits of the answer cache
 * @property {number} retries
 * @property {Waits} first to the first token of a fresh answer: hits would flatter it
 * @property {Waits} whole
 * @property {number} addedMs to what the provider took, in the mean: retries and places
 * @property {number} cost US dollars, of all
 * @property {number} units that the cost is told by: conversations, fresh answers
 * @property {number} [perMinute] answers
 * @property {number} [hitRatio]
 */

/** By name; `scale` of the stated amounts, 0..1. @type {Record<string, (sherd: Sherd, scale: number) => Promise<UseCaseRow>>} */
export const USE_CASES = { chat, codegen, 'realtime-analysis': realtime, docs, 'document 002': hub };

/** Conversations that overlap. Their first questions repeat; what follows stands on the answers, so it does not. */
async function chat(/** @type {Sherd} */ sherd, /** @type {number} */ scale) {
  const conversations = amount(CHAT.conversations, scale);
  const openings = makeQuestions('opening', CHAT.openings, CHAT.asked);
  const later = makeQuestions('then', conversations * (CHAT.turns - 1), CHAT.asked);
  const world = createWorld(sherd, { questions: [...openings, ...later] });
  const { llm, clock } = world;
  const client = llm.createClientForUseCase(
    world.provider,
    undefined,
    'chat',
    ...world.options(llm.withModel('gpt-3.5-turbo')),
  );
  const tell = watch(world, client);
  const firsts = drawQuestions(openings, conversations, CHAT.exponent);

  async function converse(/** @type {Question} */ opening, /** @type {number} */ index) {
    await wait(clock, index * CHAT.everyMs);
    /** @type {import('../../../src/llm/index.js').Message[]} */
    const messages = [];
    for (const { text } of [opening, ...later.slice(index * (CHAT.turns - 1), (index + 1) * (CHAT.turns - 1))]) {
      messages.push(llm.userMessage(text));
      messages.push(llm.answerMessage(await client.stream(messages).final()));
      await wait(clock, CHAT.thinkMs);
    }
  }
  await world.run(Promise.all(firsts.map(converse)));
  await world.run(client.close());
  const about = `${conversations} conversations of ${CHAT.turns} turns, one begun every ${CHAT.everyMs / 1000} s, ${CHAT.thinkMs / 1000} s to think; the first question is one of ${CHAT.openings} (Zipf ${CHAT.exponent}); ${lengths(CHAT)}`;
  return { name: 'chat', about, ...tell(), units: conversations };
}

async function codegen(/** @type {Sherd} */ sherd, /** @type {number} */ scale) {
  const questions = makeQuestions('task', amount(CODEGEN.requests, scale), CODEGEN.asked);
  const world = createWorld(sherd, { questions, failureShare: CODEGEN.failureShare });
  const { llm } = world;
  const client = llm.createClientForUseCase(
    world.provider,
    undefined,
    'codegen',
    ...world.options(llm.withModel('gpt-4')),
  );
  const tell = watch(world, client);
  await askAll(world, client, questions, CODEGEN.concurrency);
  await world.run(client.close());
  const about = `${questions.length} tasks, ${CODEGEN.concurrency} at once; ${lengths(CODEGEN)}; ${failures(CODEGEN)}`;
  return { name: 'codegen', about, ...tell(), units: questions.length };
}

/** An open loop: what a call waits for its place counts. */
async function realtime(/** @type {Sherd} */ sherd, /** @type {number} */ scale) {
  const seconds = amount(REALTIME.seconds, scale);
  const questions = makeQuestions('reading', seconds * REALTIME.ratePerSecond, REALTIME.asked);
  const world = createWorld(sherd, { questions, failureShare: REALTIME.failureShare });
  const { llm, clock } = world;
  const client = llm.createClientForUseCase(
    world.provider,
    undefined,
    'realtime-analysis',
    ...world.options(llm.withModel('gpt-3.5-turbo-16k')),
  );
  const tell = watch(world, client);
  const pooled = llm.wrapWithConnectionPool(client, REALTIME.connections);
  const prompts = questions.map(({ text }) => text);
  const load = { duration: 1_000 * seconds, rps: REALTIME.ratePerSecond, prompts, clock };
  const { latency, achievedRps } = await world.run(llm.loadTestLLM(pooled, load));
  await world.run(pooled.close());
  const about = `${REALTIME.ratePerSecond} readings a second for ${seconds} s over ${REALTIME.connections} connections; ${lengths(REALTIME)}; ${failures(REALTIME)}`;
  const waits = {
    whole: { p50: latency.p50Ms, p95: latency.p95Ms, p99: latency.p99Ms },
    addedMs: latency.avgMs - answerMs(world.provider),
  };
  return {
    name: 'realtime-analysis',
    about,
    ...tell(),
    ...waits,
    units: questions.length,
    perMinute: 60 * achievedRps,
  };
}

/** Each document twice: what was read is kept for a day. */
async function docs(/** @type {Sherd} */ sherd, /** @type {number} */ scale) {
  const questions = makeQuestions('document', amount(DOCS.documents, scale), DOCS.asked);
  const world = createWorld(sherd, { questions, vendor: 'anthropic', failureShare: DOCS.failureShare });
  const { llm } = world;
  const client = llm.createClientForUseCase(
    world.provider,
    undefined,
    'docs',
    ...world.options(llm.withModel('claude-3-opus-20240229')),
  );
  const tell = watch(world, client);
  await askAll(world, client, questions, DOCS.concurrency);
  await askAll(world, client, questions, DOCS.concurrency);
  await world.run(client.close());
  const about = `${questions.length} documents, ${DOCS.concurrency} at once, then all of them again; ${lengths(DOCS)}; ${failures(DOCS)}`;
  return { name: 'docs', about, ...tell(), units: questions.length };
}

/** The latencies that document 002 gives of its hub, and what it promises on top of them. */
async function hub(/** @type {Sherd} */ sherd, /** @type {number} */ scale) {
  const seconds = amount(HUB.seconds, scale);
  const questions = makeQuestions('question', HUB.questions, HUB.asked);
  const speeds = { 'gpt-3.5-turbo': SPEED_OF_002 };
  const world = createWorld(sherd, { questions, speeds, failureShare: HUB.failureShare });
  const { llm, clock } = world;
  const client = llm.createClient(
    ...world.options(
      llm.withProvider(world.provider),
      llm.withModel('gpt-3.5-turbo'),
      llm.withCache(true, '1h'),
      llm.withRetryCount(3),
    ),
  );
  const tell = watch(world, client);
  const asked = drawQuestions(questions, seconds * HUB.ratePerSecond, HUB.exponent);
  const prompts = asked.map(({ text }) => text);
  await world.run(llm.loadTestLLM(client, { duration: 1_000 * seconds, rps: HUB.ratePerSecond, prompts, clock }));
  const { cacheHitRate } = client.metrics();
  await world.run(client.close());
  const about = `${HUB.ratePerSecond} questions a second for ${seconds} s, drawn from ${HUB.questions} (Zipf ${HUB.exponent}); whole answers in ${SPEED_OF_002.firstMs.p50Ms} ms, p99 ${SPEED_OF_002.firstMs.p99Ms} ms; ${failures(HUB)}`;
  return { name: 'document 002', about, ...tell(), units: asked.length, hitRatio: cacheHitRate };
}

/**
 * Gathers what a client tells; the function gives it all.
 * @param {World} world
 * @param {Client} client
 */
function watch({ provider }, client) {
  /** @type {number[]} */
  const firstMs = [];
  /** @type {number[]} */
  const wholeMs = [];
  client.on('call-ended', ({ outcome, cached, shared, firstTokenMs, durationMs }) => {
    if (outcome !== 'ok' || cached || shared) return;
    firstMs.push(firstTokenMs ?? durationMs);
    wholeMs.push(durationMs);
  });
  return () => {
    const { requests, failures: failed, cacheHits: hits, retries, cost } = client.metrics();
    const [first, whole] = [waitsOf(firstMs), waitsOf(wholeMs)];
    return { requests, failed, hits, retries, cost, first, whole, addedMs: mean(wholeMs) - answerMs(provider) };
  };
}

/** What an answer took there, in the mean. @param {World['provider']} provider */
function answerMs({ calls }) {
  const answered = calls.filter(({ outcome }) => outcome === 'answered');
  return mean(answered.map(({ startedAtMs, endedAtMs = Number.NaN }) => endedAtMs - startedAtMs));
}

/** @param {readonly number[]} ms @returns {Waits} */
function waitsOf(ms) {
  return { p50: quantile(ms, 0.5), p95: quantile(ms, 0.95), p99: quantile(ms, 0.99) };
}

/** @param {World} world @param {Client} client @param {readonly Question[]} questions @param {number} concurrency */
function askAll(world, client, questions, concurrency) {
  const requests = questions.map(({ text }) => ({ messages: [world.llm.userMessage(text)] }));
  return world.run(client.batchChat(requests, { concurrency }));
}

/** @param {World['clock']} clock @param {number} ms @returns {Promise<void>} */
function wait(clock, ms) {
  return new Promise((resolve) => void clock.setTimer(ms, resolve));
}

/** @param {number} stated @param {number} scale */
function amount(stated, scale) {
  return Math.max(2, Math.round(stated * scale));
}

/** @param {{ asked: import('./stated.mjs').Asked }} stated */
function lengths({ asked: { tokens, answer } }) {
  return `questions of ${tokens} tokens, answers of ${answer.join(' to ')}`;
}

/** @param {{ failureShare: number }} stated */
function failures({ failureShare }) {
  return `${100 * failureShare} % of the calls answered 503 after ${FAILURE_MS} ms`;
}
