import { createOllamaProvider } from '../../../src/providers/ollama/provider.js';
import { defineContracts } from '../contracts.js';

const WORDS = ['It is ', 'made ', 'of red ', 'stone.'];

function line(content: string, rest: object = { done: false }): object {
  return { model: 'qwen3', message: { role: 'assistant', content }, ...rest };
}
const DONE = { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 5 };
const STREAM = [...WORDS.map((word) => line(word)), line('', DONE)].map((one) => `${JSON.stringify(one)}\n`).join('');

defineContracts({
  name: 'ollama',
  model: 'qwen3',
  create: createOllamaProvider,
  text: WORDS.join(''),
  whole: line(WORDS.join(''), DONE),
  stream: STREAM,
  contentType: 'application/x-ndjson',
});
