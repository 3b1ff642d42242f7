import { describe, expect, test } from 'vitest';
import {
  assistantMessage,
  type ChatRequest,
  type Chunk,
  type Message,
  type ProviderAnswer,
  systemMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { NO_ANSWER, splitConversation } from '../../../src/providers/local/answer.js';
import { createLocalProvider, type LocalProviderOptions } from '../../../src/providers/local/provider.js';
import { createSentenceIndex } from '../../../src/providers/local/sentence-index.js';
import { splitSections, splitSentences, wordsOf } from '../../../src/providers/local/text.js';
import { fc } from '../../support/property.js';

const CORPUS = [
  {
    id: 'a',
    title: 'tea',
    text: '# Brewing\n\nGreen leaves want water of 80 degrees. Black leaves want boiling water.\n\n# Storing\n\nKeep the leaves dry and dark.',
  },
  {
    id: 'b',
    title: 'coffee',
    text: 'Grind the beans just before brewing. Water of 93 degrees is best.\n\n- Store beans in a closed tin.',
  },
];

async function run(
  messages: readonly Message[],
  changes: Partial<ChatRequest> = {},
  options: LocalProviderOptions = {},
  stream = false,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const request = { model: 'local-1', messages, ...changes };
  const { signal } = new AbortController();
  const call = { request, stream, signal, apiKey: undefined };
  for await (const chunk of flatten(createLocalProvider(options).chat(call))) chunks.push(chunk);
  return chunks;
}
async function ask(
  messages: readonly Message[],
  changes?: Partial<ChatRequest>,
  options?: LocalProviderOptions,
): Promise<ProviderAnswer> {
  const [chunk] = await run(messages, changes, options);
  return chunk?.kind === 'response' ? chunk.answer : expect.unreachable('no response');
}

describe('an answer', () => {
  test('is the sentence of the system message that bears on the question', async () => {
    const { text } = await ask([
      systemMessage('You are terse. The capital of Denmark is Copenhagen. It rains.'),
      userMessage('What is the capital?'),
    ]);
    expect(text).toBe('The capital of Denmark is Copenhagen.');
  });

  test('is found in the same message, above the question', async () => {
    const given = 'The mill stands by the river. Its wheel was mended in 1903.';
    for (const content of [
      `${given}\n\nWhen was the wheel mended?`,
      `${given}\nQuestion: When was the wheel mended?`,
      `${given} When was the wheel mended?`,
    ]) {
      expect((await ask([userMessage(content)])).text).toBe('Its wheel was mended in 1903.');
    }
  });

  test('is found in parts and in tool results, but not in what the assistant said', async () => {
    const messages: Message[] = [
      assistantMessage('The password is swordfish.'),
      { role: 'tool', toolCallId: 'c', content: 'The door is green.' },
      {
        role: 'user',
        content: [
          { kind: 'text', text: 'The window is blue.' },
          { kind: 'image', url: 'data:,' },
        ],
      },
    ];
    expect((await ask([...messages, userMessage('What colour is the door?')])).text).toBe('The door is green.');
    expect((await ask([...messages, userMessage('And the window?')])).text).toBe('The window is blue.');
    expect((await ask([...messages, userMessage('What is the password?')])).text).toBe(NO_ANSWER);
  });

  test('comes from the corpus only when the messages have none', async () => {
    const question = userMessage('How hot should water be for green leaves?');
    expect((await ask([question], {}, { corpus: CORPUS })).text).toBe('Green leaves want water of 80 degrees.');
    const given = systemMessage('For green leaves, water is never hot here.');
    expect((await ask([given, question], {}, { corpus: CORPUS })).text).toBe(
      'For green leaves, water is never hot here.',
    );
  });

  test('weighs title and heading: the same words mean more below them', async () => {
    for (const [topic, expected] of [
      ['tea', 'Green leaves want water of 80 degrees.'],
      ['coffee', 'Water of 93 degrees is best.'],
    ]) {
      expect((await ask([userMessage(`${topic}: water, degrees?`)], {}, { corpus: CORPUS })).text).toBe(expected);
    }
    const twice = [
      { id: 'c', title: '', text: '# Boats\n\nPaint them each spring.\n\n# Fences\n\nPaint them each autumn.' },
    ];
    expect((await ask([userMessage('When to paint fences?')], {}, { corpus: twice })).text).toBe(
      'Paint them each autumn.',
    );
  });

  test('that is not in the text is an honest one', async () => {
    expect((await ask([userMessage('Who won?')], {}, { corpus: CORPUS })).text).toBe(NO_ANSWER);
    expect((await ask([userMessage('')])).text).toBe(NO_ANSWER);
    expect((await ask([])).text).toBe(NO_ANSWER);
  });

  test('is the same each time and for each provider, and its id tells requests apart', async () => {
    const messages = [userMessage('Where do beans go?')];
    const first = await ask(messages, {}, { corpus: CORPUS });
    expect(await ask(messages, {}, { corpus: structuredClone(CORPUS) })).toEqual(first);
    expect((await ask(messages, { temperature: 1 }, { corpus: CORPUS })).id).not.toBe(first.id);
  });

  test('quotes: each of its sentences stands in the text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.lorem({ mode: 'sentences', maxCount: 4 }), { minLength: 1 }),
        fc.lorem({ maxCount: 3 }),
        async (texts, question) => {
          const corpus = texts.map((text, i) => ({ id: String(i), title: '', text }));
          const { text } = await ask([userMessage(question)], {}, { corpus });
          if (text === NO_ANSWER) return;
          const quoted = texts.some((source) => splitSentences(text).every((sentence) => source.includes(sentence)));
          expect(quoted).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('limits', () => {
  const given = systemMessage('The long river flows through seven countries before it meets the sea.');
  const question = userMessage('Where does the river flow?');

  test('maxTokens cuts at 4 characters a token and finishes with length', async () => {
    const whole = await ask([given, question]);
    expect(whole).toMatchObject({ finishReason: 'stop', usage: { outputTokens: Math.ceil(whole.text.length / 4) } });
    const cut = await ask([given, question], { maxTokens: 5 });
    expect(cut).toMatchObject({ text: whole.text.slice(0, 20), finishReason: 'length', usage: { outputTokens: 5 } });
    expect((await ask([given, question], { maxTokens: 1000 })).finishReason).toBe('stop');
  });

  test('a cut never parts a surrogate pair', async () => {
    const { text } = await ask([systemMessage(`The emblem: a🎉🎉🎉🎉🎉🎉🎉 emblem`), userMessage('emblem')], {
      maxTokens: 4,
    });
    expect(text.isWellFormed()).toBe(true);
    expect(text.length).toBe(15);
  });

  test('a stop sequence ends the answer before it', async () => {
    const { text, finishReason } = await ask([given, question], { stop: ['absent', ' through', ' before'] });
    expect(text).toBe('The long river flows');
    expect(finishReason).toBe('stop');
  });

  test('the usage counts 4 characters a token', async () => {
    const { usage } = await ask([userMessage('x'.repeat(9))]);
    expect(usage).toEqual({
      inputTokens: 3,
      outputTokens: Math.ceil(NO_ANSWER.length / 4),
      totalTokens: 3 + Math.ceil(NO_ANSWER.length / 4),
    });
  });
});

describe('a stream', () => {
  test('gives the answer word by word', async () => {
    const messages = [systemMessage('The  long river\nflows.'), userMessage('river?')];
    const chunks = await run(messages, {}, {}, true);
    const pieces = chunks.flatMap((chunk) => (chunk.kind === 'text-delta' ? [chunk.text] : []));
    expect(pieces).toEqual(['The', '  long', ' river', '\nflows.']);
    expect(chunks.at(-1)).toEqual({ kind: 'finish', reason: 'stop' });
  });

  test('stops between two words when it is aborted', async () => {
    const controller = new AbortController();
    const request = { model: 'm', messages: [systemMessage('The long river flows.'), userMessage('river?')] };
    const chunks = createLocalProvider()
      .chat({ request, stream: true, signal: controller.signal, apiKey: undefined })
      [Symbol.asyncIterator]();
    await chunks.next();
    await chunks.next();
    controller.abort('enough');
    await expect(chunks.next()).rejects.toBe('enough');
  });
});

describe('the provider', () => {
  test('names its corpus in the endpoint, so that keys differ', () => {
    const endpoints = [{}, { corpus: CORPUS }, { corpus: CORPUS.slice(1) }].map(
      (options) => createLocalProvider(options).endpoint,
    );
    expect(new Set(endpoints).size).toBe(3);
    expect(createLocalProvider({ corpus: structuredClone(CORPUS) }).endpoint).toBe(endpoints[1]);
  });

  test('refuses what it cannot do', () => {
    const request: ChatRequest = {
      model: 'm',
      messages: [],
      toolChoice: { name: 't' },
      tools: [{ name: 't' }],
      responseFormat: { kind: 'json' },
    };
    expect(() => createLocalProvider().body(request)).toThrow(
      expect.objectContaining({
        issues: [
          expect.objectContaining({ path: 'toolChoice' }),
          expect.objectContaining({ path: 'responseFormat.kind' }),
        ],
      }),
    );
  });

  test('indexes its corpus ahead when it is prewarmed', async () => {
    let reads = 0;
    const document = {
      id: 'a',
      title: 't',
      get text() {
        reads++;
        return 'The river flows.';
      },
    };
    const provider = createLocalProvider({ corpus: [document] });
    const afterDigest = reads;
    await provider.prewarm?.();
    expect(reads).toBe(afterDigest + 1);
    const request = { model: 'm', messages: [userMessage('river')] };
    for await (const _ of provider.chat({
      request,
      stream: false,
      signal: new AbortController().signal,
      apiKey: undefined,
    }));
    expect(reads).toBe(afterDigest + 1);
  });
});

describe('text', () => {
  test('is split where sentences, items and paragraphs end, and nowhere else', () => {
    const text =
      'One costs 3.50 dollars, e.g. here. "Two?" he said. Three\nruns on!\n\nFour\n- five is an item\n1. six is numbered\n| a | b |';
    expect(splitSentences(text)).toEqual([
      'One costs 3.50 dollars, e.g. here.',
      '"Two?" he said.',
      'Three\nruns on!',
      'Four',
      '- five is an item',
      '1. six is numbered',
      '| a | b |',
    ]);
  });

  test('has a section for each heading, and no code', () => {
    const text =
      'Before.\n\n## First thing\nInside one.\n\n```js\nconst x = "Not prose.";\n```\n\nStill one.\n\n# Second\n\nInside two.';
    expect(splitSections(text)).toEqual([
      { heading: '', sentences: ['Before.'] },
      { heading: 'First thing', sentences: ['Inside one.', 'Still one.'] },
      { heading: 'Second', sentences: ['Inside two.'] },
    ]);
  });

  test('gives sentences that are slices of it, of at most 400 characters', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 2000, unit: fc.constantFrom('a', 'B', ' ', '. ', '\n', '\n\n', '- ', '# ', '🎉') }),
        (text) => {
          for (const sentence of splitSentences(text)) {
            expect(text.includes(sentence)).toBe(true);
            expect(sentence.length).toBeLessThanOrEqual(400);
            expect(sentence.trim()).toBe(sentence);
            expect(sentence).not.toBe('');
          }
        },
      ),
    );
  });

  test('compares by words: lower case, no plural, no common words', () => {
    expect(wordsOf('The Boxes of THE queries: its glass, withTTL_2!')).toEqual(['boxe', 'query', 'glass', 'withttl_2']);
  });

  test('of a megabyte of anything is split', () => {
    expect(splitSentences('word '.repeat(200_000))).toHaveLength(2500);
    expect(splitSentences('x'.repeat(1_000_000))).toHaveLength(2500);
    for (const unit of ['. ', '\n', ' ', '\n ', '```\n', '# ', '#\n', '- ', '"', '\r']) {
      expect(splitSentences(unit.repeat(1_000_000 / unit.length)).length).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('the index', () => {
  test('ranks like a plain computation of BM25', () => {
    const word = fc.constantFrom('river', 'sea', 'hill', 'boat', 'wind');
    const sentence = fc.array(word, { minLength: 2, maxLength: 6 }).map((words) => `${words.join(' ')}.`);
    fc.assert(
      fc.property(
        fc.array(sentence, { minLength: 1, maxLength: 12 }),
        fc.uniqueArray(word, { minLength: 1 }),
        (sentences, question) => {
          const found = createSentenceIndex([{ id: 'd', title: '', text: sentences.join('\n\n') }]).search(
            question.join(' '),
            100,
          );
          const expected = rankPlainly(
            sentences,
            question.map((one) => wordsOf(one)[0] ?? ''),
          );
          expect(new Map(found.map(({ position, score }) => [position, score.toFixed(9)]))).toEqual(expected);
          const scores = found.map(({ score }) => score);
          expect(scores).toEqual(scores.toSorted((left, right) => right - left));
        },
      ),
    );
  });
});

/** BM25 (k1 1.2, b 0.75) times the share of the question's weight that the sentence has, from the textbook. */
function rankPlainly(sentences: readonly string[], question: readonly string[]): ReadonlyMap<number, string> {
  const documents = sentences.map(wordsOf);
  const average = documents.reduce((sum, words) => sum + words.length, 0) / documents.length;
  const weight = (word: string): number => {
    const count = documents.filter((words) => words.includes(word)).length;
    return Math.log(1 + (documents.length - count + 0.5) / (count + 0.5));
  };
  const full = question.reduce((sum, word) => sum + weight(word), 0);
  const scores = documents.map((words, position): [number, string] => {
    const present = question.filter((word) => words.includes(word));
    const base = present.reduce((sum, word) => {
      const count = words.filter((other) => other === word).length;
      return sum + (weight(word) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * words.length) / average));
    }, 0);
    return [position, ((base * present.reduce((sum, word) => sum + weight(word), 0)) / full).toFixed(9)];
  });
  return new Map(scores.filter(([, score]) => Number(score) > 0));
}

test('the question is told apart from what is given with it', () => {
  expect(
    splitConversation([
      systemMessage('s'),
      userMessage('u1'),
      assistantMessage('a1'),
      userMessage('c1\n\nc2\n\nwhat?'),
    ]),
  ).toEqual({
    question: 'what?',
    context: ['s', 'u1', 'c1\n\nc2'],
  });
  expect(splitConversation([userMessage('Just a statement.')])).toEqual({ question: 'Just a statement.', context: [] });
});
