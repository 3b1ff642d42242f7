/**
 * Miniature caches: W-TinyLFU under several rules at once, fed with a sample of the accesses, to see which rule hits
 * most. A cache for a share of the keys, with that share of the capacity, hits about as often as the whole (Waldspurger,
 * Saemundsson, Ahmad, Park, USENIX ATC 2017). They run the product's own policy. A key has the same slot in all of
 * them, and they share one sketch: it is theirs alone, so that nothing in here depends on the rule in force.
 */
import { NONE } from '../core/bits.js';
import { ACCESSES_PER_HALVING, type AdmissionRule, WTinyLfuPolicy } from '../engine/policies/w-tinylfu.js';
import { growUint8 } from '../structures/columns.js';
import { FrequencySketch } from '../structures/frequency-sketch.js';
import { HashSlots } from '../structures/hash-slots.js';

/** Slots at first; doubled when they are all taken. */
const FIRST_SLOTS = 64;

export class MiniatureCaches {
  /** Entries that each cache holds. */
  readonly capacity: number;
  /** By rule: accesses that found their key. May be reset. */
  readonly hits: Float64Array;
  private readonly caches: readonly WTinyLfuPolicy[];
  private readonly slots: HashSlots = new HashSlots();
  /** A bit for each cache that holds the slot. */
  private holders: Uint8Array = new Uint8Array(0);

  /** At most 8 rules. */
  constructor(rules: readonly AdmissionRule[], capacity: number) {
    this.capacity = capacity;
    this.hits = new Float64Array(rules.length);
    const sketch = new FrequencySketch();
    // Each access is one in every cache.
    sketch.setCapacity(capacity, rules.length * ACCESSES_PER_HALVING * capacity);
    this.caches = rules.map((rule) => new WTinyLfuPolicy(sketch, rule));
    this.grow(FIRST_SLOTS);
  }

  /** Keys that any of the caches holds: at most rules x capacity. */
  get keyCount(): number {
    return this.slots.size;
  }

  /** Lets every cache see an access. O(rules), amortised. */
  access(hash: number): void {
    const { slots, caches, hits } = this;
    let slot = slots.find(hash);
    if (slot === NONE) {
      if (slots.size === slots.slotCount) this.grow(2 * slots.slotCount);
      slot = slots.add(hash);
    }
    const heldBy = this.holders[slot] as number;
    for (let i = 0; i < caches.length; i++) {
      const cache = caches[i] as WTinyLfuPolicy;
      if ((heldBy & (1 << i)) !== 0) {
        hits[i] = (hits[i] as number) + 1;
        cache.hit(slot, hash);
      } else {
        if (cache.size >= this.capacity) this.evict(cache, i);
        cache.insert(slot, hash);
      }
    }
    this.holders[slot] = (1 << caches.length) - 1;
  }

  private evict(cache: WTinyLfuPolicy, i: number): void {
    const victim = cache.victim(NONE);
    cache.evicting(victim, this.slots.hashOf(victim));
    cache.remove(victim);
    const heldBy = (this.holders[victim] as number) & ~(1 << i);
    this.holders[victim] = heldBy;
    if (heldBy === 0) this.slots.remove(victim);
  }

  private grow(slotCount: number): void {
    this.slots.grow(slotCount);
    this.holders = growUint8(this.holders, slotCount);
    for (const cache of this.caches) cache.grow(slotCount);
  }
}
