/** litellm#27955, #30020, #21213: a place or a connection is lost when a stream is cancelled, or even when it ends. */
import { expect } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { userMessage } from '../../src/llm/index.js';
import { ask, delta, happens, immune, role, serve, sse, streamed, watch } from './harness.js';

const STREAMS = 10_000;
const PLACES = 4;
const words = Array.from({ length: 6 }, (_, i) => `word ${i} `);

immune(
  `issue 18: after ${STREAMS} streams that ended, were left or aborted, all ${PLACES} places are free`,
  async (make) => {
    const random = createRandom(18);
    const server = await serve((request) =>
      request.body.includes('endless')
        ? sse(role + words.map(delta).join(''), { hang: 'before-end' })
        : sse(streamed(...words)),
    );
    const client = make({ servers: [server], places: PLACES, retries: 0 });

    async function read(index: number): Promise<void> {
      const controller = new AbortController();
      const fate = ['read', 'left', 'aborted'][random.nextInt(3)];
      const chunks = random.nextInt(words.length) + 1;
      let seen = 0;
      // While most wait for a place.
      if (fate === 'aborted' && chunks === 1) setImmediate(() => controller.abort('left'));
      const question = fate === 'read' ? 'short' : 'endless';
      const stream = client.stream([userMessage(`${question} ${index}`)], { signal: controller.signal });
      for await (const _ of stream) {
        if (++seen < chunks || fate === 'read') continue;
        if (fate === 'left') break;
        controller.abort('left');
      }
    }
    let over = 0;
    for (let i = 0; i < STREAMS; i++) {
      void read(i)
        .catch(() => undefined)
        .then(() => over++);
    }
    for (let before = -1; over < STREAMS && over > before; ) {
      before = over;
      await happens(() => over > before, 100_000);
    }
    expect(over, 'seed 18: a stream waits for ever').toBe(STREAMS);
    expect(client.active(), 'seed 18').toBe(0);
    expect(await happens(() => server.connections - server.closedConnections <= PLACES)).toBe(true);
    // Every place can be had again, all at the same time, and no more than there are: two requests more wait.
    const before = server.requests.length;
    const leavers = Array.from({ length: PLACES + 2 }, () => new AbortController());
    const held = leavers.map(({ signal }, i) => watch(ask(client, 'stream', `endless, again ${i}`, { signal })));
    expect(await happens(() => server.requests.length === before + PLACES), 'places that are still there').toBe(true);
    const connections = server.requests.slice(before).map(({ connection }) => connection);
    expect(new Set(connections).size).toBe(PLACES);
    expect(await happens(() => server.requests.length > before + PLACES, 500), 'more than there are').toBe(false);
    // The first in line leaves it: the place that comes free is for the second.
    leavers[PLACES]?.abort('left');
    leavers[0]?.abort('left');
    expect(await happens(() => server.requests.length === before + PLACES + 1)).toBe(true);
    for (const leaver of leavers) leaver.abort('left');
    for (const { end } of held) expect(await end).toEqual({ error: 'left' });
    const again = Array.from({ length: PLACES }, (_, i) => watch(ask(client, 'stream', `short, again ${i}`)));
    for (const { end } of again) expect((await end).text).toBe(words.join(''));
  },
);
