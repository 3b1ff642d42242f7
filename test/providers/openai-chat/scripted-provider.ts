/** One answer of the OpenAI chat format in both forms, and a provider that asks a scripted server for it. */
import { createOpenAIChatProvider } from '../../../src/providers/openai-chat/provider.js';
import type { OpenAIOptions } from '../../../src/providers/openai-common.js';
import type { Script } from '../../../src/testing/scripted-server.js';
import { type Started, startProvider } from '../scripted-provider.js';

export const ANSWER: object = {
  id: 'chatcmpl-1',
  model: 'm-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Because.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  system_fingerprint: 'fp_1',
};
export const EVENTS: readonly object[] = [
  { id: 'chatcmpl-1', model: 'm-2026', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'Bec' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'ause – 🐈' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
];
export const TEXT: string = 'Because – 🐈';

export function frame(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}
export const STREAM: string = frame(...EVENTS, '[DONE]');

export function start(script: Script, options: Partial<OpenAIOptions> = {}): Promise<Started> {
  return startProvider((given) => createOpenAIChatProvider({ ...given, ...options }), script, '/v1');
}
