import { createAnthropicProvider } from '../../../src/providers/anthropic/provider.js';
import { defineContracts } from '../contracts.js';
import { framed, streamOf } from './streams.js';

const TEXT = 'It is made of red stone.';
const ANSWER = {
  id: 'msg_1',
  type: 'message',
  model: 'claude-haiku-4-5-20251001',
  content: [
    { type: 'thinking', thinking: 'A bridge.', signature: 'c2ln' },
    { type: 'text', text: TEXT },
  ],
  stop_reason: 'end_turn',
  usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 5 },
};

defineContracts({
  name: 'anthropic',
  model: 'claude-haiku-4-5',
  create: createAnthropicProvider,
  text: TEXT,
  whole: ANSWER,
  stream: framed(streamOf(ANSWER)),
  contentType: 'text/event-stream',
});
