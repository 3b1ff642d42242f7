/** Text as the extractive provider sees it: sentences that are slices of the source, and words that can be compared. */

/** Sentences longer than this are cut at a space: a table or a minified line is not an answer. */
const MAX_SENTENCE_CHARACTERS = 400;

/** A stretch of text under one heading (Markdown, `#`); `heading` is '' before the first and in plain text. */
export interface Section {
  readonly heading: string;
  readonly sentences: readonly string[];
}

/**
 * Splits text into sections, and those into sentences. Each sentence is an exact slice of the text, without outer space.
 * It ends at `.`, `!` or `?` before space, at empty lines, and at the line ends of list items, quotes and tables. Fenced
 * code is no prose and is passed over. O(length).
 */
export function splitSections(text: string): Section[] {
  const sections: Section[] = [];
  let heading = '';
  let sentences: string[] = [];
  for (const block of text.replace(FENCED_CODE, '\n\n').split(BLOCK_END)) {
    const title = HEADING.exec(block);
    if (title === null) {
      for (const sentence of block.split(SENTENCE_END)) pushPieces(sentence.trim(), sentences);
      continue;
    }
    if (sentences.length > 0) sections.push({ heading, sentences });
    heading = title[1] ?? '';
    sentences = [];
    // What follows on the next line without a blank one belongs to the section already.
    for (const sentence of block.slice(title[0].length).split(SENTENCE_END)) pushPieces(sentence.trim(), sentences);
  }
  if (sentences.length > 0) sections.push({ heading, sentences });
  return sections;
}

/** The sentences of all sections. */
export function splitSentences(text: string): string[] {
  return splitSections(text).flatMap((section) => section.sentences);
}

/** Comparable words: lower case, without plural endings, without those that every text has. O(length). */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    if (!STOP_WORDS.has(word)) words.push(stemOf(word));
  }
  return words;
}

/** An estimate that needs no vocabulary: 4 characters make a token, as English text does on average. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_A_TOKEN);
}

export const CHARACTERS_A_TOKEN = 4;

const FENCED_CODE = /^[ \t]*(```|~~~)[^\n]*\n[\s\S]*?\n[ \t]*\1[^\n]*$/gm;
const HEADING = /^\s*#{1,6}[ \t]+([^\n]+)/;
// An empty line, or a line end before a list item, a heading, a quote, a table row or a rule.
const BLOCK_END = /\r?\n(?=[ \t]*(?:\r?\n|[-*+>|#=]|\d+[.)]\s))/;
const SENTENCE_END = /(?<=[.!?]["')\]]?)\s+(?=["'([`*_]?[\p{Lu}\p{N}])/u;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}_$]*/gu;
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about all also an and any are as at be been but by can could did do does for from had has have how i if in into is it its ' +
    'me my no not of on or our please so such tell than that the their them then there these they this those to us was we were ' +
    'what when where which who why will with would you your'
  ).split(' '),
);

function pushPieces(sentence: string, sentences: string[]): void {
  let rest = sentence;
  while (rest.length > MAX_SENTENCE_CHARACTERS) {
    const space = rest.lastIndexOf(' ', MAX_SENTENCE_CHARACTERS);
    const end = space > 0 ? space : MAX_SENTENCE_CHARACTERS;
    sentences.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  if (rest !== '') sentences.push(rest);
}

function stemOf(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
