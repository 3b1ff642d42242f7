/** autogen#8211, agno#10138, langchain#14590: the key leaves out what changes the answer. */
import { expect } from 'vitest';
import { type ChatRequest, type PerCall, userMessage } from '../../src/llm/index.js';
import { immune } from './harness.js';

const tool = { name: 'look', parameters: { type: 'object' } };
/** Another value for every field that a request has; `null` where the list below says why it may be left out. */
const MUTATIONS: { readonly [K in keyof Required<Omit<ChatRequest, 'messages'>>]: readonly PerCall[] | null } = {
  model: [{ model: 'other' }],
  maxTokens: [{ maxTokens: 7 }],
  temperature: [{ temperature: 0 }, { temperature: 0.1 }],
  topP: [{ topP: 0.5 }],
  stop: [{ stop: ['END'] }, { stop: ['END', 'STOP'] }],
  seed: [{ seed: 0 }, { seed: 1 }],
  tools: [{ tools: [tool] }, { tools: [{ ...tool, description: 'around' }] }, { tools: [tool, { name: 'go' }] }],
  toolChoice: [
    { tools: [tool], toolChoice: 'required' },
    { tools: [tool], toolChoice: 'none' },
  ],
  responseFormat: [
    { responseFormat: { kind: 'json' } },
    { responseFormat: { kind: 'json-schema', name: 's', schema: { type: 'object' } } },
  ],
  reasoning: [{ reasoning: { effort: 'low' } }, { reasoning: { effort: 'high' } }],
  vendor: [{ vendor: { logprobs: true } }, { vendor: { logprobs: false } }],
  // Who asks, and notes about it: no part of the question. What separates tenants is the scope.
  user: null,
  metadata: null,
};

immune('issue 3: whatever changes the answer changes the key', async (make) => {
  const client = make({ servers: [{ url: 'http://127.0.0.1:1' }], cache: true });
  const keys = new Map<string, string>();
  const add = (what: string, key: string): void => {
    expect(keys.get(key), `the key of ${what}`).toBeUndefined();
    keys.set(key, what);
  };
  const question = [userMessage('why?')];
  const plain = client.cacheKey(question);
  add('the plain question', plain);
  for (const perCall of Object.values(MUTATIONS).flatMap((list) => list ?? [])) {
    add(JSON.stringify(perCall), client.cacheKey(question, perCall));
  }
  add('two messages', client.cacheKey([userMessage('a'), userMessage('bc')]));
  add('the same letters, cut elsewhere', client.cacheKey([userMessage('ab'), userMessage('c')]));
  add('the same letters in one', client.cacheKey([userMessage('abc')]));
  add('another role', client.cacheKey([{ role: 'system', content: 'why?' }]));
  for (const perCall of [{ user: 'me' }, { metadata: { trace: '1' } }]) {
    expect(client.cacheKey(question, perCall)).toBe(plain);
  }
});
