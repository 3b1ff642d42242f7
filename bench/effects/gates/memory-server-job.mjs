/**
 * Job: an HTTP server whose answers go through the guide's memory-efficient recipe (requirements S4-37 to S4-46), with
 * and without compression; what it caches is the answer's text as it is sent, or the answer as an object. A round lasts
 * until it has served as many requests as it was told; its CPU time is that of the whole process, request handling
 * included.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { makeAnswers } from '../values/prose.mjs';
import { BEGIN_PATH } from './requests.mjs';

/** Characters of an answer. */
const ANSWER_BYTES = 4_096;
const ANSWERS = 4_096;

/** @param {{ kind: 'text' | 'object', compression: boolean, requests: number }} options */
export async function prepare({ kind, compression, requests }) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(
    sherd.withPerformanceProfile('memory-efficient'),
    ...(compression ? [] : [sherd.withCompression(false)]),
    sherd.withSeed(1),
  );
  const answers = makeAnswers(ANSWERS, ANSWER_BYTES);
  let mostBytes = 0;
  /** Requests of the round that are still to come; 0 between rounds. */
  let toCome = 0;
  let finish = () => {};
  /** @type {(() => void)[]} */
  const waitingToBegin = [];

  const server = createServer((request, response) => {
    const key = request.url ?? '';
    if (key === BEGIN_PATH) {
      if (toCome > 0) response.end();
      else waitingToBegin.push(() => response.end());
      return;
    }
    let answer = cache.get(key);
    if (answer === undefined) {
      const made = { ...answers[Number(key.slice(1)) % ANSWERS], key };
      answer = kind === 'text' ? JSON.stringify(made) : made;
      cache.set(key, answer);
      mostBytes = Math.max(mostBytes, cache.bytes);
    }
    response.setHeader('content-type', 'application/json');
    response.end(kind === 'text' ? answer : JSON.stringify(answer));
    if (--toCome === 0) finish();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function round() {
    const before = cache.metrics();
    const stopwatch = new CpuStopwatch();
    await new Promise((resolve) => {
      finish = () => resolve(undefined);
      toCome = requests;
      for (const begin of waitingToBegin.splice(0)) begin();
    });
    const cpuNs = stopwatch.elapsedNs();
    const after = cache.metrics();
    const hits = after.hits - before.hits;
    return {
      cpuNs,
      operations: requests,
      hitRatio: hits / (hits + after.misses - before.misses),
      mostBytes,
      entries: cache.size,
      compressionRatio: after.compressionRatio,
    };
  }
  return { round, info: { port: /** @type {import('node:net').AddressInfo} */ (server.address()).port } };
}
