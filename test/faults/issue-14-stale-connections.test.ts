/** undici#3492, node#47130: a connection is used again just as its server closes it. */
import { expect } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { isDeep } from '../support/deep.js';
import { answer, ask, immune, serve, watch } from './harness.js';

const REQUESTS = isDeep ? 100_000 : 5000;

immune(
  'issue 14: what a server has taken is not sent twice, and a connection that it closed costs no error',
  async (make) => {
    const breaking = await serve([{ cutAfterBytes: 0, cutBy: 'reset', rawHead: '' }]);
    const error = (await watch(ask(make({ servers: [breaking] }), 'chat', 'why?')).end).error;
    expect(error).toBeDefined();
    expect(breaking.requests.length).toBe(1);

    const server = await serve((request) => answer(request, 'ok'));
    const client = make({ servers: [server] });
    const random = createRandom(14);
    for (let i = 0; i < REQUESTS; i++) {
      if (random.next() < 0.5) server.endConnections();
      for (let turns = random.nextInt(6); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      expect(await watch(ask(client, 'chat', `question ${i}`)).end, `seed 14, request ${i}`).toEqual({ text: 'ok' });
    }
    // What was taken, each once.
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(REQUESTS);
    expect(server.requests.length).toBe(REQUESTS);
  },
);
