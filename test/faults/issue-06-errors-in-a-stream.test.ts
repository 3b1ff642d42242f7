/** litellm#6957, bifrost#5395, #2917: an error inside a 200 is taken for an answer, and nobody else is asked. */
import { expect } from 'vitest';
import { type Chunk, userMessage } from '../../src/llm/index.js';
import { event, failure, immune, role, serve, sse, streamed } from './harness.js';

const PLACES = [
  ['first', failure('busy')],
  ['second', role + failure('busy')],
  ['third', role + event({ id: 'c1', model: 'm', choices: [], usage: null }) + failure('busy')],
] as const;

immune(
  'issue 6: an error in a stream before any text leads to the next target, and is one clean stream',
  async (make) => {
    for (const [place, body] of PLACES) {
      const primary = await serve([sse(body)]);
      const backup = await serve([sse(streamed('All ', 'is ', 'well.'))]);
      const client = make({ servers: [primary, backup], retries: 0 });
      const chunks: Chunk[] = [];
      for await (const chunk of client.stream([userMessage('why?')])) chunks.push(chunk);
      const text = chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join('');
      expect(text, `an error in ${place} place`).toBe('All is well.');
      const count = (kind: Chunk['kind']): number => chunks.filter((chunk) => chunk.kind === kind).length;
      expect([count('start'), count('finish'), backup.requests.length], place).toEqual([1, 1, 1]);
    }
  },
);
