/** The clients that are driven to saturation. All have one deadline and more connections than they can use. */
import { loadEntry } from '../../lib/subjects/sherd.mjs';

/** How long a caller waits for an answer. */
const DEADLINE_MS = 2_000;
const CONNECTIONS = 1_000;
/** How long a caller of the tightest waits in its queue, and how much slower than at best answers may become. */
const QUEUE_MS = 20;
const QUEUE_SIZE = 32;
const TOLERANCE = 1.3;

/** @type {Record<string, { what: string, options: (llm: any) => readonly unknown[] }>} */
export const CONTENDERS = {
  unlimited: { what: 'no limit, no queue', options: () => [] },
  limited: {
    what: 'withAdaptiveConcurrency(), withQueue()',
    options: (llm) => [llm.withAdaptiveConcurrency(), llm.withQueue()],
  },
  tight: {
    what: `withAdaptiveConcurrency({ latencyTolerance: ${TOLERANCE}, decrease: 0.9 }), withQueue({ maxSize: ${QUEUE_SIZE}, maxWait: '${QUEUE_MS}ms' })`,
    options: (llm) => [
      llm.withAdaptiveConcurrency({ latencyTolerance: TOLERANCE, decrease: 0.9 }),
      llm.withQueue({ maxSize: QUEUE_SIZE, maxWait: QUEUE_MS }),
    ],
  },
};

/** @param {string} name @param {string} url */
export async function createContender(name, url) {
  const contender = CONTENDERS[name];
  if (contender === undefined)
    throw new Error(`contender '${name}' is unknown; known: ${Object.keys(CONTENDERS).join(', ')}`);
  const llm = await loadEntry('llm');
  return llm.createClient(
    llm.withProvider('vllm'),
    llm.withBaseURL(url),
    llm.withModel('m'),
    llm.withTotalTimeout(DEADLINE_MS),
    llm.withTransport({ maxConnectionsPerOrigin: CONNECTIONS, maxConnections: CONNECTIONS }),
    ...contender.options(llm),
  );
}
