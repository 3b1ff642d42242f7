/**
 * OPT (Belady, IBM Systems Journal 1966): evicts the key that is asked for last, or never again. It knows the future, so
 * no policy hits more often. A new key always comes in, as with the other simulators.
 */

/** Hits of all accesses in a row, from an empty cache. */
export function countOptimalHits(accesses: Uint32Array, capacity: number): number {
  const nextUses = nextUsesOf(accesses);
  const heldUntil = new Map<number, number>();
  const heap = new LatestFirst();
  let hits = 0;
  for (const [i, key] of accesses.entries()) {
    if (heldUntil.has(key)) hits++;
    else if (heldUntil.size === capacity) evict();
    const nextUse = nextUses[i] as number;
    heldUntil.set(key, nextUse);
    heap.push(nextUse, key);
  }
  return hits;

  function evict(): void {
    for (;;) {
      const { nextUse, key } = heap.pop();
      // Earlier uses of a held key are still on the heap.
      if (heldUntil.get(key) === nextUse) {
        heldUntil.delete(key);
        return;
      }
    }
  }
}

/** For each access, the place of the next one of the same key; beyond the end, and each different, when there is none. */
function nextUsesOf(accesses: Uint32Array): Float64Array {
  const nextUses = new Float64Array(accesses.length);
  const seenAt = new Map<number, number>();
  for (let i = accesses.length - 1; i >= 0; i--) {
    const key = accesses[i] as number;
    nextUses[i] = seenAt.get(key) ?? accesses.length + i;
    seenAt.set(key, i);
  }
  return nextUses;
}

interface Use {
  readonly nextUse: number;
  readonly key: number;
}

/** Binary heap with the latest use on top. */
class LatestFirst {
  private readonly uses: Use[] = [];

  push(nextUse: number, key: number): void {
    const { uses } = this;
    let place = uses.length;
    uses.push({ nextUse, key });
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.at(parent).nextUse >= nextUse) break;
      this.swap(place, parent);
      place = parent;
    }
  }

  pop(): Use {
    const { uses } = this;
    this.swap(0, uses.length - 1);
    const top = uses.pop() as Use;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= uses.length) break;
      if (child + 1 < uses.length && this.at(child + 1).nextUse > this.at(child).nextUse) child++;
      if (this.at(place).nextUse >= this.at(child).nextUse) break;
      this.swap(place, child);
      place = child;
    }
    return top;
  }

  private at(place: number): Use {
    return this.uses[place] as Use;
  }

  private swap(a: number, b: number): void {
    const kept = this.at(a);
    this.uses[a] = this.at(b);
    this.uses[b] = kept;
  }
}
