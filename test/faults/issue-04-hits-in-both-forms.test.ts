/** nenya#18, semantic-router#913: a hit comes in the form that was stored, not in the one that is asked for. */
import OpenAI from 'openai';
import { expect } from 'vitest';
import { userMessage } from '../../src/llm/index.js';
import type { FinishReason, ToolCall, Usage } from '../../src/protocol/chat.js';
import type { Provider } from '../../src/providers/provider.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import { answer, ask, closing, DONE, event, immune, KINDS, type Kind, type Subject, serve, sse } from './harness.js';

/** A client as the provider of a server, so that foreign clients can be asked what they make of it. */
function asProvider(client: Subject): Provider {
  return {
    name: 'subject',
    endpoint: 'test',
    body: (request) => ({ ...request }),
    async *chat({ request, stream, signal }) {
      if (stream) yield* client.stream(request.messages, { signal });
      else yield { kind: 'response', answer: await client.chat(request.messages, { signal }) };
    },
  };
}

immune(
  'issue 4: what was stored whole or streamed is read whole or streamed, as the official SDK sees it',
  async (make) => {
    const server = await serve((request) => answer(request, 'All is well.'));
    const client = make({ servers: [server], cache: true });
    const front = closing(await createLocalServer({ provider: asProvider(client) }));
    const sdk = new OpenAI({ apiKey: 'none', baseURL: front.baseURL, maxRetries: 0 });

    async function bySdk(kind: Kind, content: string): Promise<string> {
      const request = { model: 'm', messages: [{ role: 'user', content }] } as const;
      if (kind === 'chat') {
        const completion = await sdk.chat.completions.create({ ...request, messages: [...request.messages] });
        return `${completion.choices[0]?.message.content} ${completion.choices[0]?.finish_reason}`;
      }
      let text = '';
      const chunks = await sdk.chat.completions.create({ ...request, messages: [...request.messages], stream: true });
      for await (const { choices } of chunks) {
        text += choices[0]?.delta.content ?? '';
        if (choices[0]?.finish_reason) text += ` ${choices[0].finish_reason}`;
      }
      return text;
    }
    for (const written of KINDS) {
      for (const read of KINDS) {
        const question = `${written} then ${read}`;
        const before = server.requests.length;
        expect((await ask(client, written, question)).text).toBe('All is well.');
        const texts = await Promise.all([
          ask(client, read, question).catch(() => ({ text: 'broken' })),
          bySdk(read, question).catch(() => 'broken'),
        ]);
        expect(texts).toEqual([expect.objectContaining({ text: 'All is well.' }), 'All is well. stop']);
        expect(server.requests.length - before, question).toBe(1);
      }
    }
  },
);

/** All that an answer says, put together from its chunks. */
interface Told {
  readonly id: string;
  readonly model: string;
  readonly reasoning: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: Usage | undefined;
  readonly finishReason: FinishReason | undefined;
}

async function readStream(client: Subject): Promise<{ readonly kinds: readonly string[]; readonly told: Told }> {
  const kinds: string[] = [];
  const toolCalls: { id: string; name: string; arguments: string }[] = [];
  let told: Omit<Told, 'toolCalls'> = EMPTY;
  for await (const chunk of client.stream([userMessage(QUESTION)])) {
    kinds.push(chunk.kind);
    if (chunk.kind === 'start') told = { ...told, id: chunk.id, model: chunk.model };
    if (chunk.kind === 'reasoning-delta') told = { ...told, reasoning: told.reasoning + chunk.text };
    if (chunk.kind === 'text-delta') told = { ...told, text: told.text + chunk.text };
    if (chunk.kind === 'tool-call-start') toolCalls[chunk.index] = { id: chunk.id, name: chunk.name, arguments: '' };
    if (chunk.kind === 'tool-call-delta')
      (toolCalls[chunk.index] as ToolCall & { arguments: string }).arguments += chunk.arguments;
    if (chunk.kind === 'usage') told = { ...told, usage: chunk.usage };
    if (chunk.kind === 'finish') told = { ...told, finishReason: chunk.reason };
  }
  return { kinds, told: { ...told, toolCalls } };
}

const QUESTION = 'what is to be done?';
const EMPTY = { id: '', model: '', reasoning: '', text: '', usage: undefined, finishReason: undefined };
const CALL_KINDS = ['tool-call-start', 'tool-call-delta', 'tool-call-end'];
const SAID: Told = {
  id: 'c1',
  model: 'm',
  reasoning: 'hm, 日本 ',
  text: 'naïve 👍🏽 \n',
  toolCalls: [
    { id: 'call-1', name: 'look', arguments: '{"at":"–🌧"}' },
    { id: 'call-2', name: 'go', arguments: '{}' },
  ],
  usage: { inputTokens: 9, outputTokens: 7, totalTokens: 16, cachedInputTokens: 4, reasoningTokens: 2 },
  finishReason: 'tool-calls',
};

const inDelta = (delta: object, finish_reason: string | null = null): string =>
  event({ id: SAID.id, model: SAID.model, choices: [{ index: 0, delta, finish_reason }] });
const calling = (index: number, more: object): string => inDelta({ tool_calls: [{ index, ...more }] });

/** What is said, in many pieces; both calls of tools at the same time. */
function saidInPieces(): string {
  const [look, go] = SAID.toolCalls as [ToolCall, ToolCall];
  const usage = {
    prompt_tokens: 9,
    completion_tokens: 7,
    total_tokens: 16,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  };
  return [
    inDelta({ role: 'assistant', content: '' }),
    ...[...SAID.reasoning].map((character) => inDelta({ reasoning_content: character })),
    ...[...SAID.text].map((character) => inDelta({ content: character })),
    calling(0, { id: look.id, function: { name: look.name, arguments: '' } }),
    ...[...look.arguments].map((character) => calling(0, { function: { arguments: character } })),
    calling(1, { id: go.id, function: { name: go.name, arguments: go.arguments } }),
    inDelta({}, 'tool_calls'),
    event({ id: SAID.id, model: SAID.model, choices: [], usage }),
    DONE,
  ].join('');
}

immune(
  'issue 4: a stream that was stored says the same again: read as a stream, at once and each part in one piece, or whole',
  async (make) => {
    const server = await serve([sse(saidInPieces())]);
    // It stands still: nothing is slowed down for the looks of it.
    const clock = createFakeClock();
    const client = make({ servers: [server], clock, cache: true });
    const original = await readStream(client);
    expect(original.told).toEqual(SAID);
    expect(original.kinds.filter((kind) => kind === 'text-delta').length).toBe([...SAID.text].length);
    for (let time = 0; time < 2; time++) {
      const { told, kinds } = await readStream(client);
      expect(told).toEqual(original.told);
      expect(kinds).toEqual([
        'start',
        'reasoning-delta',
        'text-delta',
        ...CALL_KINDS,
        ...CALL_KINDS,
        'usage',
        'finish',
      ]);
    }
    const { id, model, reasoning, text, toolCalls, usage, finishReason } = await client.chat([userMessage(QUESTION)]);
    expect({ id, model, reasoning, text, toolCalls, usage, finishReason }).toEqual(original.told);
    expect(server.requests.length).toBe(1);
  },
);
