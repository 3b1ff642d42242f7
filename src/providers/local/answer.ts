/**
 * Finds the answer to a conversation: separates the question from the text that is given with it, and picks the
 * sentences that answer it, verbatim. Deterministic; no model and no network.
 */
import type { ChatRequest, Message } from '../../protocol/chat.js';
import { createSentenceIndex, type RankedSentence, type SentenceIndex } from './sentence-index.js';
import { splitSentences } from './text.js';

export const NO_ANSWER = 'The given text does not answer this question.';

/** Sentences of an answer at most. */
const MAX_SENTENCES = 3;
/** A further sentence is added only if it scores at least this share of the best. */
const SHARE_OF_BEST = 0.6;
/** Ranks to look at for further sentences of the best one's section. */
const CANDIDATES = 12;

/**
 * The answer from the text in the messages; if none of it shares a word with the question, from the corpus; else
 * NO_ANSWER. O(text of the messages + postings of the question's words).
 */
export function findAnswer(request: ChatRequest, corpus: () => SentenceIndex | undefined): string {
  const { question, context } = splitConversation(request.messages);
  const given = context.map((text, i) => ({ id: String(i), title: '', text }));
  const fromMessages = createSentenceIndex(given).search(question, CANDIDATES);
  const ranked = fromMessages.length > 0 ? fromMessages : (corpus()?.search(question, CANDIDATES) ?? []);
  return ranked.length === 0 ? NO_ANSWER : joinBest(ranked);
}

/**
 * The question is the last user message, or the part of it that asks: what follows 'Question:', else its last
 * paragraph, else its sentences that end with a question mark. All other text, but for the assistant's, is given text.
 */
export function splitConversation(messages: readonly Message[]): {
  readonly question: string;
  readonly context: readonly string[];
} {
  const last = messages.findLastIndex((message) => message.role === 'user');
  const context: string[] = [];
  let question = '';
  messages.forEach((message, i) => {
    const text = textOf(message);
    if (i === last) {
      const parts = splitQuestion(text);
      question = parts.question;
      if (parts.rest !== '') context.push(parts.rest);
    } else if (message.role !== 'assistant') context.push(text);
  });
  return { question, context };
}

function splitQuestion(text: string): { readonly question: string; readonly rest: string } {
  const label = /^[ \t]*question:/im.exec(text);
  if (label !== null) {
    return { question: text.slice(label.index + label[0].length).trim(), rest: text.slice(0, label.index).trim() };
  }
  const paragraphs = text.trim().split(/\n\s*\n/);
  if (paragraphs.length > 1) return { question: paragraphs.at(-1) ?? '', rest: paragraphs.slice(0, -1).join('\n\n') };
  const sentences = splitSentences(text);
  const asking = sentences.filter((sentence) => sentence.endsWith('?'));
  if (asking.length === 0 || asking.length === sentences.length) return { question: text, rest: '' };
  return { question: asking.join(' '), rest: sentences.filter((sentence) => !sentence.endsWith('?')).join('\n\n') };
}

/** The best sentence and near equals of the same section, in the order of the text. */
function joinBest(ranked: readonly RankedSentence[]): string {
  const [best] = ranked;
  const chosen = ranked
    .filter((sentence) => sentence.section === best?.section && sentence.score >= (best?.score ?? 0) * SHARE_OF_BEST)
    .slice(0, MAX_SENTENCES)
    .sort((left, right) => left.position - right.position);
  return [...new Set(chosen.map((sentence) => sentence.text))].join(' ');
}

export function textOf(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  return message.content.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
}
