import { createCohereProvider } from '../../../src/providers/cohere/provider.js';
import { defineContracts } from '../contracts.js';

const TEXT = 'It is made of red stone.';
const usage = { tokens: { input_tokens: 9, output_tokens: 5 }, cached_tokens: 4 };
const ANSWER = {
  id: 'a-1',
  message: { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
  finish_reason: 'COMPLETE',
  usage,
};
const said = (text: string): object => ({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } });
const EVENTS = [
  { id: 'a-1', type: 'message-start', delta: { message: { role: 'assistant' } } },
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
  ...TEXT.split(/(?= )/).map(said),
  { type: 'content-end', index: 0 },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } },
];

defineContracts({
  name: 'cohere',
  model: 'command-a-03-2025',
  create: createCohereProvider,
  text: TEXT,
  whole: ANSWER,
  stream: EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  contentType: 'text/event-stream',
});
