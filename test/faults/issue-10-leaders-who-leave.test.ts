/** remnic#2015, Haruki#59: the one who asked first leaves, and takes those who joined along, or leaves a dead flight behind. */
import { expect } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createGate, settle } from '../llm/puppet.js';
import { ask, bodyOf, immune, json, KINDS, type Kind, serve, sse, streamed, watch } from './harness.js';

const ROUNDS = 12;
const FOLLOWERS = 50;

immune(
  `issue 10: the leader leaves at any time, and ${FOLLOWERS} followers are served by its one request`,
  async (make) => {
    for (let seed = 1; seed <= ROUNDS; seed++) {
      const random = createRandom(seed);
      const gates = Array.from({ length: 4 }, createGate);
      const body = streamed('All ', 'is ', 'well.');
      const server = await serve((request) => {
        const isStream = bodyOf(request).stream === true;
        const beforeSlice = (index: number): Promise<void> => gates[Math.min(index, 3)]?.passed ?? Promise.resolve();
        return isStream
          ? sse(body, { sliceBytes: Math.ceil(body.length / 4), beforeSlice })
          : json('All is well.', { sliceBytes: 60, beforeSlice });
      });
      const client = make({ servers: [server], cache: true, retries: 0 });
      const kind = (): Kind => KINDS[random.nextInt(2)] as Kind;
      const controller = new AbortController();
      const leader = watch(ask(client, kind(), 'why?', { signal: controller.signal }));
      const followers = Array.from({ length: FOLLOWERS }, () => watch(ask(client, kind(), 'why?')));
      const leavesAt = random.nextInt(5);
      if (leavesAt > 0) await server.until(({ requests }) => requests.length > 0);
      for (const [i, gate] of gates.entries()) {
        if (i === leavesAt) controller.abort('left');
        await settle(3);
        gate.open();
      }
      controller.abort('left');
      await leader.end;
      const where = `seed ${seed}, leaving at ${leavesAt}`;
      for (const follower of followers) expect(await follower.end, where).toEqual({ text: 'All is well.' });
      expect([server.requests.length, client.active()], where).toEqual([1, 0]);
      expect((await ask(client, 'chat', 'why?')).text, where).toBe('All is well.');
    }
  },
);
