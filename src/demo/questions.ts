/**
 * Questions about the corpus, made from what stands in it: sections of documents (chat), exported declarations (codegen),
 * and words that are rare in it (docs).
 */
import { createRandom, type Random } from '../core/random.js';
import { type Message, userMessage } from '../protocol/chat.js';
import type { Corpus, CorpusDocument } from './corpus.js';
import type { UseCase } from './events.js';

export interface Question {
  /** `chat-0042`: stands for the question in the event log, which holds no prompt. */
  readonly id: string;
  readonly useCase: UseCase;
  readonly messages: readonly Message[];
}

type Draft = Question['messages'];

/** Questions of each use case, at most; a small corpus gives fewer. */
export type QuestionCounts = Readonly<Record<UseCase, number>>;
export const QUESTION_COUNTS: QuestionCounts = { chat: 1300, codegen: 1100, docs: 600 };

/** Lengths are in characters. */
const CHAT_QUOTE_LENGTH = 400;
const DOCS_QUOTE_LENGTH = 800;
const CODE_PASSAGE_LENGTH = 2000;
const LEAST_SECTION_LENGTH = 300;
const LEAST_DOCUMENT_LENGTH = 2500;
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
      .map((messages, i): Question => ({ id: `${useCase}-${String(i).padStart(4, '0')}`, useCase, messages })),
  );
  return shuffled(questions, random);
}

/** A section of a document, quoted from its start: what more is there? Answered from the provider's own documents. */
function askAboutSections(document: CorpusDocument): readonly Draft[] {
  const headings = [...document.text.matchAll(/^#{1,4} +(.+)$/gm)];
  return headings.flatMap((match, i): Draft[] => {
    const heading = plain(match[1] ?? '');
    const section = document.text.slice(match.index + match[0].length, headings[i + 1]?.index);
    if (heading === '' || DULL_HEADING.test(heading) || section.length < LEAST_SECTION_LENGTH) return [];
    const quote = oneLine(section.slice(0, CHAT_QUOTE_LENGTH));
    const text = `Under "${heading}" the documentation of ${document.packageName} says: "${quote}" What more does it say?`;
    return [[userMessage(`Question: ${text}`)]];
  });
}

/** An exported declaration with the code around it. Answered from that code. */
function askAboutExports(document: CorpusDocument): readonly Draft[] {
  const exported = document.text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function|class|const|interface|type) ([A-Za-z]\w{3,})/gm,
  );
  return [...exported].map((match): Draft => {
    const start = Math.max(0, match.index - CODE_PASSAGE_LENGTH / 4);
    const passage = document.text.slice(start, start + CODE_PASSAGE_LENGTH);
    return [userMessage(passage), userMessage(`Question: How is ${match[1]} of ${document.packageName} used?`)];
  });
}

/** The words of a long document that the fewest others have, each quoted where it stands. Answered from all documents. */
function askAboutRareTerms(documents: readonly CorpusDocument[]): readonly Draft[] {
  const documentsWith = new Map<string, number>();
  for (const { text } of documents) {
    for (const term of termsOf(text)) documentsWith.set(term, (documentsWith.get(term) ?? 0) + 1);
  }
  const rarity = (term: string): number => documentsWith.get(term) ?? 0;
  return documents.flatMap(({ text, path }) => {
    if (text.length < LEAST_DOCUMENT_LENGTH) return [];
    const rarest = [...termsOf(text)].toSorted((a, b) => rarity(a) - rarity(b)).slice(0, TERMS_PER_DOCUMENT);
    return rarest.map((term): Draft => {
      const start = Math.max(0, text.toLowerCase().indexOf(term) - DOCS_QUOTE_LENGTH / 2);
      const quote = oneLine(text.slice(start, start + DOCS_QUOTE_LENGTH));
      return [userMessage(`Question: Extract all that is said of ${term}, as here in ${path}: "${quote}"`)];
    });
  });
}

/** Without line ends and runs of space, and without half a character at either end. */
function oneLine(text: string): string {
  return text.toWellFormed().replace(/\s+/g, ' ').trim();
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

/** Without those that ask the same in the same words: they would be one question under two numbers. */
function distinct(drafts: readonly Draft[]): readonly Draft[] {
  return [...new Map(drafts.map((draft) => [JSON.stringify(draft), draft])).values()];
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
