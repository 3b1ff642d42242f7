/**
 * Inverted index over sentences, ranked by BM25 (Robertson and Zaragoza, 2009): word -> sentences that hold it. Knows
 * nothing of messages or providers. Equal input gives an equal order; ties go to the earlier sentence.
 */
import { splitSections, wordsOf } from './text.js';

export interface LocalDocument {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface RankedSentence {
  readonly text: string;
  readonly score: number;
  /** Number of its section, and of itself, counted over all documents. */
  readonly section: number;
  readonly position: number;
}

export interface SentenceIndex {
  /** The best sentences of all, best first; only those that share a word with the question. O(postings of its words). */
  search(question: string, limit: number): readonly RankedSentence[];
}

/** Builds the index. O(characters). */
export function createSentenceIndex(documents: readonly LocalDocument[]): SentenceIndex {
  const sentences: string[] = [];
  const sectionOf: number[] = [];
  const lengths: number[] = [];
  const postings = new Map<string, Posting>();
  /** Word -> sections that have it in the title of their document or in their heading. */
  const titles = new Map<string, number[]>();
  let sectionCount = 0;
  let totalLength = 0;

  for (const document of documents) {
    for (const { heading, sentences: texts } of splitSections(document.text)) {
      const section = sectionCount++;
      for (const word of new Set(wordsOf(`${document.title} ${heading}`))) listOf(titles, word).push(section);
      for (const text of texts) {
        const words = wordsOf(text);
        if (words.length < FEWEST_WORDS) continue;
        const position = sentences.push(text) - 1;
        sectionOf.push(section);
        lengths.push(words.length);
        totalLength += words.length;
        for (const word of words) addPosting(postings, word, position);
      }
    }
  }
  const averageLength = totalLength / Math.max(sentences.length, 1);

  function search(question: string, limit: number): readonly RankedSentence[] {
    const scores = new Float64Array(sentences.length);
    const touched: number[] = [];
    const titleScores = new Float64Array(sectionCount);
    const coverage = new Float64Array(sentences.length);
    let fullCoverage = 0;
    for (const word of new Set(wordsOf(question))) {
      const posting = postings.get(word);
      const weight = inverseFrequency(sentences.length, posting?.positions.length ?? 0);
      for (const section of titles.get(word) ?? [])
        titleScores[section] = (titleScores[section] as number) + weight * TITLE_SHARE;
      fullCoverage += weight;
      if (posting === undefined) continue;
      for (let i = 0; i < posting.positions.length; i++) {
        const position = posting.positions[i] as number;
        const count = posting.counts[i] as number;
        const relativeLength = (lengths[position] as number) / averageLength;
        if (scores[position] === 0) touched.push(position);
        const saturation = (count * (K1 + 1)) / (count + K1 * (1 - B + B * relativeLength));
        scores[position] = (scores[position] as number) + weight * saturation;
        coverage[position] = (coverage[position] as number) + weight;
      }
    }
    const best: RankedSentence[] = [];
    for (const position of touched) {
      const section = sectionOf[position] as number;
      const score = (scores[position] as number) + (titleScores[section] as number);
      // One rare word said often must not beat all words of the question said once.
      const share = (coverage[position] as number) / fullCoverage;
      insertBest(best, { text: sentences[position] as string, score: score * share, section, position }, limit);
    }
    return best;
  }
  return { search };
}

interface Posting {
  readonly positions: number[];
  readonly counts: number[];
}

const K1 = 1.2;
const B = 0.75;
/** Words that a sentence must have beside the common ones to say anything. */
const FEWEST_WORDS = 2;
/** A question word in a title counts for each sentence below it, but less than in the sentence itself. */
const TITLE_SHARE = 0.5;

function inverseFrequency(total: number, withWord: number): number {
  return Math.log(1 + (total - withWord + 0.5) / (withWord + 0.5));
}

function addPosting(postings: Map<string, Posting>, word: string, position: number): void {
  let posting = postings.get(word);
  if (posting === undefined) {
    posting = { positions: [], counts: [] };
    postings.set(word, posting);
  }
  const last = posting.positions.length - 1;
  if (posting.positions[last] === position) {
    posting.counts[last] = (posting.counts[last] as number) + 1;
    return;
  }
  posting.positions.push(position);
  posting.counts.push(1);
}

function listOf(lists: Map<string, number[]>, word: string): number[] {
  const known = lists.get(word);
  if (known !== undefined) return known;
  const fresh: number[] = [];
  lists.set(word, fresh);
  return fresh;
}

function insertBest(best: RankedSentence[], candidate: RankedSentence, limit: number): void {
  if (best.length === limit && !isBefore(candidate, best[limit - 1] as RankedSentence)) return;
  let at = best.length;
  while (at > 0 && isBefore(candidate, best[at - 1] as RankedSentence)) at--;
  best.splice(at, 0, candidate);
  if (best.length > limit) best.pop();
}

function isBefore(left: RankedSentence, right: RankedSentence): boolean {
  return left.score > right.score || (left.score === right.score && left.position < right.position);
}
