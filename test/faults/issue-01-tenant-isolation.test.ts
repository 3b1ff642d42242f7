/** litellm#29955 and its like: the key has no tenant, so one reads what another was answered. */
import { expect } from 'vitest';
import { fc } from '../support/property.js';
import { answer, ask, bodyOf, immune, KINDS, serve } from './harness.js';

const step = fc.record({ tenant: fc.constantFrom('a', 'b'), kind: fc.constantFrom(...KINDS), joins: fc.boolean() });

immune('issue 1: no tenant is ever answered what another asked, stored or on its way', async (make) => {
  const server = await serve((request) => answer(request, `for ${bodyOf(request).user}`));
  const client = make({ servers: [server], cache: true });
  for (const tenant of ['a', 'b']) {
    const { text } = await ask(client, 'chat', 'first', { scope: tenant, user: tenant });
    expect(text).toBe(`for ${tenant}`);
  }
  let questions = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
      const question = `question ${questions++}`;
      let before: Promise<unknown>[] = [];
      for (const { tenant, kind, joins } of steps) {
        if (!joins) await Promise.all(before.splice(0));
        const call = ask(client, kind, question, { scope: tenant, user: tenant });
        before.push(call.then(({ text }) => expect(text).toBe(`for ${tenant}`)));
      }
      await Promise.all(before);
      before = [];
    }),
    { numRuns: 60 },
  );
});
