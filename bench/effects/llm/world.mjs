/**
 * A world with models of stated speed and a clock that moves only when everything waits. What takes time in it are the
 * models, the client's own waits (retries, limits, places) and the caller's; computing takes none. Every run is the same.
 */
import { CHARACTERS_A_TOKEN } from './questions.mjs';
import { FAILURE_MS, SPEEDS } from './stated.mjs';

const SEED = 1;
/** A program that runs on for this long waits for something that never comes. */
const LONGEST_MS = 24 * 3_600_000;
const TOKEN = ' and'.padEnd(CHARACTERS_A_TOKEN);

/** @typedef {import('./questions.mjs').Question} Question */
/** @typedef {import('./stated.mjs').Speed} Speed */

/**
 * @typedef {object} Sherd the entries that this suite uses
 * @property {typeof import('../../../src/llm/index.js')} llm
 * @property {typeof import('../../../src/testing/index.js')} testing
 */

/**
 * @typedef {object} World
 * @property {Sherd['llm']} llm
 * @property {import('../../../src/testing/index.js').FakeClock} clock
 * @property {import('../../../src/testing/index.js').ScriptedProvider} provider
 * @property {(...options: import('../../../src/llm/index.js').ClientOption[]) => import('../../../src/llm/index.js').ClientOption[]} options
 * with what every client here has: the clock, and a seed for the jitter of its retries
 * @property {<T>(program: Promise<T>) => Promise<T>} run moves time on until the program has ended
 */

/**
 * @param {Sherd} sherd
 * @param {object} traits
 * @param {readonly Question[]} traits.questions all that will be asked
 * @param {string} [traits.vendor] whose models and prices these are
 * @param {Readonly<Record<string, Speed>>} [traits.speeds] by model
 * @param {number} [traits.failureShare] of the calls
 * @returns {World}
 */
export function createWorld({ llm, testing }, { questions, vendor = 'openai', speeds = SPEEDS, failureShare = 0 }) {
  const simulator = testing.createSimulator({ seed: SEED });
  const { clock } = simulator;
  const lengths = new Map(questions.map(({ text, answerTokens }) => [text, answerTokens]));
  const provider = testing.createScriptedProvider({
    name: vendor,
    clock,
    seed: SEED,
    answers(call, random) {
      if (random.next() < failureShare) return { firstMs: FAILURE_MS, fault: { kind: 'status', status: 503 } };
      return answerTo(call, speeds, lengths);
    },
  });
  return {
    llm,
    clock,
    provider,
    options: (...options) => [llm.withClock(clock), llm.withSeed(SEED), ...options],
    async run(program) {
      let isDone = false;
      const end = () => {
        isDone = true;
      };
      program.then(end, end);
      if (!(await simulator.run(() => isDone, LONGEST_MS))) throw new Error('a program of this suite never ends');
      return program;
    },
  };
}

/**
 * A piece a token, so that the stream comes token by token.
 * @param {import('../../../src/testing/index.js').ScriptedCall} call
 * @param {Readonly<Record<string, Speed>>} speeds
 * @param {ReadonlyMap<string, number>} lengths
 * @returns {import('../../../src/testing/index.js').ScriptedAnswer}
 */
function answerTo({ prompt, request }, speeds, lengths) {
  const speed = speeds[request.model];
  const wanted = lengths.get(prompt);
  if (speed === undefined || wanted === undefined)
    throw new Error(`nothing is stated of ${request.model} or of this question`);
  const outputTokens = Math.min(wanted, request.maxTokens ?? wanted);
  const inputTokens = tokensOf(request.messages);
  const readMs = (speed.readMs * inputTokens) / 1_000;
  return {
    pieces: Array.from({ length: outputTokens }, () => TOKEN),
    firstMs: { p50Ms: speed.firstMs.p50Ms + readMs, p99Ms: speed.firstMs.p99Ms + readMs },
    chunkMs: speed.tokenMs,
    finishReason: outputTokens < wanted ? 'length' : 'stop',
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
  };
}

/** @param {readonly import('../../../src/llm/index.js').Message[]} messages */
function tokensOf(messages) {
  const characters = messages.reduce((sum, { content }) => sum + content.length, 0);
  return Math.ceil(characters / CHARACTERS_A_TOKEN);
}
