/**
 * The semantic cache on pairs of questions: `npm run measure:semantic` prints what this gates. A pair is asked in a scope
 * of its own, one question after the other; the second is a hit if it gets the answer of the first. Two embedders: the
 * embedded one, which tells shared words and not meaning, and the worst there can be, to which all questions are the same.
 */
import { afterAll, describe, expect, test } from 'vitest';
import {
  createClient,
  type Embedder,
  userMessage,
  withCache,
  withModel,
  withProvider,
  withSemanticCache,
} from '../../../src/llm/index.js';
import { createLocalProvider } from '../../../src/providers/local/provider.js';
import { createPuppet } from '../puppet.js';
import corpus from '../semantic-corpus.json' with { type: 'json' };

type Kind = keyof typeof corpus;
const kinds = Object.keys(corpus) as Kind[];
const different = kinds.filter((kind) => kind !== 'paraphrase');

const local: Embedder = { provider: createLocalProvider(), model: 'local-embedding' };
const blind: Embedder = (texts) => texts.map(() => [1]);

const rows: string[] = [];
afterAll(() => {
  process.stdout.write(
    [
      'semantic cache: hits on pairs of questions; all but the paraphrases are false',
      'embedder                 threshold  pairs of           pairs   hits  share',
      ...rows,
      'The local embedder is lexical: few paraphrases come near 0.95. The blind one shows what the rules alone let through.',
      '',
    ].join('\n'),
  );
});

async function hitsOf(kind: Kind, embedder: Embedder, threshold: number, name: string): Promise<readonly string[]> {
  const client = createClient(
    withProvider(createPuppet()),
    withModel('m'),
    withCache(true),
    withSemanticCache({ embedder, threshold }),
  );
  const hits: string[] = [];
  // Either may be asked first.
  for (const [first = '', second = ''] of corpus[kind].flatMap((pair) => [pair, pair.toReversed()])) {
    const scope = `${first} | ${second}`;
    await client.chat([userMessage(first)], { scope });
    if ((await client.chat([userMessage(second)], { scope })).semantic) hits.push(scope);
  }
  await client.close();
  const asked = 2 * corpus[kind].length;
  const share = ((100 * hits.length) / asked).toFixed(1).padStart(5);
  rows.push(
    `${name.padEnd(24)} ${threshold.toFixed(2).padStart(9)}  ${kind.padEnd(16)} ${String(asked).padStart(7)} ${String(hits.length).padStart(6)} ${share}%`,
  );
  return hits;
}

test('the corpus holds at least 300 pairs, none twice', () => {
  const pairs = kinds.flatMap((kind) => corpus[kind].map((pair) => pair.toSorted().join(' | ')));
  expect(pairs.length).toBeGreaterThanOrEqual(300);
  expect(new Set(pairs).size).toBe(pairs.length);
});

const local95 = { name: 'local, lexical', embedder: local, threshold: 0.95 };
const local80 = { ...local95, threshold: 0.8 };
const blind95 = { name: 'blind: all are the same', embedder: blind, threshold: 0.95 };

describe.each([local95, local80, blind95])('with the embedder $name at $threshold', ({ name, embedder, threshold }) => {
  test.each(different)('no pair of the kind %s is a hit', async (kind) => {
    expect(await hitsOf(kind, embedder, threshold, name)).toEqual([]);
  });
});

test('paraphrases are hits: the more, the lower the threshold, and as many as the rules let through', async () => {
  const shares: number[] = [];
  for (const { name, embedder, threshold } of [local95, local80, blind95]) {
    const hits = await hitsOf('paraphrase', embedder, threshold, name);
    shares.push(hits.length / (2 * corpus.paraphrase.length));
  }
  expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  expect(shares.at(-1)).toBeGreaterThan(0.4);
});
