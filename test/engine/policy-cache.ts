/**
 * A cache of numbers around a policy alone: it asks the policy what a store asks, in the same order, and keeps nothing
 * but which key lies in which slot.
 */
import { NONE } from '../../src/core/bits.js';
import { mix32 } from '../../src/core/hash.js';
import type { Policy } from '../../src/engine/policy.js';

const FIRST_ROOM = 8;

export class PolicyCache {
  private readonly policy: Policy;
  private readonly capacity: number;
  private readonly slots: Map<number, number> = new Map();
  private readonly keys: number[] = [];
  private room = 0;

  constructor(policy: Policy, capacity: number) {
    this.policy = policy;
    this.capacity = capacity;
  }

  has(key: number): boolean {
    return this.slots.has(key);
  }

  /** Asks for a key, and takes it in when it is not there. True: it was there. */
  access(key: number): boolean {
    const held = this.slots.get(key);
    if (held !== undefined) {
      this.policy.hit(held, mix32(key));
      return true;
    }
    const slot = this.slots.size < this.capacity ? this.takeSlot() : this.evict();
    this.slots.set(key, slot);
    this.keys[slot] = key;
    this.policy.insert(slot, mix32(key));
    return false;
  }

  private takeSlot(): number {
    const slot = this.slots.size;
    if (slot === this.room) {
      this.room = Math.max(FIRST_ROOM, 2 * slot);
      this.policy.grow(this.room);
    }
    return slot;
  }

  private evict(): number {
    const slot = this.policy.victim(NONE);
    const key = this.keys[slot] as number;
    this.policy.evicting(slot, mix32(key));
    this.policy.remove(slot);
    this.slots.delete(key);
    return slot;
  }
}
