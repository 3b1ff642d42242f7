/**
 * Chooses the places at which a hash reads its keys: the few characters by which a sample of keys can be told apart.
 * Greedy: each next place is the one that splits most of the pairs which those before it have left together (ID3's
 * rule, Quinlan 1986, with pairs for entropy). Then, since keys to come differ from the sample: the further digits of a
 * number that counts up, places that vary apart from those chosen, and neighbours.
 * Candidates are the characters near both ends, and of longer keys those where two keys of the sample first and last
 * differ.
 */

/** Characters a hash reads at most; the limit of what a hash of the whole key costs for common keys. */
export const MAX_PLACES = 16;
/** Places that are not needed for the sample are added up to so many; the rest is for lessons to come. */
const FIRST_PLACES = MAX_PLACES - 4;
/** Places add up to so many bits, as far as there are any: all that a hash can hold. */
const ENOUGH_BITS = 32;
const FROM_START = 96;
const FROM_END = 48;
/** Characters looked at from a difference between two long keys on. */
const REACH = 12;
/** Digits a number may grow by before it has to be learnt again. */
const GROWTH = 4;
/** A place may split so much less than the best does, as a share. */
const SLACK = 0.02;
/** Candidates that stay in the race after the first place. */
const FINALISTS = 40;

/**
 * Places from the start (0 is the first) or, below 0, from the end (-1 is the last), in rising order, `known` ones
 * included. Undefined when MAX_PLACES places cannot tell all keys of the sample apart; the keys are all different.
 * O(places x keys x candidates + characters), but keys that have been told apart, and places where all keys are alike,
 * are not looked at again, and characters are compared many at a time.
 */
export function learnPlaces(keys: readonly string[], known: readonly number[]): Int32Array | undefined {
  const tally = new Tally();
  const split = new Splitter(keys, tally);
  for (const place of known) split.by(place);
  const alike = split.classes.flat();
  const varied = variedPlaces(keys, split.classes, tally).filter(({ place }) => !known.includes(place));
  const chosen = [...known];
  let candidates = varied.map(({ place }) => place);
  while (split.pairs > 0 && chosen.length < MAX_PLACES) {
    const scored = candidates
      .map((place) => ({ place, pairs: split.pairsAfter(place) }))
      .sort((a, b) => a.pairs - b.pairs || Math.abs(a.place) - Math.abs(b.place));
    const least = scored[0]?.pairs ?? split.pairs;
    if (least === split.pairs) break;
    // Of those about as good, the nearest to an end: the first characters share a cache line with what every read needs.
    const good = scored.filter(({ pairs }) => pairs <= least + (split.pairs - least) * SLACK);
    const best = good.reduce((a, b) => (Math.abs(b.place) < Math.abs(a.place) ? b : a));
    chosen.push(best.place);
    split.by(best.place);
    candidates = scored.slice(0, FINALISTS).flatMap(({ place }) => (place === best.place ? [] : [place]));
  }
  if (split.pairs > 0) return undefined;
  addGrowth(chosen, known, alike);
  addVaried(chosen, varied, keys, tally);
  return Int32Array.from(chosen.sort((a, b) => a - b));
}

/** Odd: the codes of two places, the first times this, rarely add up to the same modulo 2^16. */
const SPREAD = 0x9e37;

/** The character code at a place; 0 where the key has none. */
function codeAt(key: string, place: number): number {
  return key.charCodeAt(place < 0 ? place + key.length : place) | 0;
}

/** Counts character codes. A lesson is learnt once, by code that has not run before: so one scan, and no Map. */
class Tally {
  /** By code, above `base`: how often it came in the scan at hand. */
  private readonly counts: Int32Array = new Int32Array(2 ** 16);
  private base = 0;

  /** Pairs of keys that have the same code at a place. */
  pairsAt(keys: readonly string[], place: number): number {
    const { counts, base } = this;
    let pairs = 0;
    for (let i = 0; i < keys.length; i++) {
      const code = codeAt(keys[i] as string, place);
      const count = Math.max(counts[code] as number, base);
      pairs += count - base;
      counts[code] = count + 1;
    }
    this.base += keys.length;
    return pairs;
  }

  /** What the different codes at a place are worth, in bits. */
  bitsAt(keys: readonly string[], place: number): number {
    return this.bitsOf(keys, (key) => codeAt(key, place));
  }

  /** What the different codes at two places together are worth, in bits; a little less when sums of them coincide. */
  bitsAtBoth(keys: readonly string[], place: number, other: number): number {
    return this.bitsOf(keys, (key) => (codeAt(key, place) * SPREAD + codeAt(key, other)) & 0xffff);
  }

  private bitsOf(keys: readonly string[], labelOf: (key: string) => number): number {
    const { counts, base } = this;
    let labels = 0;
    for (let i = 0; i < keys.length; i++) {
      const label = labelOf(keys[i] as string);
      if ((counts[label] as number) <= base) labels++;
      counts[label] = base + 1;
    }
    this.base += keys.length;
    return Math.log2(labels);
  }
}

/** Classes of keys that the places so far do not tell apart. A hash reads the length too. */
class Splitter {
  /** Pairs of keys within the classes. */
  pairs = 0;
  /** Of at least two keys each. */
  classes: readonly (readonly string[])[];
  private readonly tally: Tally;

  constructor(keys: readonly string[], tally: Tally) {
    this.tally = tally;
    this.classes = [keys];
    this.splitBy((key) => key.length);
  }

  by(place: number): void {
    this.splitBy((key) => codeAt(key, place));
  }

  pairsAfter(place: number): number {
    let pairs = 0;
    for (const keys of this.classes) pairs += this.tally.pairsAt(keys, place);
    return pairs;
  }

  private splitBy(labelOf: (key: string) => number): void {
    this.classes = this.classes.flatMap((keys) => groupsOf(keys, labelOf)).filter((keys) => keys.length > 1);
    this.pairs = this.classes.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
  }
}

function groupsOf(keys: readonly string[], labelOf: (key: string) => number): string[][] {
  const groups = new Map<number, string[]>();
  for (const key of keys) {
    const label = labelOf(key);
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}

interface VariedPlace {
  readonly place: number;
  /** Above 0. */
  readonly bits: number;
}

/** The first and last characters, and of long keys those around differences within the classes, where `keys` differ. */
function variedPlaces(keys: readonly string[], classes: Splitter['classes'], tally: Tally): VariedPlace[] {
  const longest = keys.reduce((length, key) => Math.max(length, key.length), 0);
  const places = new Set<number>();
  for (let place = 0; place < Math.min(longest, FROM_START); place++) places.add(place);
  const isUniform = keys.every((key) => key.length === longest);
  if (!isUniform || longest > FROM_START) {
    for (let place = 1; place <= Math.min(longest, FROM_END); place++) places.add(-place);
  }
  if (longest > FROM_START + FROM_END) for (const alike of classes) addDifferences(places, alike);
  return [...places].map((place) => ({ place, bits: tally.bitsAt(keys, place) })).filter(({ bits }) => bits > 0);
}

/** Adds where each key differs from the one before: from the first difference on, and up to the last. */
function addDifferences(places: Set<number>, keys: readonly string[]): void {
  for (let i = 1; i < keys.length; i++) {
    const [former, key] = [keys[i - 1] as string, keys[i] as string];
    const length = Math.min(former.length, key.length);
    const first = commonLength(length, (from, to) => former.slice(from, to) === key.slice(from, to));
    // Counted from the end, up to where the first difference is: what two keys of unequal lengths share is not shared twice.
    const last = commonLength(length - first, (from, to) => tail(former, from, to) === tail(key, from, to));
    for (let step = 0; step < REACH; step++) {
      places.add(Math.min(first + step, length));
      places.add(Math.max(-1 - last - step, -length));
    }
  }
}

function tail(text: string, from: number, to: number): string {
  return text.slice(text.length - to, text.length - from);
}

/** How many of `length` characters come before the first difference, by bisection: `isSame` compares from..to-1. */
function commonLength(length: number, isSame: (from: number, to: number) => boolean): number {
  let same = 0;
  let end = length;
  while (same < end) {
    const middle = (same + end + 1) >>> 1;
    if (isSame(same, middle)) same = middle;
    else end = middle - 1;
  }
  return same;
}

/**
 * Where a number that has been found to vary will vary once it has counted on: left of it while there are digits; and
 * where it may lengthen, in the way it does, which is to the left when places are counted from the end. In a later lesson
 * letters are digits as well, of whatever base: few keys are known then, and one more lesson costs more than a place.
 */
function addGrowth(chosen: number[], known: readonly number[], alike: readonly string[]): void {
  const isFirst = known.length === 0;
  const most = isFirst ? FIRST_PLACES : MAX_PLACES;
  const pattern = isFirst ? /[0-9]/ : /[0-9a-z]/i;
  const isDigit = (place: number): boolean => alike.every((key) => pattern.test(key.at(place) ?? ''));
  const add = (place: number, origin: number): void => {
    // On the same side of a key as the place it is for.
    if (chosen.length < most && place < 0 === origin < 0 && !chosen.includes(place)) chosen.push(place);
  };
  for (const place of chosen.slice(known.length)) {
    const lengthens = isDigit(place);
    for (let step = 1; step <= GROWTH && (isDigit(place - step) || (lengthens && place < 0)); step++) {
      add(place - step, place);
    }
    if (!lengthens || place < 0 || isDigit(place + 1)) continue;
    for (let step = 1; step <= GROWTH; step++) add(place + step, place);
  }
}

/** Adds places that tell what no single chosen one does, most varied and nearest to the ends first, then neighbours, until there are bits enough or no more of either. */
function addVaried(chosen: number[], varied: readonly VariedPlace[], keys: readonly string[], tally: Tally): void {
  const bitsAt = (place: number): number => tally.bitsAt(keys, place);
  let bits = chosen.reduce((sum, place) => sum + bitsAt(place), 0);
  const others = varied
    .map(({ place, bits: own }) => ({ place, bits: Math.floor(own) }))
    .filter((candidate) => candidate.bits > 0)
    .sort((a, b) => b.bits - a.bits || Math.abs(a.place) - Math.abs(b.place));
  for (const candidate of others) {
    if (bits >= ENOUGH_BITS || chosen.length >= FIRST_PLACES) break;
    const { place } = candidate;
    if (chosen.some((other) => other === place || tally.bitsAtBoth(keys, other, place) <= bitsAt(other))) continue;
    chosen.push(place);
    bits += candidate.bits;
  }
  const neighbours = chosen.flatMap((place) => [place + 1, place + 2, place - 1]);
  for (const place of neighbours) {
    if (bits >= ENOUGH_BITS || chosen.length >= FIRST_PLACES) break;
    if (chosen.includes(place)) continue;
    chosen.push(place);
    bits++;
  }
}
