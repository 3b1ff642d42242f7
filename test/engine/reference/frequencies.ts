/**
 * How often a key was asked for lately, up to 15: counts that are all halved when ten times the capacity has been
 * counted (TinyLFU: Einziger, Friedman, Manes, ACM Transactions on Storage 2017). What is counted from then on differs:
 * in the paper it is halved as well, here it starts anew or, in the sketch, is what halving has left of the counts.
 */

export interface Frequencies {
  count(key: number): void;
  of(key: number): number;
}

const MAX_FREQUENCY = 15;
const SAMPLE_FACTOR = 10;

/** Exact: a Map. */
export function createExactFrequencies(capacity: number): Frequencies {
  const counts = new Map<number, number>();
  let accesses = 0;

  function halve(): void {
    for (const [key, count] of counts) {
      if (count === 1) counts.delete(key);
      else counts.set(key, count >> 1);
    }
  }
  return {
    count(key) {
      counts.set(key, Math.min((counts.get(key) ?? 0) + 1, MAX_FREQUENCY));
      if (++accesses % (SAMPLE_FACTOR * capacity) === 0) halve();
    },
    of: (key) => counts.get(key) ?? 0,
  };
}

/** As the caches whose figures are published have it, with their corrections. A count-min sketch: a row of counters for each of four hash functions; the least of a key's four is its estimate. */
export function createSketch(capacity: number): Frequencies {
  const width = 4 * 2 ** Math.ceil(Math.log2(Math.max(capacity, 8)));
  const rows = [0, 1, 2, 3].map(() => new Uint8Array(width));
  let counted = 0;

  function placeOf(key: number, row: number): number {
    let hash = Math.imul(key + 1, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return ((hash ^ (hash >>> 15)) >>> 0) % width;
  }
  function halve(): void {
    let odd = 0;
    for (const row of rows) {
      for (const [place, count] of row.entries()) {
        odd += count & 1;
        row[place] = count >> 1;
      }
    }
    counted = (counted - (odd >> 2)) >> 1;
  }
  return {
    count(key) {
      let isCounted = false;
      for (const [i, row] of rows.entries()) {
        const place = placeOf(key, i);
        const count = row[place] as number;
        if (count === MAX_FREQUENCY) continue;
        row[place] = count + 1;
        isCounted = true;
      }
      if (isCounted && ++counted >= SAMPLE_FACTOR * capacity) halve();
    },
    of: (key) => Math.min(...rows.map((row, i) => row[placeOf(key, i)] as number)),
  };
}
