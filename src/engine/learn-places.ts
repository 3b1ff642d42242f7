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
 * included. Undefined when MAX_PLACES places cannot tell all keys of the sample apart. O(places x keys x candidates).
 */
export function learnPlaces(keys: readonly string[], known: readonly number[]): Int32Array | undefined {
  const split = new Splitter(keys);
  for (const place of known) split.by(place);
  let candidates = candidatePlaces(keys).filter((place) => !known.includes(place));
  const chosen = [...known];
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
  addVaried(keys, chosen);
  return Int32Array.from(chosen.sort((a, b) => a - b));
}

/** The character code at a place; 0 where the key has none. */
function codeAt(key: string, place: number): number {
  const at = place < 0 ? place + key.length : place;
  return at >= 0 && at < key.length ? key.charCodeAt(at) : 0;
}

/** Classes of keys that the places so far do not tell apart. A hash reads the length too. */
class Splitter {
  /** Pairs of keys within the classes. */
  pairs: number;
  private readonly keys: readonly string[];
  private classes: Int32Array;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.classes = Int32Array.from(keys, (key) => key.length & 0x7fff);
    this.pairs = pairsOf(this.classes);
  }

  by(place: number): void {
    this.classes = this.split(place);
    this.pairs = pairsOf(this.classes);
  }

  pairsAfter(place: number): number {
    return pairsOf(this.split(place));
  }

  private split(place: number): Int32Array {
    const ids = new Map<number, number>();
    return this.classes.map((group, i) => {
      const label = group * 0x10000 + codeAt(this.keys[i] as string, place);
      const id = ids.get(label) ?? ids.size;
      ids.set(label, id);
      return id;
    });
  }
}

function pairsOf(classes: Int32Array): number {
  const counts = new Map<number, number>();
  let pairs = 0;
  for (const group of classes) {
    const count = counts.get(group) ?? 0;
    pairs += count;
    counts.set(group, count + 1);
  }
  return pairs;
}

/** The first and last characters, and of long keys some between. */
function candidatePlaces(keys: readonly string[]): number[] {
  const longest = Math.max(...keys.map((key) => key.length));
  const places: number[] = [];
  for (let place = 0; place < Math.min(longest, FROM_START); place++) places.push(place);
  const isUniform = keys.every((key) => key.length === longest);
  if (!isUniform || longest > FROM_START) {
    for (let place = 1; place <= Math.min(longest, FROM_END); place++) places.push(-place);
  }
  const gap = longest - FROM_START - FROM_END;
  for (let i = 0; i < Math.min(BETWEEN, gap); i++) places.push(FROM_START + Math.floor((i * gap) / BETWEEN));
  return [...new Set(places)];
}

/** Adds varied places, nearest to the ends first, then neighbours, until there are bits enough or no more of either. */
function addVaried(keys: readonly string[], chosen: number[]): void {
  const bitsAt = (place: number): number => Math.log2(new Set(keys.map((key) => codeAt(key, place))).size);
  let bits = chosen.reduce((sum, place) => sum + bitsAt(place), 0);
  const varied = candidatePlaces(keys)
    .filter((place) => !chosen.includes(place))
    .map((place) => ({ place, bits: Math.floor(bitsAt(place)) }))
    .filter((candidate) => candidate.bits > 0)
    .sort((a, b) => b.bits - a.bits || Math.abs(a.place) - Math.abs(b.place));
  for (const candidate of varied) {
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
