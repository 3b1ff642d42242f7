/** Sends requests to a server on loopback over kept-alive connections, so many at a time, and reads the answers. */
import { Agent, get } from 'node:http';

/** Asked for before the requests of a round, and answered by the server once the round has begun; not counted. */
export const BEGIN_PATH = '/begin';

/**
 * @param {number} port
 * @param {readonly string[]} paths
 * @param {number} concurrency
 */
export async function sendRequests(port, paths, concurrency) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  let next = 0;
  async function sendInTurn() {
    while (next < paths.length) await send(port, paths[next++] ?? '/', agent);
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, sendInTurn));
  } finally {
    agent.destroy();
  }
}

/** @param {number} port @param {string} path @param {Agent} agent */
function send(port, path, agent) {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume();
      response.once('end', resolve);
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}
