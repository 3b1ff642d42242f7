/**
 * Job: thousands of calls at once over a bounded number of connections, to a stub that holds its answers. The first round
 * begins them all and tells what they take while nothing is answered; the second waits for the answers and closes.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { settledBytes } from '../../lib/settled-bytes.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { watchHandles } from '../lib/handles.mjs';
import { watchStops } from '../lib/loop-stops.mjs';
import { isAnswerTo } from '../upstream/answers.mjs';

/** Calls begun in one turn of the loop, so that the load itself does not hold it. */
const BATCH = 100;
const LOOK_MS = 10;
/** How long the connections may take to open. */
const PATIENCE_MS = 30_000;

/** @param {{ url: string, calls: number, connections: number, isStream: boolean }} options */
export async function prepare({ url, calls, connections, isStream }) {
  const handles = watchHandles();
  const llm = await loadEntry('llm');
  const open = () =>
    llm.createClient(
      llm.withProvider('vllm'),
      llm.withBaseURL(url),
      llm.withModel('m'),
      llm.withTransport({ maxConnectionsPerOrigin: connections, maxConnections: connections }),
    );
  // What is loaded and made once for all is there before; the stub answers nobody yet.
  const first = open();
  await first.prewarm();
  await first.close();
  const bytesBefore = await settledBytes();
  await handles.begin();

  const client = open();
  /** @type {Promise<string | undefined>[]} */
  const asked = [];
  let startMs = 0;
  let mostRssBytes = 0;
  let longestStopMs = 0;

  /** Undefined when it is answered right, or what went wrong. */
  async function ask(/** @type {string} */ question) {
    const messages = [llm.userMessage(question)];
    try {
      const { text } = await (isStream ? client.stream(messages).final() : client.chat(messages));
      return isAnswerTo(question, text) ? undefined : 'a wrong answer';
    } catch (error) {
      return String(/** @type {{ code?: unknown }} */ (error).code ?? error);
    }
  }
  async function begin() {
    startMs = performance.now();
    const endWatch = watchStops();
    for (let i = 0; i < calls; i++) {
      asked.push(ask(`question ${i}`));
      if (i % BATCH === BATCH - 1) await turn();
    }
    const untilMs = performance.now() + PATIENCE_MS;
    const wanted = Math.min(calls, connections);
    while (client.performance().connectionCount < wanted && performance.now() < untilMs) await sleep(LOOK_MS);
    longestStopMs = endWatch();
    mostRssBytes = process.memoryUsage.rss();
    const { active } = client.metrics();
    return { active, bytesACall: ((await settledBytes()) - bytesBefore) / calls };
  }
  async function finish() {
    const endWatch = watchStops();
    const releasedMs = performance.now();
    const problems = (await Promise.all(asked)).filter((problem) => problem !== undefined);
    const doneMs = performance.now();
    longestStopMs = Math.max(longestStopMs, endWatch());
    mostRssBytes = Math.max(mostRssBytes, process.memoryUsage.rss());
    asked.length = 0;
    await client.close();
    const left = await handles.left();
    return {
      answered: calls - problems.length,
      problems: problems.slice(0, 3),
      openingMs: releasedMs - startMs,
      answeringMs: doneMs - releasedMs,
      longestStopMs,
      mostRssBytes,
      left,
      heldBytes: (await settledBytes()) - bytesBefore,
    };
  }
  return { round: (/** @type {number} */ index) => (index === 0 ? begin() : finish()) };
}
