/**
 * Chooses the places at which a hash reads its keys: the few characters by which a sample of keys can be told apart.
 * Greedy: each next place is the one that splits most of the pairs which those before it have left together (ID3's
 * rule, Quinlan 1986, with pairs for entropy); then further varied places, and neighbours of the chosen ones, since
 * keys to come (the number after the last) differ from the sample near where the sample differs in itself.
 */

/** Characters a hash reads at most; the limit of what a hash of the whole key costs for common keys. */
export const MAX_PLACES = 16;
/** Places add up to so many bits, as far as there are any: all that a hash can hold. */
const ENOUGH_BITS = 32;
const FROM_START = 96;
const FROM_END = 48;
const BETWEEN = 32;
/** A place may split so much less than the best does, as a share. */
const SLACK = 0.02;
/** Candidates that stay in the race after the first place. */
const FINALISTS = 40;

/**
 * Places from the start (0 is the first) or, below 0, from the end (-1 is the last), in rising order, `known` ones
 * included. Undefined when MAX_PLACES places cannot tell all keys of the sample apart. O(places x keys x candidates),
 * but keys that have been told apart, and places where all keys are alike, are not looked at again.
 */
export function learnPlaces(keys: readonly string[], known: readonly number[]): Int32Array | undefined {
  const tally = new Tally();
  const split = new Splitter(keys, tally);
  for (const place of known) split.by(place);
  const varied = variedPlaces(keys, known, tally);
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
  addVaried(chosen, varied, (place) => tally.bitsAt(keys, place));
  return Int32Array.from(chosen.sort((a, b) => a - b));
}

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
    const { counts, base } = this;
    let codes = 0;
    for (let i = 0; i < keys.length; i++) {
      const code = codeAt(keys[i] as string, place);
      if ((counts[code] as number) <= base) codes++;
      counts[code] = base + 1;
    }
    this.base += keys.length;
    return Math.log2(codes);
  }
}

/** Classes of keys that the places so far do not tell apart. A hash reads the length too. */
class Splitter {
  /** Pairs of keys within the classes. */
  pairs = 0;
  private readonly tally: Tally;
  /** Of at least two keys each. */
  private classes: readonly (readonly string[])[];

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

/** The first and last characters, and of long keys some between, where these differ and are not known yet. */
function variedPlaces(keys: readonly string[], known: readonly number[], tally: Tally): VariedPlace[] {
  const longest = keys.reduce((length, key) => Math.max(length, key.length), 0);
  const places: number[] = [];
  for (let place = 0; place < Math.min(longest, FROM_START); place++) places.push(place);
  const isUniform = keys.every((key) => key.length === longest);
  if (!isUniform || longest > FROM_START) {
    for (let place = 1; place <= Math.min(longest, FROM_END); place++) places.push(-place);
  }
  const gap = longest - FROM_START - FROM_END;
  for (let i = 0; i < Math.min(BETWEEN, gap); i++) places.push(FROM_START + Math.floor((i * gap) / BETWEEN));
  return [...new Set(places)]
    .filter((place) => !known.includes(place))
    .map((place) => ({ place, bits: tally.bitsAt(keys, place) }))
    .filter(({ bits }) => bits > 0);
}

/** Adds varied places, nearest to the ends first, then neighbours, until there are bits enough or no more of either. */
function addVaried(chosen: number[], varied: readonly VariedPlace[], bitsAt: (place: number) => number): void {
  let bits = chosen.reduce((sum, place) => sum + bitsAt(place), 0);
  const others = varied
    .filter(({ place }) => !chosen.includes(place))
    .map(({ place, bits: own }) => ({ place, bits: Math.floor(own) }))
    .filter((candidate) => candidate.bits > 0)
    .sort((a, b) => b.bits - a.bits || Math.abs(a.place) - Math.abs(b.place));
  for (const candidate of others) {
    if (bits >= ENOUGH_BITS || chosen.length >= MAX_PLACES - 4) break;
    chosen.push(candidate.place);
    bits += candidate.bits;
  }
  const neighbours = chosen.flatMap((place) => [place + 1, place + 2, place - 1]);
  for (const place of neighbours) {
    if (bits >= ENOUGH_BITS || chosen.length >= MAX_PLACES - 4) break;
    if (chosen.includes(place)) continue;
    chosen.push(place);
    bits++;
  }
}
