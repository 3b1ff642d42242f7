/** Job: one client and its load. A round is one step: so many calls a second for so long, in an open loop. */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { CheckedClient } from '../lib/checked.mjs';
import { createContender } from './contenders.mjs';

/** @param {{ contender: string, url: string, steps: readonly { rps: number, durationMs: number }[] }} options */
export async function prepare({ contender, url, steps }) {
  const { loadTestLLM, userMessage } = await loadEntry('llm');
  const client = await createContender(contender, url);
  const checked = new CheckedClient((messages, perCall) => client.chat(messages, perCall));

  async function round(/** @type {number} */ index) {
    const step = steps[index];
    if (step === undefined) throw new Error(`there is no step ${index}`);
    const stopwatch = new CpuStopwatch();
    const report = await loadTestLLM(checked, {
      rps: step.rps,
      duration: step.durationMs,
      makeMessages: (/** @type {number} */ call) => [userMessage(`question ${call}`)],
    });
    return {
      report,
      cpuUsACall: stopwatch.elapsedNs() / 1000 / report.sent,
      concurrencyLimit: client.metrics().concurrencyLimit,
    };
  }
  return { round };
}
