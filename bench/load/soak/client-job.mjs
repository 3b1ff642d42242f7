/**
 * Job: a client under mixed traffic for a long time. A round is a slice of it, and then what the process holds once the
 * garbage is gone; the round after the last closes the client and tells what is still open.
 */
import { getEventListeners } from 'node:events';
import { settledBytes } from '../../lib/settled-bytes.mjs';
import { loadEntry } from '../../lib/subjects/sherd.mjs';
import { watchHandles } from '../lib/handles.mjs';
import { Traffic } from './traffic.mjs';

/** Few, so that the cache is full, and stays so, before anything counts. */
const CACHED_ANSWERS = 256;

/** @param {{ url: string, rps: number, sliceMs: number, slices: number }} options */
export async function prepare({ url, rps, sliceMs, slices }) {
  const handles = watchHandles();
  const llm = await loadEntry('llm');
  const { withCapacity } = await loadEntry('cache');
  // What is loaded and made once for all is there before.
  await passThrough(llm, url);
  await handles.begin();
  const client = createSoakClient(llm, url, llm.withCache(withCapacity(CACHED_ANSWERS)));
  const life = new AbortController();
  const traffic = new Traffic(llm, client, life.signal);
  await traffic.fill();

  async function slice() {
    const before = { ...client.metrics(), left: traffic.left, broken: traffic.broken };
    const report = await llm.loadTestLLM(traffic, { rps, duration: sliceMs, prompts: ['drawn by the traffic'] });
    const after = client.metrics();
    const heapBytes = await settledBytes();
    const left = traffic.left - before.left;
    const broken = traffic.broken - before.broken;
    return {
      sent: report.sent,
      answered: report.answered,
      left,
      broken,
      failed: report.failed - left - broken,
      codes: report.errors,
      p50Ms: report.latency.p50Ms,
      p99Ms: report.latency.p99Ms,
      hits: after.cacheHits - before.cacheHits,
      upstreamCalls: after.upstreamCalls - before.upstreamCalls,
      heapBytes,
      rssBytes: process.memoryUsage.rss(),
    };
  }
  async function end() {
    const { active } = client.metrics();
    await client.close();
    return {
      left: await handles.left(),
      listeners: getEventListeners(life.signal, 'abort').length,
      active,
      wrong: traffic.wrong,
    };
  }
  return { round: (/** @type {number} */ index) => (index < slices ? slice() : end()) };
}

/** @param {any} llm @param {string} url @param {unknown} cache */
function createSoakClient(llm, url, cache) {
  return llm.createClient(
    llm.withProvider('vllm'),
    llm.withBaseURL(url),
    llm.withModel('m'),
    cache,
    llm.withRetryCount(3),
    llm.withRetryDelay(20),
    llm.withRetryBudget({ share: 0.5, minPerSecond: 10 }),
    llm.withTimeout('1s'),
    llm.withTotalTimeout('5s'),
    llm.withStreamIdleTimeout('500ms'),
    llm.withAdaptiveConcurrency(),
    llm.withQueue(),
    llm.withCircuitBreaker({ mode: 'rate', minimumCalls: 50, window: '2s', resetTimeout: '100ms' }),
  );
}

/** One client, from its first call to its end. @param {any} llm @param {string} url */
async function passThrough(llm, url) {
  const client = createSoakClient(llm, url, llm.withCache(false));
  await client.chat([llm.userMessage('first')]).catch(() => {});
  await client.close();
}
