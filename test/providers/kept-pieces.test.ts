/** What goes back to a vendor with the next question is kept with the answer: as one text, however it came. */
import { expect, test } from 'vitest';
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import type { ProviderAnswer } from '../../src/protocol/chat.js';
import { createStreamDecoder as createAnthropic } from '../../src/providers/anthropic/decode.js';
import { createStreamDecoder as createCohere } from '../../src/providers/cohere/decode.js';
import { createStreamDecoder as createOllama } from '../../src/providers/ollama/decode.js';
import { createStreamDecoder as createOpenAIChat } from '../../src/providers/openai-chat/decode.js';
import type { StreamDecoder } from '../../src/providers/wire-format.js';
import { heapBytes } from '../support/memory.js';

const ANSWERS = 100;
const PIECES = 1000;

interface Stream {
  readonly create: () => StreamDecoder;
  /** One event with a piece of the text. */
  readonly piece: (text: string) => object;
  readonly end: readonly object[];
  /** The text in what the echo holds. */
  readonly echoed: (data: never) => unknown;
}

const message = (delta: object): object => ({ choices: [{ index: 0, delta }] });
const openAIEnd = [{ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }];
const anthropicEnd = [{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }];

const STREAMS: Readonly<Record<string, Stream>> = {
  'thinking of Anthropic': {
    create: () => createAnthropic(undefined, 'm'),
    piece: (thinking) => ({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking } }),
    end: [
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'signed' } },
      ...anthropicEnd,
    ],
    echoed: ([{ thinking }]: [{ thinking: unknown }]) => thinking,
  },
  'text of Anthropic beside a thought': {
    create: () => createAnthropic(undefined, 'm'),
    piece: (text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    end: [
      { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'sealed' } },
      ...anthropicEnd,
    ],
    echoed: ([{ text }]: [{ text: unknown }]) => text,
  },
  'reasoning_content of OpenAI chat': {
    create: () => createOpenAIChat(undefined, ['reasoning_content']),
    piece: (text) => message({ reasoning_content: text }),
    end: openAIEnd,
    echoed: ({ reasoning_content: text }: { reasoning_content: unknown }) => text,
  },
  'reasoning_details of OpenAI chat': {
    create: () => createOpenAIChat(undefined, ['reasoning_details']),
    piece: (text) => message({ reasoning: text, reasoning_details: [{ type: 'reasoning.text', index: 0, text }] }),
    end: openAIEnd,
    echoed: ({ reasoning_details: [{ text }] }: { reasoning_details: [{ text: unknown }] }) => text,
  },
  'thinking of Ollama': {
    create: () => createOllama(undefined, 'm'),
    piece: (thinking) => ({ message: { thinking } }),
    end: [{ message: { tool_calls: [{ function: { name: 'look', arguments: {} } }] }, done: true }],
    echoed: ({ thinking }: { thinking: unknown }) => thinking,
  },
  'thinking of Cohere': {
    create: () => createCohere(undefined, 'm'),
    piece: (thinking) => ({ type: 'content-delta', delta: { message: { content: { thinking } } } }),
    end: [{ type: 'message-end', delta: { finish_reason: 'COMPLETE' } }],
    echoed: ({ thinking }: { thinking: unknown }) => thinking,
  },
  'plans of Cohere': {
    create: () => createCohere(undefined, 'm'),
    piece: (plan) => ({ type: 'tool-plan-delta', delta: { message: { tool_plan: plan } } }),
    end: [{ type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } }],
    echoed: ({ tool_plan: plan }: { tool_plan: unknown }) => plan,
  },
};

function answerOf({ create, piece, end }: Stream, number: number): ProviderAnswer {
  const decoder = create();
  const assembler = createAnswerAssembler();
  const add = (event: object): void => {
    for (const chunk of decoder.decode(event, 'message')) assembler.add(chunk);
  };
  for (let at = 0; at < PIECES; at++) add(piece(`${number} ${at}|`));
  end.forEach(add);
  for (const chunk of decoder.finish()) assembler.add(chunk);
  return assembler.answer();
}

test.each(Object.entries(STREAMS))('an answer keeps no piece of the %s', (_, stream) => {
  // What is compiled on the way stays as well.
  for (let i = 0; i < 20; i++) answerOf(stream, i);
  const before = heapBytes();
  const answers = Array.from({ length: ANSWERS }, (_, number) => answerOf(stream, number));
  const bytes = heapBytes() - before;
  const lengths = answers.map(({ reasoning = '', text }) => reasoning.length + text.length);
  const said = lengths.reduce((sum, length) => sum + length, 0);
  // Kept twice: as what the caller reads, and as what the vendor does. A piece has a header and a place of its own.
  expect(bytes / said).toBeLessThan(4);
  const echoes = answers.map(({ echo }) => String(stream.echoed(echo?.data as never)));
  expect(echoes[0]).toMatch(/^0 0\|0 1\|.*0 999\|$/);
});
