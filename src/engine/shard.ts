/**
 * One shard: an index that holds keys and values, further columns indexed by slot, and an eviction policy over the
 * slots. It counts nothing and decides nothing: limits, expiry and counters are the store's.
 * Invariant: the index and the policy hold exactly the slots that are taken; a free slot weighs nothing, and one that
 * has been taken before never expires. Every `as` reads a taken slot.
 */
import { assert } from '../core/assert.js';
import { NONE } from '../core/bits.js';
import { growFloat64, NO_FLOAT64 } from '../structures/columns.js';
import { KeyIndex } from '../structures/key-index.js';
import { WeightColumn } from '../structures/weight-column.js';
import type { Policy } from './policy.js';

const FIRST_SLOTS = 8;
/** For so many entries that move in columns are made in one go. Of more, the first columns hold one in 2 ** FIRST_SHIFT. */
const MADE_AT_ONCE = 2 ** 16;
const FIRST_SHIFT = 8;
/** Whoever adds asks for no more: cells of more than 2^25 elements would become a dictionary. */
const MAX_SLOTS = 2 ** 24;
const NEVER = Number.POSITIVE_INFINITY;

/** Shared by the shards of a generation. */
export interface ShardSizing {
  /** Entries each is likely to hold when the store is full: columns are made for so many before they are made for more. */
  expected: number;
  /** Entries that are about to move in: columns are made for so many before they are made for more. */
  readonly moving: number;
}

export class Shard<V> {
  /** Its number among the shards of its generation; lets shards that fill alike grow at different moments. */
  readonly id: number;
  readonly policy: Policy;
  readonly index: KeyIndex<V> = new KeyIndex();
  readonly weights: WeightColumn = new WeightColumn();
  /** Infinity: never. */
  expiresAtMs: Float64Array = NO_FLOAT64;
  /** Every slot below it has been taken at least once. */
  highWater = 0;
  private readonly sizing: ShardSizing;
  /** Head of the list of free slots; each names the next in its place of the index's column of hashes. */
  private firstFree: number = NONE;

  constructor(policy: Policy, id: number, sizing: ShardSizing) {
    this.id = id;
    this.policy = policy;
    this.sizing = sizing;
  }

  get size(): number {
    return this.index.size;
  }
  /** Slots there is room for. */
  get slotCount(): number {
    return this.expiresAtMs.length;
  }

  key(slot: number): string {
    return this.index.cells[2 * slot] as string;
  }
  value(slot: number): V {
    return this.index.cells[2 * slot + 1] as V;
  }
  hash(slot: number): number {
    return this.index.hashes[slot] as number;
  }
  isTaken(slot: number): boolean {
    return this.index.cells[2 * slot] !== undefined;
  }
  isExpired(slot: number, nowMs: number): boolean {
    return !(nowMs < (this.expiresAtMs[slot] as number));
  }

  /** Takes in an entry whose key is not there. The caller tells the policy. O(1), amortised. */
  add(key: string, hash: number, value: V, weight: number, expiresAtMs: number): number {
    const slot = this.takeSlot();
    this.index.add(slot, key, hash);
    this.index.cells[2 * slot + 1] = value;
    this.weights.set(slot, weight);
    this.expiresAtMs[slot] = expiresAtMs;
    return slot;
  }

  /** Gives an entry another value. The caller tells the policy. */
  replace(slot: number, value: V, weight: number, expiresAtMs: number): void {
    this.index.cells[2 * slot + 1] = value;
    this.weights.set(slot, weight);
    this.expiresAtMs[slot] = expiresAtMs;
  }

  /** Forgets the entry of a slot, in the policy too. */
  remove(slot: number): void {
    this.policy.remove(slot);
    this.index.remove(slot);
    this.weights.set(slot, 0);
    this.expiresAtMs[slot] = NEVER;
    this.index.hashes[slot] = this.firstFree;
    this.firstFree = slot;
  }

  /** The free slots below highWater. O(free); for checks. */
  freeSlots(): number[] {
    const free: number[] = [];
    for (let slot = this.firstFree; slot !== NONE; slot = this.hash(slot)) free.push(slot);
    return free;
  }

  private takeSlot(): number {
    const free = this.firstFree;
    if (free !== NONE) {
      this.firstFree = this.hash(free);
      return free;
    }
    if (this.highWater === this.slotCount) this.grow(Math.min(this.nextSlotCount(), MAX_SLOTS));
    return this.highWater++;
  }

  /**
   * What moves in; then half as much again, but up to the expected size first, and a little beyond it in small steps.
   * Where very many move in, the first columns are small, the second have cells for all of them, and the third are
   * made for as many: no addition waits for all columns at once.
   */
  private nextSlotCount(): number {
    const { slotCount } = this;
    const { expected, moving } = this.sizing;
    if (slotCount === 0) {
      if (moving > MADE_AT_ONCE) return moving >> FIRST_SHIFT;
      return Math.max(Math.min(FIRST_SLOTS + (this.id % FIRST_SLOTS), expected), moving);
    }
    if (slotCount < moving && this.index.room >= moving) return moving;
    const half = slotCount + Math.max(FIRST_SLOTS, slotCount >> 1);
    if (slotCount < expected) return Math.min(half, expected);
    if (slotCount < 1.25 * expected) return slotCount + Math.max(FIRST_SLOTS, slotCount >> 6);
    return half;
  }

  private grow(slotCount: number): void {
    assert(slotCount > this.slotCount, 'a shard holds at most 2^24 entries');
    if (this.slotCount > 0) this.index.reserve(Math.min(this.sizing.moving, MAX_SLOTS));
    this.index.grow(slotCount);
    this.policy.grow(slotCount);
    this.weights.grow(slotCount);
    this.expiresAtMs = growFloat64(this.expiresAtMs, slotCount);
  }
}
