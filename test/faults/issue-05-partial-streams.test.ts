/** GoModel#202, apisix#13644: the part of a stream that came before it broke off is kept as the answer. */
import { expect } from 'vitest';
import { userMessage } from '../../src/llm/index.js';
import { ask, bodyOf, DONE, delta, finish, immune, role, serve, sse, watch } from './harness.js';

const pieces = ['All ', 'is ', 'well.'];
const body = role + pieces.map(delta).join('') + finish + DONE;
const begun = role + pieces.map(delta).join('');

immune('issue 5: a stream that was cut at any byte, left or aborted after any chunk, is not kept', async (make) => {
  const asked = new Map<string, number>();
  const server = await serve((request) => {
    const question = bodyOf(request).messages[0]?.content ?? '';
    const time = asked.get(question) ?? 0;
    asked.set(question, time + 1);
    const [kind, at] = question.split(' ');
    if (time > 0) return sse(body);
    return kind === 'cut' ? sse(body, { cutAfterBytes: Number(at) }) : sse(begun, { hang: 'before-end' });
  });
  const client = make({ servers: [server], cache: true, retries: 0 });
  for (let cut = 0; cut < body.length; cut++) {
    expect((await watch(ask(client, 'stream', `cut ${cut}`)).end).error, `cut at ${cut}`).toBeDefined();
    expect((await watch(ask(client, 'stream', `cut ${cut}`)).end).text, `after a cut at ${cut}`).toBe('All is well.');
    expect(asked.get(`cut ${cut}`), `cut at ${cut}`).toBe(2);
  }
  for (const how of ['leave', 'abort']) {
    for (let chunks = 0; chunks < 4; chunks++) {
      const question = `${how} ${chunks}`;
      const controller = new AbortController();
      const read = async (): Promise<void> => {
        let seen = 0;
        for await (const _ of client.stream([userMessage(question)], { signal: controller.signal })) {
          if (seen++ < chunks) continue;
          if (how === 'leave') break;
          controller.abort('left');
        }
      };
      await read().catch((error: unknown) => expect(error).toBe('left'));
      expect((await ask(client, 'stream', question)).text, question).toBe('All is well.');
      expect(asked.get(question), question).toBe(2);
    }
  }
});
