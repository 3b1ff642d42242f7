/** Job: what a refusal costs. One call holds the only place for ever, nobody may wait, and all others find the queue full. */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';

const WARM_UP = 5_000;

/** @param {{ calls: number }} options */
export async function prepare({ calls }) {
  const llm = await loadEntry('llm');
  const { createScriptedProvider } = await loadEntry('testing');
  const provider = createScriptedProvider({ answers: { fault: { kind: 'stall', afterChunks: 0 } }, keepCalls: 1 });
  const client = llm.createClient(
    llm.withProvider(provider),
    llm.withModel('m'),
    llm.withAdaptiveConcurrency({ max: 1 }),
    llm.withQueue({ maxSize: 0 }),
  );
  const messages = [llm.userMessage('question')];
  const leaving = new AbortController();
  client.chat(messages, { signal: leaving.signal }).catch(() => {});
  await provider.until((/** @type {{ active: number }} */ { active }) => active === 1);

  async function refuse(/** @type {number} */ count) {
    for (let i = 0; i < count; i++) {
      try {
        await client.chat(messages);
      } catch (error) {
        if (!llm.isQueueFullError(error)) throw error;
      }
    }
  }
  await refuse(WARM_UP);

  async function round() {
    const before = client.metrics().queueDropped;
    const stopwatch = new CpuStopwatch();
    await refuse(calls);
    const cpuUs = stopwatch.elapsedNs() / 1000 / calls;
    return { cpuUs, refused: client.metrics().queueDropped - before };
  }
  return { round };
}
