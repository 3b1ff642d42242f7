/**
 * Answers that verify themselves: a text tells which question it answers, for whom, who gave it in which attempt, how many
 * words it has, and ends with a checksum. So a repeated, missing or foreign piece shows in the text alone, at once.
 */
import { hashString } from '../core/hash.js';

/** Where a text comes from. */
export interface TextMark {
  readonly question: number;
  readonly tenant: number;
  /** Number of the attempt, over all providers. */
  readonly attempt: number;
  readonly words: number;
}

/** The pieces of an answer's text: its mark, its words, its checksum. */
export function piecesOf({ question, tenant, attempt, words }: TextMark): readonly string[] {
  const pieces = [`[q${question} t${tenant} a${attempt} w${words}]`];
  for (let word = 0; word < words; word++) pieces.push(` ${attempt}.${word}`);
  pieces.push(` #${hashString(pieces.join(''), attempt).toString(16)}`);
  return pieces;
}

export type VerifiedText =
  | { readonly ok: true; readonly mark: TextMark; readonly isWhole: boolean }
  | { readonly ok: false; readonly problem: string };

const MARK = /^\[q(\d+) t(\d+) a(\d+) w(\d+)\]/;

/** Whether a text is the beginning of an answer, or all of it. O(length). */
export function verifyText(text: string): VerifiedText {
  const found = MARK.exec(text);
  if (found === null) return { ok: false, problem: 'the text does not begin with a mark' };
  const [question, tenant, attempt, words] = found.slice(1).map(Number) as [number, number, number, number];
  const mark = { question, tenant, attempt, words };
  const whole = piecesOf(mark).join('');
  if (whole.startsWith(text)) return { ok: true, mark, isWhole: text.length === whole.length };
  let at = 0;
  while (text[at] === whole[at]) at++;
  return { ok: false, problem: `the text of attempt ${attempt} goes wrong at character ${at} of ${whole.length}` };
}
