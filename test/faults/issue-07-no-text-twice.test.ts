/** litellm#32835, #19077, #28216: after a break amid the text another target begins again from the first word. */
import { expect } from 'vitest';
import { isSherdError, userMessage } from '../../src/llm/index.js';
import { delta, immune, role, serve, sse, streamed } from './harness.js';

const words = ['one ', 'two ', 'three'];

immune('issue 7: a stream that breaks amid its text ends with a typed error, and says nothing twice', async (make) => {
  for (let shown = 1; shown <= words.length; shown++) {
    const body = role + words.slice(0, shown).map(delta).join('');
    // A byte more than is sent: the connection breaks amid the body.
    const primary = await serve([sse(`${body}:`, { cutAfterBytes: body.length, cutBy: 'fin' })]);
    const backup = await serve([sse(streamed(...words))]);
    const client = make({ servers: [primary, backup], retries: 0 });
    let text = '';
    let isFinished = false;
    let error: unknown;
    try {
      for await (const chunk of client.stream([userMessage('why?')])) {
        if (chunk.kind === 'text-delta') text += chunk.text;
        isFinished ||= chunk.kind === 'finish';
      }
    } catch (caught) {
      error = caught;
    }
    expect(text).toBe(words.slice(0, shown).join(''));
    expect([isFinished, isSherdError(error) && error.code]).toEqual([false, 'ERR_STREAM_TRUNCATED']);
    expect(backup.requests.length).toBe(0);
  }
});
