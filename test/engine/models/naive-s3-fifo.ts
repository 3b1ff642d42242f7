/** S3-FIFO in its plainest form: two arrays, the oldest entry in front. Its memory of hashes is the real one, which has tests of its own. */
import { NONE } from '../../../src/core/bits.js';
import type { Policy } from '../../../src/engine/policy.js';
import { RecentHashes } from '../../../src/structures/recent-hashes.js';

interface Entry {
  readonly slot: number;
  reads: number;
}

export class NaiveS3Fifo implements Policy {
  age = 0;
  readonly reorders = false;
  private small: Entry[] = [];
  private main: Entry[] = [];
  private readonly ghosts: RecentHashes = new RecentHashes();

  get size(): number {
    return this.small.length + this.main.length;
  }
  grow(slotCount: number): void {
    this.ghosts.grow(slotCount - Math.floor(slotCount / 10));
  }
  insert(slot: number, hash: number): void {
    const queue = this.ghosts.take(hash) ? this.main : this.small;
    queue.push({ slot, reads: 0 });
  }
  hit(slot: number): void {
    const entry = this.find(slot);
    entry.reads = Math.min(3, entry.reads + 1);
  }
  update(slot: number): void {
    this.hit(slot);
  }
  remove(slot: number): void {
    this.small = this.small.filter((entry) => entry.slot !== slot);
    this.main = this.main.filter((entry) => entry.slot !== slot);
  }
  victim(except: number): number {
    for (;;) {
      const isSmallDue = this.small.length >= this.smallShare;
      const queues = isSmallDue ? [this.small, this.main] : [this.main, this.small];
      const entry = queues.flat().find(({ slot }) => slot !== except);
      if (entry === undefined) return NONE;
      const isSmall = this.small.includes(entry);
      if (entry.reads < (isSmall ? 2 : 1)) return entry.slot;
      this.remove(entry.slot);
      this.main.push({ slot: entry.slot, reads: isSmall ? 0 : entry.reads - 1 });
    }
  }
  evicting(slot: number, hash: number): void {
    if (this.main.includes(this.find(slot))) return;
    this.ghosts.limit = this.size - this.smallShare;
    this.ghosts.add(hash);
  }
  lastToLeave(): number {
    const gives = this.small.length > this.smallShare ? this.small : this.main;
    return (gives.at(-1) ?? this.small.at(-1))?.slot ?? NONE;
  }
  /** 0 to 3 reads, and 4 for an entry of main. */
  stateOf(slot: number): number {
    const entry = this.find(slot);
    return entry.reads + (this.main.includes(entry) ? 4 : 0);
  }
  adopt(slot: number, state: number): void {
    const queue = state >= 4 ? this.main : this.small;
    queue.unshift({ slot, reads: state % 4 });
  }
  priorityOf(): number {
    return 0;
  }

  private get smallShare(): number {
    return Math.max(1, Math.floor(this.size / 10));
  }
  private find(slot: number): Entry {
    return [...this.small, ...this.main].find((entry) => entry.slot === slot) as Entry;
  }
}
