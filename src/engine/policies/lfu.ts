/**
 * Least-frequently-used with dynamic ageing (LFU-DA: Arlitt, Cherkasova, Dilley, Friedrich, Jin, 2000). A new entry
 * starts at priority L + 1, where L is the greatest priority evicted so far; each read or update adds 1; among equals
 * the least recently used goes first. So an entry that was popular once leaves when L has caught up with it.
 *
 * One list in order of priority. The entries of one priority are a run of it, a level: every slot names its level, so
 * that a raised entry jumps over the rest of its run. Every operation O(1), but for insert and adopt: these step over
 * the levels that lie below, few but after a merge of unequally aged shards.
 *
 *     first                                          last
 *     [p=4 a b c]  [p=5 d]  [p=7 e f]                hit(b): behind d, the last slot of level 5
 */
import { NONE } from '../../core/bits.js';
import { growInt32, NO_INT32 } from '../../structures/columns.js';
import { SlotList } from '../../structures/slot-list.js';
import type { Policy } from '../policy.js';
import { LfuLevels } from './lfu-levels.js';

export class LfuPolicy implements Policy {
  age = 0;
  readonly reorders = true;
  private readonly list: SlotList = new SlotList();
  private readonly levels: LfuLevels = new LfuLevels();
  private levelOf: Int32Array = NO_INT32;

  get size(): number {
    return this.list.size;
  }

  grow(slotCount: number): void {
    this.list.grow(slotCount);
    this.levelOf = growInt32(this.levelOf, slotCount);
  }

  insert(slot: number, _hash: number): void {
    const priority = this.age + 1;
    this.link(this.lastBelow(priority + 1), slot, priority);
  }

  hit(slot: number, _hash: number): void {
    const { list, levels } = this;
    const level = this.levelOf[slot] as number;
    const priority = levels.priorityOf(level) + 1;
    const last = levels.lastOf(level);
    const following = list.after(last);
    let place = last;
    if (following !== NONE && this.priorityOf(following) === priority) place = this.lastOfRun(following);
    if (place === slot) {
      const preceding = list.before(slot);
      if (preceding === NONE || this.levelOf[preceding] !== level) {
        // Alone on its level, with nothing to jump over: the level rises under it.
        levels.raise(level);
        return;
      }
      place = preceding;
    }
    this.remove(slot);
    this.link(place, slot, priority);
  }

  update(slot: number, hash: number): void {
    this.hit(slot, hash);
  }

  remove(slot: number): void {
    const level = this.levelOf[slot] as number;
    if (this.levels.lastOf(level) === slot) {
      const preceding = this.list.before(slot);
      if (preceding !== NONE && this.levelOf[preceding] === level) this.levels.setLast(level, preceding);
      else this.levels.close(level);
    }
    this.list.unlink(slot);
  }

  victim(except: number): number {
    return this.list.firstOtherThan(except);
  }

  evicting(slot: number, _hash: number): void {
    this.age = Math.max(this.age, this.priorityOf(slot));
  }

  lastToLeave(): number {
    return this.list.last;
  }

  /** Its priority. */
  stateOf(slot: number): number {
    return this.priorityOf(slot);
  }

  adopt(slot: number, state: number, _hash: number): void {
    const place = this.lastBelow(state);
    const following = place === NONE ? this.list.first : this.list.after(place);
    if (following !== NONE && this.priorityOf(following) === state) {
      this.list.insertAfter(place, slot);
      this.levelOf[slot] = this.levelOf[following] as number;
    } else {
      this.link(place, slot, state);
    }
  }

  priorityOf(slot: number): number {
    return this.levels.priorityOf(this.levelOf[slot] as number);
  }

  /** The last slot of a lower priority, or NONE. */
  private lastBelow(priority: number): number {
    let place: number = NONE;
    let following = this.list.first;
    while (following !== NONE && this.priorityOf(following) < priority) {
      place = this.lastOfRun(following);
      following = this.list.after(place);
    }
    return place;
  }

  private lastOfRun(slot: number): number {
    return this.levels.lastOf(this.levelOf[slot] as number);
  }

  /** Links a slot behind `place`, as the last of its level. */
  private link(place: number, slot: number, priority: number): void {
    this.list.insertAfter(place, slot);
    if (place !== NONE && this.priorityOf(place) === priority) {
      const level = this.levelOf[place] as number;
      this.levelOf[slot] = level;
      this.levels.setLast(level, slot);
    } else {
      this.levelOf[slot] = this.levels.open(priority, slot);
    }
  }
}
