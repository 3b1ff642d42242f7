import { createGeminiProvider } from '../../../src/providers/gemini/provider.js';
import { defineContracts } from '../contracts.js';

const WORDS = ['It is ', 'made ', 'of red ', 'stone.'];

function answerOf(texts: readonly string[], finishReason?: string): object {
  const content = { role: 'model', parts: texts.map((text) => ({ text })) };
  return {
    candidates: [{ content, ...(finishReason === undefined ? {} : { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 16 },
    responseId: 'r',
  };
}
const STREAM = [...WORDS.map((word) => answerOf([word])), answerOf([''], 'STOP')]
  .map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`)
  .join('');

defineContracts({
  name: 'gemini',
  model: 'gemini-3.8-flash',
  create: createGeminiProvider,
  path: '/v1beta',
  text: WORDS.join(''),
  whole: answerOf(WORDS, 'STOP'),
  stream: STREAM,
  contentType: 'text/event-stream',
  isWholePath: (path) => path.endsWith(':generateContent'),
});
