/**
 * LRU with ranks in its plainest form: entries in any order, and a scan for the one that is due first. Until an entry
 * comes that is not of the middle rank there is nothing to age by, and the entries count as used now.
 */
import { NONE } from '../../../src/core/bits.js';
import { MIDDLE_RANK, type Policy } from '../../../src/engine/policy.js';

interface Entry {
  readonly slot: number;
  readonly rank: number;
  readonly due: number;
  /** Orders entries of one due and rank: the greater goes later. */
  readonly place: number;
}

export class NaiveLru implements Policy {
  age = 0;
  readonly reorders = true;
  private readonly entries: Map<number, Entry> = new Map();
  private isRanked = false;
  /** Places given so far: up for those that come in last, down for those adopted. */
  private highest = 0;
  private lowest = 0;

  get size(): number {
    return this.entries.size;
  }
  grow(): void {}
  insert(slot: number, _hash: number, rank: number = MIDDLE_RANK): void {
    if (rank !== MIDDLE_RANK) this.rank();
    this.entries.set(slot, { slot, rank, due: this.age + worthOf(rank), place: ++this.highest });
  }
  hit(slot: number): void {
    this.insert(slot, 0, (this.entries.get(slot) as Entry).rank);
  }
  update(slot: number, hash: number, rank: number = MIDDLE_RANK): void {
    this.insert(slot, hash, rank);
  }
  remove(slot: number): void {
    this.entries.delete(slot);
  }
  victim(except: number): number {
    return this.sorted().find(({ slot }) => slot !== except)?.slot ?? NONE;
  }
  evicting(slot: number): void {
    if (this.isRanked) this.age = Math.max(this.age, this.priorityOf(slot));
  }
  lastToLeave(): number {
    return this.sorted().at(-1)?.slot ?? NONE;
  }
  stateOf(slot: number): number {
    const { rank } = this.entries.get(slot) as Entry;
    const spent = rank === 0 ? 0 : 1 - (this.priorityOf(slot) - this.age) / worthOf(rank);
    return 2 * (rank - MIDDLE_RANK) + Math.min(Math.max(spent, 0), 1);
  }
  adopt(slot: number, state: number): void {
    if (state !== 0) this.rank();
    const rank = MIDDLE_RANK + Math.floor(state / 2);
    const spent = state - 2 * Math.floor(state / 2);
    const ofRank = [...this.entries.values()].filter((entry) => entry.rank === rank);
    const due = Math.min(this.age + (1 - spent) * worthOf(rank), ...ofRank.map((entry) => entry.due));
    this.entries.set(slot, { slot, rank, due, place: --this.lowest });
  }
  priorityOf(slot: number): number {
    return this.isRanked ? (this.entries.get(slot) as Entry).due : this.age + 1;
  }

  private rank(): void {
    if (this.isRanked) return;
    this.isRanked = true;
    for (const entry of this.entries.values()) this.entries.set(entry.slot, { ...entry, due: this.age + 1 });
  }

  private sorted(): Entry[] {
    const byPlace = (a: Entry, b: Entry): number => a.place - b.place;
    if (!this.isRanked) return [...this.entries.values()].sort(byPlace);
    return [...this.entries.values()].sort((a, b) => a.due - b.due || a.rank - b.rank || byPlace(a, b));
  }
}

function worthOf(rank: number): number {
  return rank === 0 ? 0 : 2 ** (rank - MIDDLE_RANK);
}
