/**
 * Texts as vectors by the hashing trick (Weinberger et al., 2009): each word and each three characters in a row add to a
 * place that their hash picks. Lexical, not semantic: texts are near when they share words or spellings, not when they
 * mean the same. Equal texts give equal vectors, on every machine.
 */
import { hashString } from '../../core/hash.js';
import { wordsOf } from './text.js';

/** Length of the vectors where none is asked for. */
export const LOCAL_DIMENSIONS = 256;

/** Of Euclidean length 1, so that a dot product is the cosine. O(characters + dimensions). */
export function embedText(text: string, dimensions: number): readonly number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of wordsOf(text)) addFeature(vector, `w${word}`, WORD_WEIGHT);
  const spaced = ` ${text.toLowerCase().trim().replace(/\s+/g, ' ')} `;
  for (let i = 0; i + GRAM <= spaced.length; i++) addFeature(vector, `g${spaced.slice(i, i + GRAM)}`, GRAM_WEIGHT);
  const length = Math.hypot(...vector);
  // Signs may cancel all features out; a vector without a direction would be near nothing, itself included.
  if (length === 0) vector[0] = 1;
  return Object.freeze(length === 0 ? vector : vector.map((value) => value / length));
}

const GRAM = 3;
const GRAM_WEIGHT = 1;
/** A word says more than the spellings it is made of. */
const WORD_WEIGHT = 3;
const SEED = 0x5e4d;
const SIGN_BIT = 0x80000000;

/** The sign, which the hash picks as well, keeps features that meet in one place from adding up. */
function addFeature(vector: number[], feature: string, weight: number): void {
  const hash = hashString(feature, SEED);
  const place = (hash & ~SIGN_BIT) % vector.length;
  vector[place] = (vector[place] as number) + ((hash & SIGN_BIT) === 0 ? weight : -weight);
}
