import { describe, expect, test } from 'vitest';
import {
  answerMessage,
  assistantMessage,
  type ChatRequest,
  type Echo,
  type Message,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { encodeRequest } from '../../../src/providers/anthropic/encode.js';
import { parseChatBody } from '../../../src/testing/openai-format.js';
import { hasRecordings, readRecording } from '../../support/recordings.js';

type Body = Readonly<Record<string, unknown>>;

const weather = { name: 'get_weather', description: 'Get weather', parameters: { type: 'object' }, strict: true };
const OSLO = { id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' };
const ROME = { id: 'c2', name: 'get_weather', arguments: '{"city":"Rome"}' };
const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const hi = userMessage('hi');
/** A model that thinks by a budget, one that weighs it itself, and one that always does. */
const [ELDER, NEWER, NEWEST] = ['claude-haiku-4-5', 'claude-sonnet-4-6', 'claude-opus-5-5'];

function encode(changes: Partial<ChatRequest>): { body: Body; warnings: readonly string[] } {
  return encodeRequest({ model: ELDER, messages: [hi], ...changes });
}
function turns(...messages: readonly Message[]): unknown {
  return encode({ messages }).body['messages'];
}

describe('the body', () => {
  test('holds model, messages and the bound that the format demands', () => {
    const minimum = { model: ELDER, max_tokens: 4096, messages: [{ role: 'user', content: 'hi' }] };
    expect(encode({})).toEqual({ body: minimum, warnings: [] });
    expect(encode({ stop: [], tools: [], vendor: { stream: true } }).body).toEqual(minimum);
  });

  test('says everything that a request can', () => {
    const { body, warnings } = encode({
      messages: [systemMessage('be brief'), systemMessage('be kind'), hi],
      maxTokens: 100,
      temperature: 0,
      stop: ['X', 'Y'],
      tools: [weather, { name: 'bare' }],
      toolChoice: 'auto',
      responseFormat: { kind: 'json-schema', name: 'report', schema: { type: 'object' } },
      user: 'u-1',
      vendor: { top_k: 5, service_tier: 'auto' },
    });
    expect(warnings).toEqual([]);
    expect(body).toEqual({
      model: ELDER,
      max_tokens: 100,
      system: 'be brief\n\nbe kind',
      messages: [{ role: 'user', content: 'hi' }],
      temperature: 0,
      stop_sequences: ['X', 'Y'],
      tools: [
        { name: 'get_weather', description: 'Get weather', input_schema: { type: 'object' }, strict: true },
        { name: 'bare', input_schema: { type: 'object' } },
      ],
      tool_choice: { type: 'auto' },
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
      metadata: { user_id: 'u-1' },
      top_k: 5,
      service_tier: 'auto',
    });
  });

  test('takes what vendor says verbatim, over its own', () => {
    const vendor = { max_tokens: 7, system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }] };
    expect(encode({ maxTokens: 5, vendor }).body).toMatchObject(vendor);
  });

  test.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [{ name: 'get_weather' }, { type: 'tool', name: 'get_weather' }],
  ] as const)('says the tool choice %o', (toolChoice, expected) => {
    expect(encode({ tools: [weather], toolChoice }).body['tool_choice']).toEqual(expected);
  });

  test('without tools holds no choice of them', () => {
    expect(encode({ toolChoice: 'auto' }).body).not.toHaveProperty('tool_choice');
  });
});

describe('a message', () => {
  test('may hold images, by data or by address', () => {
    const parts = [
      { kind: 'text', text: 'what?' },
      { kind: 'image', url: PIXEL },
      { kind: 'image', url: 'https://a.example/b.png' },
      { kind: 'text', text: ' ' },
    ] as const;
    expect(turns(userMessage(parts))).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
        ],
      },
    ]);
  });

  test('with the results of parallel calls is one, and they come first in it', () => {
    const calls = [OSLO, ROME];
    const image = [{ kind: 'image', url: PIXEL }] as const;
    const answered = turns(
      hi,
      assistantMessage('let me see', calls),
      toolMessage('c1', 'rain'),
      userMessage('hurry'),
      { role: 'tool', content: image, toolCallId: 'c2' },
      userMessage([{ kind: 'text', text: 'please' }]),
    );
    expect(answered).toEqual([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'let me see' },
          { type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'c2', name: 'get_weather', input: { city: 'Rome' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: 'rain' },
          {
            type: 'tool_result',
            tool_use_id: 'c2',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }],
          },
          { type: 'text', text: 'hurry' },
          { type: 'text', text: 'please' },
        ],
      },
    ]);
  });

  test('keeps its turn when there are no results', () => {
    expect(turns(hi, userMessage('hello?'), assistantMessage('yes'), hi)).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'user', content: 'hello?' },
      { role: 'assistant', content: 'yes' },
      { role: 'user', content: 'hi' },
    ]);
  });

  test('of the assistant without a word and without calls is no turn', () => {
    expect(turns(hi, assistantMessage(' '), hi)).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'user', content: 'hi' },
    ]);
  });

  test('has calls whose input is an object, whatever the model wrote', () => {
    const inputs = ['', ' ', '{"a":', '[1]', '{"a":1}'].map((text) => {
      const [turn] = turns(assistantMessage('', [{ ...OSLO, arguments: text }])) as { content: { input: object }[] }[];
      return turn?.content[0]?.input;
    });
    expect(inputs).toEqual([{}, {}, { INVALID_JSON: '{"a":' }, { INVALID_JSON: '[1]' }, { a: 1 }]);
  });

  test('from another vendor has ids that this one takes', () => {
    const messages = [assistantMessage('', [{ ...OSLO, id: 'functions.f:0' }]), toolMessage('functions.f:0', 'rain')];
    expect(turns(...messages)).toMatchObject([
      { content: [{ id: 'functions_f_0' }] },
      { content: [{ tool_use_id: 'functions_f_0' }] },
    ]);
  });
});

describe('an echo', () => {
  const blocks = [
    { type: 'thinking', thinking: '', signature: 'sig-1' },
    { type: 'redacted_thinking', data: 'opaque' },
    { type: 'text', text: 'let me' },
    { type: 'text', text: '' },
    { type: 'text', text: ' see' },
    { type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Oslo' }, caller: { type: 'direct' } },
  ];
  const echo: Echo = { format: 'anthropic', data: blocks };
  const message = answerMessage({ text: 'let me see', toolCalls: [OSLO], echo });
  const spoken = blocks.filter(({ text }) => text !== '');
  const plain = [
    { type: 'text', text: 'let me see' },
    { type: 'tool_use', id: 'c1', name: 'get_weather', input: { city: 'Oslo' } },
  ];
  const content = (changed: Message): unknown => (turns(hi, changed) as { content: unknown }[])[1]?.content;

  test('goes back unchanged and in its order, with the results after it', () => {
    expect(turns(hi, message, toolMessage('c1', 'rain'))).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: spoken },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'rain' }] },
    ]);
  });

  test('that survived JSON goes back as well', () => {
    expect(content(JSON.parse(JSON.stringify(message)) as Message)).toEqual(spoken);
  });

  test('of another format, or of no blocks, is ignored', () => {
    expect(content({ ...message, echo: { ...echo, format: 'gemini' } })).toEqual(plain);
    expect(content({ ...message, echo: { ...echo, data: 'nonsense' } })).toEqual(plain);
  });

  test.each([
    ['text', { content: 'let us see' }],
    ['arguments', { toolCalls: [{ ...OSLO, arguments: '{"city":"Rome"}' }] }],
    ['calls', { toolCalls: [OSLO, ROME] }],
  ])('goes no more when the message has other %s', (_what, change) => {
    expect(content({ ...message, ...change })).not.toContainEqual(blocks[0]);
  });
});

describe('reasoning', () => {
  test.each([
    [ELDER, { maxTokens: 5000 }, { thinking: { type: 'enabled', budget_tokens: 5000 }, max_tokens: 5100 }],
    [ELDER, { effort: 'low' }, { thinking: { type: 'enabled', budget_tokens: 4096 }, max_tokens: 4196 }],
    ['claude-opus-4-20250514', { effort: 'high' }, { thinking: { type: 'enabled', budget_tokens: 20_480 } }],
    [ELDER, { effort: 'none' }, { thinking: { type: 'disabled' }, max_tokens: 100 }],
    [ELDER, { maxTokens: 0 }, { thinking: { type: 'disabled' } }],
    ['kimi-k3', { effort: 'minimal' }, { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    [NEWER, { effort: 'high' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' }, max_tokens: 100 }],
    ['claude-sonnet-5', { effort: 'max' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    ['claude-sonnet-5', { effort: 'none' }, { thinking: { type: 'disabled' } }],
    ['anthropic/claude-opus-4.8', { effort: 'low' }, { thinking: { type: 'adaptive' } }],
  ] as const)('is said to %s, asked for %o', (model, reasoning, expected) => {
    const { body, warnings } = encode({ model, reasoning, maxTokens: 100 });
    expect(body).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  test('stands beside a schema', () => {
    const schema = { type: 'object' };
    const { body } = encode({
      model: NEWER,
      reasoning: { effort: 'low' },
      responseFormat: { kind: 'json-schema', schema },
    });
    expect(body['output_config']).toEqual({ effort: 'low', format: { type: 'json_schema', schema } });
  });

  test.each([
    ['too small a budget', ELDER, { reasoning: { maxTokens: 10 } }, /raised to 1024/, { max_tokens: 1124 }],
    [
      'a budget where there is none',
      NEWER,
      { reasoning: { maxTokens: 9000 } },
      /'reasoning.maxTokens' was left out/,
      {},
    ],
    [
      'an effort without a word',
      NEWER,
      { reasoning: { effort: 'minimal' } },
      /'low'/,
      { output_config: { effort: 'low' } },
    ],
    [
      'none of one who always thinks',
      NEWEST,
      { reasoning: { effort: 'none' } },
      /always thinks/,
      { output_config: { effort: 'low' } },
    ],
    [
      'a demanded call',
      ELDER,
      { reasoning: { effort: 'low' }, tools: [weather], toolChoice: 'required' },
      /left out/,
      { max_tokens: 100 },
    ],
  ] as const)('warns of %s', (_what, model, changes, warning, expected) => {
    const { body, warnings } = encode({ model, maxTokens: 100, ...(changes as Partial<ChatRequest>) });
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(body).toMatchObject(expected);
  });
});

describe('sampling', () => {
  test.each([
    [ELDER, { temperature: 0.3, topP: 0.9 }, { temperature: 0.3 }, /'topP' was left out.*not both/],
    [ELDER, { temperature: 0.3, topP: 1 }, { temperature: 0.3 }, undefined],
    [ELDER, { topP: 0.9 }, { top_p: 0.9 }, undefined],
    [ELDER, { temperature: 1.4 }, { temperature: 1 }, /'temperature' was sent as 1/],
    [ELDER, { temperature: 0, reasoning: { effort: 'low' } }, {}, /'temperature' was left out.*while it thinks/],
    [ELDER, { temperature: 0, vendor: { thinking: { type: 'enabled' } } }, {}, /while it thinks/],
    [ELDER, { topP: 0.97, reasoning: { effort: 'low' } }, { top_p: 0.97 }, undefined],
    [ELDER, { topP: 0.5, reasoning: { effort: 'low' } }, {}, /'topP' was left out/],
    [NEWER, { temperature: 0 }, { temperature: 0 }, undefined],
    [NEWEST, { temperature: 0 }, {}, /claude-opus-5-5 does not take it/],
    [NEWEST, { topP: 0.99 }, {}, /'topP' was left out/],
    [NEWEST, { temperature: 1, topP: 1 }, {}, undefined],
  ] as const)('of %s, asked for %o, is %o', (model, changes, expected, warning) => {
    const { body, warnings } = encode({ model, ...(changes as Partial<ChatRequest>) });
    const { temperature, top_p } = body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p }))).toEqual(expected);
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });
});

describe('what the format has no word for', () => {
  test.each([
    [{ seed: 7 }, /'seed'/],
    [{ messages: [{ ...hi, name: 'ann' }] }, /'name' of messages/],
    [{ metadata: { team: 'a' } }, /'metadata'/],
    [{ responseFormat: { kind: 'json' } }, /'responseFormat'.*schema/],
  ] as const)('%o is left out with a warning', (changes, warning) => {
    const { body, warnings } = encode(changes as Partial<ChatRequest>);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model']);
  });

  test('a user of the metadata is one', () => {
    expect(encode({ metadata: { user_id: 'u-2' } })).toMatchObject({
      body: { metadata: { user_id: 'u-2' } },
      warnings: [],
    });
  });

  test('is refused at once where it cannot be left out', () => {
    const image = { kind: 'image', url: PIXEL } as const;
    const messages: Message[] = [
      { role: 'system', content: [image] },
      { role: 'assistant', content: [{ kind: 'text', text: 'a' }, image] },
      userMessage([{ kind: 'image', url: 'ftp://a' }]),
      userMessage([{ kind: 'image', url: 'data:text/plain,a' }]),
      { role: 'tool', content: 'x' },
    ];
    let issues: readonly { path: string }[] = [];
    try {
      encode({ messages });
    } catch (error) {
      issues = (error as { issues: typeof issues }).issues;
    }
    expect(issues.map(({ path }) => path)).toEqual([
      'messages[0].content[0]',
      'messages[1].content[1]',
      'messages[2].content[0].url',
      'messages[3].content[0].url',
      'messages[4].toolCallId',
    ]);
  });
});

describe.skipIf(!hasRecordings)('the body that two other implementations sent', () => {
  const files = ['basic_system', 'multi_turn', 'params', 'tools_auto', 'image_b64', 'stream'];

  test.each(files.flatMap((file) => ['portkey', 'vercel'].map((peer) => [file, peer])))(
    '%s: of %s is ours, spelling apart',
    (file, peer) => {
      const recording = JSON.parse(readRecording(`requests/${file}.json`)) as {
        canonical: Body;
        wire: Readonly<Record<string, { body: Body }>>;
      };
      const theirs = recording.wire[`${peer}.anthropic`]?.body as Body;
      const { request } = parseChatBody(JSON.stringify({ ...recording.canonical, model: theirs['model'] }));
      expect(normal(encodeRequest(request).body)).toEqual(normal(theirs));
    },
  );

  /** Text as a list of blocks; without what one of the peers drops, adds or sends against the rules (top_p). */
  function normal({ stream: _stream, metadata: _metadata, top_p: _topP, system, ...body }: Body): object {
    const messages = (body['messages'] as { role: string; content: unknown }[]).map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
    }));
    const blocks = typeof system === 'string' ? [{ type: 'text', text: system }] : system;
    const tools = (body['tools'] as { input_schema: object }[] | undefined)?.map(
      ({ input_schema: schema, ...tool }) => {
        const { $defs: _defs, additionalProperties: _more, ...input_schema } = schema as Record<string, unknown>;
        return { ...tool, input_schema };
      },
    );
    const isSaid = Array.isArray(blocks) && blocks.length > 0;
    return { ...body, messages, ...(isSaid ? { system: blocks } : {}), ...(tools === undefined ? {} : { tools }) };
  }
});
