/** SIEVE in its plainest form: the entries as a circle, the one under the hand first. */
import { NONE } from '../../../src/core/bits.js';
import type { Policy } from '../../../src/engine/policy.js';

interface Entry {
  readonly slot: number;
  visited: boolean;
}

export class NaiveSieve implements Policy {
  age = 0;
  readonly reorders = false;
  /** From the hand to the newest. */
  private ahead: Entry[] = [];
  /** From the oldest to the last that the hand has passed. */
  private behind: Entry[] = [];

  get size(): number {
    return this.ahead.length + this.behind.length;
  }
  grow(): void {}
  insert(slot: number): void {
    this.ahead.push({ slot, visited: false });
  }
  hit(slot: number): void {
    this.find(slot).visited = true;
  }
  update(slot: number): void {
    this.hit(slot);
  }
  remove(slot: number): void {
    this.ahead = this.ahead.filter((entry) => entry.slot !== slot);
    this.behind = this.behind.filter((entry) => entry.slot !== slot);
    this.turn();
  }
  victim(except: number): number {
    if (this.size === 0 || (this.size === 1 && this.all()[0]?.slot === except)) return NONE;
    for (;;) {
      const entry = this.ahead[0] as Entry;
      if (entry.slot !== except) {
        if (!entry.visited) return entry.slot;
        entry.visited = false;
      }
      this.behind.push(this.ahead.shift() as Entry);
      this.turn();
    }
  }
  evicting(): void {}
  lastToLeave(): number {
    return (this.behind.at(-1) ?? this.ahead.at(-1))?.slot ?? NONE;
  }
  stateOf(slot: number): number {
    return Number(this.find(slot).visited);
  }
  adopt(slot: number, state: number): void {
    this.ahead.unshift({ slot, visited: state === 1 });
  }
  priorityOf(): number {
    return 0;
  }

  /** Past the newest, the hand goes on with the oldest. */
  private turn(): void {
    if (this.ahead.length > 0) return;
    this.ahead = this.behind;
    this.behind = [];
  }
  private all(): Entry[] {
    return [...this.behind, ...this.ahead];
  }
  private find(slot: number): Entry {
    return this.all().find((entry) => entry.slot === slot) as Entry;
  }
}
