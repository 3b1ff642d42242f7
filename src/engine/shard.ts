/**
 * One shard: an index from key to slot, the entries in columns indexed by slot, and an eviction policy over the slots.
 * It counts nothing and decides nothing: limits, expiry and counters are the store's.
 * Invariant: the index, the columns and the policy hold exactly the slots that are out of the slot stack; a free slot
 * has no key, no value, and never expires. Every `as number` reads a column below its length.
 */
import { NONE } from '../core/bits.js';
import { growFloat64, growUint32 } from '../structures/columns.js';
import { SlotStack } from '../structures/slot-stack.js';
import type { Policy } from './policy.js';

const FIRST_COLUMN_LENGTH = 8;
const NEVER = Number.POSITIVE_INFINITY;

export class Shard<V> {
  readonly policy: Policy;
  readonly slots: SlotStack = new SlotStack();
  readonly keys: (string | undefined)[] = [];
  readonly values: (V | undefined)[] = [];
  hashes: Uint32Array = new Uint32Array(0);
  weights: Float64Array = new Float64Array(0);
  /** Infinity: never. */
  expiresAtMs: Float64Array = new Float64Array(0);
  /** Only find, add, remove and indexSize touch it: it may become another structure. */
  private readonly index: Map<string, number> = new Map();

  constructor(policy: Policy) {
    this.policy = policy;
  }

  get size(): number {
    return this.slots.size;
  }

  /** Entries the index knows; equal to size. */
  get indexSize(): number {
    return this.index.size;
  }

  /** The slot of a key, or NONE. */
  find(key: string): number {
    const slot = this.index.get(key);
    return slot === undefined ? NONE : slot;
  }

  /** Takes in an entry whose key is not there. The caller tells the policy. */
  add(key: string, hash: number, value: V, weight: number, expiresAtMs: number): number {
    const slot = this.slots.take();
    if (slot === this.hashes.length) this.grow(Math.max(FIRST_COLUMN_LENGTH, 2 * slot));
    this.index.set(key, slot);
    // A fresh slot lengthens the arrays by one, so they never have holes.
    this.keys[slot] = key;
    this.values[slot] = value;
    this.hashes[slot] = hash;
    this.weights[slot] = weight;
    this.expiresAtMs[slot] = expiresAtMs;
    return slot;
  }

  /** Forgets the entry of a slot, in the policy too. */
  remove(slot: number): void {
    this.index.delete(this.keys[slot] as string);
    this.policy.remove(slot);
    this.keys[slot] = undefined;
    this.values[slot] = undefined;
    this.weights[slot] = 0;
    this.expiresAtMs[slot] = NEVER;
    this.slots.give(slot);
  }

  isExpired(slot: number, nowMs: number): boolean {
    return !(nowMs < (this.expiresAtMs[slot] as number));
  }

  private grow(slotCount: number): void {
    this.slots.grow(slotCount);
    this.policy.grow(slotCount);
    this.hashes = growUint32(this.hashes, slotCount);
    this.weights = growFloat64(this.weights, slotCount, 0);
    this.expiresAtMs = growFloat64(this.expiresAtMs, slotCount, NEVER);
  }
}
