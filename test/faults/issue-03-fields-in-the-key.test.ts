/** autogen#8211, agno#10138, langchain#14590: the key leaves out what changes the answer. */
import { expect } from 'vitest';
import {
  assistantMessage,
  type ChatRequest,
  type Message,
  type PerCall,
  type ToolCall,
  toolMessage,
  userMessage,
} from '../../src/llm/index.js';
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

const call = { id: 'c1', name: 'look', arguments: '{}' };
const calling = (changes: Partial<ToolCall>): Message => assistantMessage('', [{ ...call, ...changes }]);
const image = (url: string): Message => userMessage([{ kind: 'image', url }]);
/** A second message, and another one for each of its parts. */
const MESSAGES: Readonly<Record<string, Message>> = {
  'a text as a part': userMessage([{ kind: 'text', text: 'so?' }]),
  'two parts': userMessage([
    { kind: 'text', text: 'so?' },
    { kind: 'text', text: '' },
  ]),
  'an image': image('https://a.test/1.png'),
  'another image': image('https://a.test/2.png'),
  'an answer': assistantMessage('so.'),
  'a call of a tool': calling({}),
  'a call by another id': calling({ id: 'c2' }),
  'a call of another tool': calling({ name: 'go' }),
  'other arguments': calling({ arguments: '{"at":1}' }),
  'two calls': assistantMessage('', [call, { ...call, id: 'c2' }]),
  'a result': toolMessage('c1', 'so.'),
  'a result of another call': toolMessage('c2', 'so.'),
  'another result': toolMessage('c1', 'no.'),
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
  for (const [what, message] of Object.entries(MESSAGES)) add(what, client.cacheKey([...question, message]));
  for (const perCall of [{ user: 'me' }, { metadata: { trace: '1' } }]) {
    expect(client.cacheKey(question, perCall)).toBe(plain);
  }
});
