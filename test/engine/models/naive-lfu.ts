/** LFU-DA in its plainest form: entries in any order, and a scan for the least. */
import { NONE } from '../../../src/core/bits.js';
import type { Policy } from '../../../src/engine/policy.js';

interface Entry {
  readonly slot: number;
  readonly priority: number;
  /** Orders entries of one priority: the greater goes later. */
  readonly place: number;
}

export class NaiveLfu implements Policy {
  age = 0;
  readonly reorders = true;
  private readonly entries: Map<number, Entry> = new Map();
  /** Places given so far: up for those that come in last, down for those adopted. */
  private highest = 0;
  private lowest = 0;

  get size(): number {
    return this.entries.size;
  }
  grow(): void {}
  insert(slot: number): void {
    this.entries.set(slot, { slot, priority: this.age + 1, place: ++this.highest });
  }
  hit(slot: number): void {
    this.entries.set(slot, { slot, priority: this.priorityOf(slot) + 1, place: ++this.highest });
  }
  update(slot: number): void {
    this.hit(slot);
  }
  remove(slot: number): void {
    this.entries.delete(slot);
  }
  victim(except: number): number {
    return this.sorted().find(({ slot }) => slot !== except)?.slot ?? NONE;
  }
  evicting(slot: number): void {
    this.age = Math.max(this.age, this.priorityOf(slot));
  }
  lastToLeave(): number {
    return this.sorted().at(-1)?.slot ?? NONE;
  }
  stateOf(slot: number): number {
    return this.priorityOf(slot);
  }
  adopt(slot: number, state: number): void {
    this.entries.set(slot, { slot, priority: state, place: --this.lowest });
  }
  priorityOf(slot: number): number {
    return (this.entries.get(slot) as Entry).priority;
  }

  private sorted(): Entry[] {
    return [...this.entries.values()].sort((a, b) => a.priority - b.priority || a.place - b.place);
  }
}
