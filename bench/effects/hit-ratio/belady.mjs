/**
 * The most hits any policy could have: Belady's optimum, which evicts what is needed last and knows the future. A key
 * that is never needed again, or later than all that is held, is not taken in.
 * A held key is told by the time of its next access: the set of such times is all the state there is.
 */

/** Resolves times to the last one in a set, by words of 32 bits in levels. */
class TimeSet {
  /** @param {number} length times are 0..length-1 */
  constructor(length) {
    /** @type {Uint32Array[]} bit i of a level says whether word i of the level below has any bit */
    this.levels = [];
    for (let words = Math.ceil(length / 32); ; words = Math.ceil(words / 32)) {
      this.levels.push(new Uint32Array(Math.max(words, 1)));
      if (words <= 1) break;
    }
  }

  /** @param {number} time */
  has(time) {
    return (((this.levels[0]?.[time >>> 5] ?? 0) >>> (time & 31)) & 1) === 1;
  }

  /** @param {number} time */
  add(time) {
    let at = time;
    for (const level of this.levels) {
      level[at >>> 5] = (level[at >>> 5] ?? 0) | (1 << (at & 31));
      at >>>= 5;
    }
  }

  /** @param {number} time */
  delete(time) {
    let at = time;
    for (const level of this.levels) {
      const left = (level[at >>> 5] ?? 0) & ~(1 << (at & 31));
      level[at >>> 5] = left;
      if (left !== 0) return;
      at >>>= 5;
    }
  }

  /** The greatest time; the set must not be empty. */
  last() {
    let at = 0;
    for (let i = this.levels.length - 1; i >= 0; i--) at = at * 32 + 31 - Math.clz32(this.levels[i]?.[at] ?? 0);
    return at;
  }
}

/**
 * Hits of the optimum at each of the capacities. O(accesses) each.
 * @param {import('../traces/decode.mjs').Trace} trace
 * @param {readonly number[]} capacities
 */
export function beladyHits({ keys, accesses }, capacities) {
  const next = nextAccesses(accesses, keys.length);
  return capacities.map((capacity) => hitsAt(next, capacity));
}

/** @param {Uint32Array} next @param {number} capacity */
function hitsAt(next, capacity) {
  const held = new TimeSet(next.length);
  let size = 0;
  let hits = 0;
  for (let time = 0; time < next.length; time++) {
    if (held.has(time)) {
      hits++;
      held.delete(time);
      size--;
    }
    const again = /** @type {number} */ (next[time]);
    if (again === next.length) continue;
    held.add(again);
    if (++size > capacity) {
      held.delete(held.last());
      size--;
    }
  }
  return hits;
}

/**
 * For each access the time of the next one to the same key; the length of the trace where there is none.
 * @param {Uint32Array} accesses
 * @param {number} keyCount
 */
function nextAccesses(accesses, keyCount) {
  const next = new Uint32Array(accesses.length);
  const seenAt = new Uint32Array(keyCount).fill(accesses.length);
  for (let time = accesses.length - 1; time >= 0; time--) {
    const key = /** @type {number} */ (accesses[time]);
    next[time] = /** @type {number} */ (seenAt[key]);
    seenAt[key] = time;
  }
  return next;
}
