/** FIFO, and LRU without ranks, in their plainest form: an array, the victim in front. */
import { NONE } from '../../../src/core/bits.js';
import type { Policy } from '../../../src/engine/policy.js';

export class NaiveQueue implements Policy {
  age = 0;
  readonly reorders: boolean;
  private slots: number[] = [];

  constructor(options: { readonly movesOnAccess: boolean }) {
    this.reorders = options.movesOnAccess;
  }

  get size(): number {
    return this.slots.length;
  }
  grow(): void {}
  insert(slot: number): void {
    this.slots.push(slot);
  }
  hit(slot: number): void {
    if (!this.reorders) return;
    this.remove(slot);
    this.insert(slot);
  }
  update(slot: number): void {
    this.hit(slot);
  }
  remove(slot: number): void {
    this.slots = this.slots.filter((other) => other !== slot);
  }
  victim(except: number): number {
    return this.slots.find((slot) => slot !== except) ?? NONE;
  }
  evicting(): void {}
  lastToLeave(): number {
    return this.slots.at(-1) ?? NONE;
  }
  stateOf(): number {
    return 0;
  }
  adopt(slot: number): void {
    this.slots.unshift(slot);
  }
  priorityOf(): number {
    return this.age + 1;
  }
}
