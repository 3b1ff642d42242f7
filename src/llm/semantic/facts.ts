/**
 * What a question says that no vector is trusted with: numbers and units, polarity, names, quotations, directions, and the
 * words that carry its meaning. Two questions that differ in one of them are never the same, however near their vectors:
 * embedding models put "safe" beside "not safe" (vllm semantic-router #2691). English only, and by rules, not by models.
 */
import { canonicalWord, ENGLISH_MARKERS, FUNCTION_WORDS, isCritical, NUMBER_WORDS, OWNERS, PERSONS } from './words.js';

export interface Facts {
  /** Values in their order, as they are read: '1,000' is '1000', 'five' is '5'. */
  readonly numbers: readonly string[];
  /** Negations, units, times, poles: sorted. */
  readonly critical: readonly string[];
  readonly quotes: readonly string[];
  /** What stands after 'to', 'from', 'than' and the like. */
  readonly directions: Readonly<Record<string, readonly string[]>>;
  /** Who is spoken of, and whose something is: 'i', 'you', 'they'. */
  readonly persons: ReadonlySet<string>;
  readonly owners: ReadonlySet<string>;
  /** Lower case; capitalised inside a sentence, or spelled like an identifier. */
  readonly names: ReadonlySet<string>;
  /** Every word in its order, lower case. */
  readonly words: readonly string[];
  /** What carries the meaning, in its order, each word as the one that stands for it. */
  readonly content: readonly string[];
}

export type Difference =
  | 'number'
  | 'polarity'
  | 'quote'
  | 'direction'
  | 'person'
  | 'name'
  | 'word'
  | 'addition'
  | 'order';

const QUOTES = /"([^"]*)"|`([^`]*)`|(?<![\p{L}\d])'([^']+)'(?![\p{L}\d])/gu;
const TOKENS =
  /(?<![\p{L}\d])[-+]?\d[\d,]*(?:\.\d+)?|[\p{L}_@#][\p{L}\d_]*(?:['.+#@/-][\p{L}\d_+#]+)*[+#]*|\d+|[%$€£¥?!.;:]/gu;
const MIN_MARKERS = 2;

/** Undefined for what the rules cannot judge: another language, or no sentence. */
export function factsOf(question: string): Facts | undefined {
  const text = question
    .normalize('NFKC')
    .replace(/[‘’]/g, "'")
    .replace(/[“”«»]/g, '"');
  const numbers: string[] = [];
  const critical: string[] = [];
  const directions: Record<string, string[]> = {};
  const persons = new Set<string>();
  const owners = new Set<string>();
  const names = new Set<string>();
  const words: string[] = [];
  const content: string[] = [];
  let isStart = true;
  let direction: string | undefined;

  function addWord(word: string): void {
    words.push(word);
    const person = PERSONS.get(word);
    if (person !== undefined) (OWNERS.has(word) ? owners : persons).add(person);
    if (FUNCTION_WORDS.has(word)) return;
    const value = NUMBER_WORDS.get(word);
    if (value !== undefined) return void numbers.push(String(value));
    const meaning = canonicalWord(word);
    if (isCritical(meaning)) critical.push(meaning);
    else content.push(meaning);
    if (direction === undefined) return;
    directions[direction] = [...(directions[direction] ?? []), meaning];
    direction = undefined;
  }

  for (const [token] of text.matchAll(TOKENS)) {
    if (/^[?!.;:]$/.test(token)) {
      isStart = true;
      continue;
    }
    if (/^[%$€£¥]$/.test(token)) critical.push(token);
    else if (/^[-+]?\d/.test(token)) numbers.push(String(Number(token.replaceAll(',', ''))));
    else {
      if (isName(token, isStart)) names.add(token.toLowerCase());
      for (const part of splitContraction(token.toLowerCase())) addWord(part);
      if (DIRECTIONS.has(token.toLowerCase())) direction = token.toLowerCase();
    }
    isStart = false;
  }
  const markers = new Set(words.filter((word) => ENGLISH_MARKERS.has(word)));
  if (markers.size < MIN_MARKERS) return undefined;
  const quotes = Array.from(text.matchAll(QUOTES), ([, ...inner]) => inner.find((part) => part !== undefined) ?? '');
  return { numbers, critical: critical.sort(), quotes, directions, persons, owners, names, words, content };
}

/** Why the two are not the same question; undefined when nothing says so. O(words). */
export function differenceOf(one: Facts, other: Facts): Difference | undefined {
  if (!isEqual(one.numbers, other.numbers)) return 'number';
  if (!isEqual(one.critical, other.critical)) return 'polarity';
  if (!isEqual(one.quotes, other.quotes)) return 'quote';
  if (!haveOneDirection(one, other)) return 'direction';
  if (!mayMeet(one.persons, other.persons) || !mayMeet(one.owners, other.owners)) return 'person';
  const names = new Set([...one.names, ...other.names]);
  const named = ({ words }: Facts): readonly string[] => words.filter((word) => names.has(word));
  if (!isEqual(named(one), named(other))) return 'name';
  const onlyOne = without(one.content, other.content);
  const onlyOther = without(other.content, one.content);
  // A word in the place of another is how a question becomes its neighbour.
  if (onlyOne.length > 0 && onlyOther.length > 0) return 'word';
  if (onlyOne.length > 0 || onlyOther.length > 0) return 'addition';
  return isRotation(one.content, other.content) ? undefined : 'order';
}

const DIRECTIONS: ReadonlySet<string> = new Set(['to', 'from', 'than', 'into', 'by', 'over', 'versus', 'vs']);

/** What stands after a word of direction is the same, where both questions use that word. */
function haveOneDirection(one: Facts, other: Facts): boolean {
  return Object.entries(one.directions).every(([word, places]) => {
    const others = other.directions[word];
    return others === undefined || isEqual(places, others);
  });
}

/** "my" and "your" are two; "my" and "the" may be one. */
function mayMeet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === 0 || other.size === 0 || [...one].some((person) => other.has(person));
}

/** A capital inside a sentence, several of them, or the signs of an identifier, an address, a version. */
function isName(token: string, isStart: boolean): boolean {
  if (/[_@#+/\d]|\p{L}\.\p{L}/u.test(token)) return true;
  if (/\p{Ll}\p{Lu}|\p{Lu}\p{Lu}/u.test(token)) return true;
  return !isStart && /^\p{Lu}\p{L}+/u.test(token);
}

/** "don't" as do, not; "what's" as what, s. */
function splitContraction(word: string): readonly string[] {
  if (word === "can't" || word === 'cannot') return ['can', 'not'];
  if (word === "won't") return ['will', 'not'];
  if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
  return word.split("'");
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

/** The first list less the items of the second, each as often as it stands there. */
function without(list: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** "in python how do I sort a list" is "how do I sort a list in python"; "dog bites man" is not "man bites dog". */
function isRotation(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0) return true;
  return one.some((_, i) => isEqual([...one.slice(i), ...one.slice(0, i)], other));
}
