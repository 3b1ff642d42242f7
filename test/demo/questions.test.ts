import { expect, test } from 'vitest';
import type { Corpus, CorpusDocument } from '../../src/demo/corpus.js';
import { createQuestions } from '../../src/demo/questions.js';

const WORDS = 'clay glaze kiln wheel potter vessel handle pattern ceramic firing'.split(' ');

function prose(name: string, sections: number): CorpusDocument {
  const section = (i: number): string =>
    `## Part ${i} of [${name}](https://example.test)\n\n${`The ${WORDS[i % 10]} of ${name} holds number${i}. `.repeat(12)}\n`;
  const text = `${Array.from({ length: sections }, (_, i) => section(i)).join('\n')}\n## License\n\n${'MIT '.repeat(200)}`;
  return { path: `${name}/README.md`, packageName: name, kind: 'prose', text };
}
function code(name: string): CorpusDocument {
  const text = Array.from({ length: 8 }, (_, i) => `export function make${name}${i}(clay: Clay): Pot;\n`).join(
    '// more of it\n',
  );
  return { path: `${name}/index.d.ts`, packageName: name, kind: 'code', text };
}

const documents = ['terra', 'cotta', 'amphora'].flatMap((name) => [prose(name, 9), code(name)]);
const CORPUS: Corpus = { documents, packages: 3, bytes: 1 };
const COUNTS = { chat: 20, codegen: 10, docs: 5 };

test('equal seeds give equal questions in an equal order, other seeds another', () => {
  expect(createQuestions(CORPUS, COUNTS, 1)).toEqual(createQuestions(CORPUS, COUNTS, 1));
  expect(createQuestions(CORPUS, COUNTS, 1)).not.toEqual(createQuestions(CORPUS, COUNTS, 2));
});

test('each use case gets at most the number it asks for, each question with a number of its own', () => {
  const questions = createQuestions(CORPUS, COUNTS, 1);
  const count = (useCase: string): number => questions.filter((question) => question.useCase === useCase).length;
  expect([count('chat'), count('codegen'), count('docs')]).toEqual([20, 10, 5]);
  expect(new Set(questions.map((question) => question.id)).size).toBe(questions.length);
  expect(createQuestions(CORPUS, { chat: 1e6, codegen: 0, docs: 0 }, 1)).toHaveLength(27);
});

test('no two questions say the same, though the corpus does', () => {
  const twice: Corpus = { ...CORPUS, documents: [...documents, ...documents] };
  const questions = createQuestions(twice, { chat: 1e6, codegen: 1e6, docs: 0 }, 1);
  expect(new Set(questions.map((question) => JSON.stringify(question.messages))).size).toBe(questions.length);
});

test('a question asks about what stands in the corpus; licences and markup are left out', () => {
  const texts = createQuestions(CORPUS, { chat: 1e6, codegen: 1e6, docs: 1e6 }, 1).map((question) =>
    String(question.messages.at(-1)?.content),
  );
  expect(texts).toContainEqual(
    expect.stringContaining('Under "Part 3 of terra" the documentation of terra says: "The wheel of terra'),
  );
  expect(texts).toContain('Question: How is maketerra4 of terra used?');
  expect(texts).toContainEqual(
    expect.stringMatching(/^Question: Extract all that is said of \w+, as here in amphora\/README\.md: "/),
  );
  expect(texts.join('\n')).not.toMatch(/Under "License"/);
});
