/**
 * Questions about the corpus, made from what stands in it: sections of documents (chat), exported declarations
 * (codegen), and sentences with words that are rare in the corpus (docs). Each carries the text it is about.
 */
import { createRandom, type Random } from '../core/random.js';
import { type Message, userMessage } from '../protocol/chat.js';
import type { Corpus, CorpusDocument } from './corpus.js';
import type { UseCase } from './events.js';

export interface Question {
  /** `chat-0042`: stands for the question in the event log, which holds no prompt. */
  readonly id: string;
  readonly useCase: UseCase;
  /** What is asked. */
  readonly text: string;
  /** The passage that is asked about. */
  readonly passage: string;
  /** Where the passage stands. */
  readonly source: string;
}

type Draft = Omit<Question, 'id' | 'useCase'>;

/** Questions of each use case, at most; a small corpus gives fewer. */
export type QuestionCounts = Readonly<Record<UseCase, number>>;
export const QUESTION_COUNTS: QuestionCounts = { chat: 800, codegen: 450, docs: 250 };

const CHAT_PASSAGE_LENGTH = 4000;
const CODE_PASSAGE_LENGTH = 6000;
const DOCS_PASSAGE_LENGTH = 16_000;
const LEAST_SECTION_LENGTH = 300;
const LEAST_DOCS_LENGTH = 2500;
const TERMS_PER_DOCUMENT = 6;
const DULL_HEADING = /^(licen[cs]e|install|contribut|changelog|table of contents|contents|author|credits|sponsor)/i;

/** Questions in a random order, which is also the order of their popularity. Equal seeds give equal questions. */
export function createQuestions(corpus: Corpus, counts: QuestionCounts, seed: number): readonly Question[] {
  const random = createRandom(seed);
  const prose = corpus.documents.filter((document) => document.kind === 'prose');
  const code = corpus.documents.filter((document) => document.kind === 'code');
  const drafts: Readonly<Record<UseCase, readonly Draft[]>> = {
    chat: prose.flatMap(askAboutSections),
    codegen: code.flatMap(askAboutExports),
    docs: askAboutRareTerms(prose),
  };
  const questions = (Object.keys(drafts) as UseCase[]).flatMap((useCase) =>
    shuffled(distinct(drafts[useCase]), random)
      .slice(0, counts[useCase])
      .map((draft, i): Question => ({ id: `${useCase}-${String(i).padStart(4, '0')}`, useCase, ...draft })),
  );
  return shuffled(questions, random);
}

/** The passage first, then what is asked about it. */
export function messagesFor(question: Question): readonly Message[] {
  return [userMessage(`From ${question.source}:\n\n${question.passage}`), userMessage(question.text)];
}

function askAboutSections(document: CorpusDocument): readonly Draft[] {
  const headings = [...document.text.matchAll(/^#{1,4} +(.+)$/gm)];
  return headings.flatMap((match, i): Draft[] => {
    const heading = plain(match[1] ?? '');
    const section = document.text.slice(match.index, headings[i + 1]?.index);
    if (heading === '' || DULL_HEADING.test(heading) || section.length < LEAST_SECTION_LENGTH) return [];
    const passage = document.text.slice(match.index, match.index + CHAT_PASSAGE_LENGTH);
    return [{ text: `What does ${document.packageName} say about ${heading}?`, passage, source: document.path }];
  });
}

function askAboutExports(document: CorpusDocument): readonly Draft[] {
  const exported = document.text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function|class|const|interface|type) ([A-Za-z]\w{3,})/gm,
  );
  return [...exported].map((match): Draft => {
    const start = Math.max(0, match.index - CODE_PASSAGE_LENGTH / 4);
    return {
      text: `Show how to use ${match[1]} from ${document.packageName}.`,
      passage: document.text.slice(start, start + CODE_PASSAGE_LENGTH),
      source: document.path,
    };
  });
}

/** Asks each long document about the words of its own that the fewest other documents have. */
function askAboutRareTerms(documents: readonly CorpusDocument[]): readonly Draft[] {
  const documentsWith = new Map<string, number>();
  for (const { text } of documents) {
    for (const term of termsOf(text)) documentsWith.set(term, (documentsWith.get(term) ?? 0) + 1);
  }
  const rarity = (term: string): number => documentsWith.get(term) ?? 0;
  return documents.flatMap((document) => {
    if (document.text.length < LEAST_DOCS_LENGTH) return [];
    const passage = document.text.slice(0, DOCS_PASSAGE_LENGTH);
    const rarest = [...termsOf(passage)].toSorted((a, b) => rarity(a) - rarity(b)).slice(0, TERMS_PER_DOCUMENT);
    return rarest.map(
      (term): Draft => ({
        text: `Extract what ${document.path} says about ${term}.`,
        passage,
        source: document.path,
      }),
    );
  });
}

/** The distinct longer words of a text, lower-cased, in order. Code blocks, links and markup are passed over. */
function termsOf(text: string): ReadonlySet<string> {
  const words = text.replace(/```[\s\S]*?```|`[^`]*`|https?:\S+|<[^>]*>|\([^)]*\)/g, ' ').toLowerCase();
  return new Set(words.match(/\b[a-z]{7,18}\b/g));
}

/** A heading without its markup. */
function plain(heading: string): string {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]*>|[`*_#]/g, '')
    .trim();
}

/** Without those that ask the same of the same passage: they would be one question under two numbers. */
function distinct(drafts: readonly Draft[]): readonly Draft[] {
  return [...new Map(drafts.map((draft) => [`${draft.text}\n${draft.passage}`, draft])).values()];
}

/** A fresh list in random order (Fisher and Yates, in Durstenfeld's form). */
function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.nextInt(i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
