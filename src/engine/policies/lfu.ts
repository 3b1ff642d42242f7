/**
 * Least-frequently-used with dynamic ageing (LFU-DA: Arlitt, Cherkasova, Dilley, Friedrich, Jin, 2000). A new entry
 * starts at priority L + 1, where L is the greatest priority evicted so far; each read or update adds 1; among equals
 * the least recently used goes first. So an entry that was popular once leaves when L has caught up with it.
 *
 * One list in rank order. The entries of one priority are a run of it, a level, and every slot names its level; a
 * level remembers its last slot, so that a raised entry jumps over the rest of its run. Levels are numbered by a stack
 * like slots. Everything O(1), but for insert and adopt: these step over the levels, or the entries, that a merge of
 * unequally aged shards has left below.
 *
 *     first                                          last
 *     [p=4 a b c]  [p=5 d]  [p=7 e f]                hit(b): behind d, the last slot of level 5
 */
import { NONE } from '../../core/bits.js';
import { growUint32 } from '../../structures/columns.js';
import { SlotList } from '../../structures/slot-list.js';
import { SlotStack } from '../../structures/slot-stack.js';
import type { Policy } from '../policy.js';

export class LfuPolicy implements Policy {
  age = 0;
  private readonly list: SlotList = new SlotList({ hasPriorities: true });
  private readonly levels: SlotStack = new SlotStack();
  private levelOf: Uint32Array = new Uint32Array(0);
  private lastOfLevel: Uint32Array = new Uint32Array(0);

  get size(): number {
    return this.list.size;
  }

  grow(slotCount: number): void {
    this.list.grow(slotCount);
    this.levels.grow(slotCount);
    this.levelOf = growUint32(this.levelOf, slotCount);
    this.lastOfLevel = growUint32(this.lastOfLevel, slotCount);
  }

  insert(slot: number, tick: number): void {
    const priority = this.age + 1;
    let place: number = NONE;
    let following = this.list.first;
    while (following !== NONE && this.list.priorityOf(following) <= priority) {
      place = this.lastSlotOf(following);
      following = this.list.after(place);
    }
    this.link(place, slot, priority, tick);
  }

  hit(slot: number, tick: number): void {
    const priority = this.list.priorityOf(slot) + 1;
    const last = this.lastSlotOf(slot);
    const following = this.list.after(last);
    const nextLevelExists = following !== NONE && this.list.priorityOf(following) === priority;
    let place = nextLevelExists ? this.lastSlotOf(following) : last;
    // Alone on its level with nothing to jump over, it stays where it is.
    if (place === slot) place = this.list.before(slot);
    this.remove(slot);
    this.link(place, slot, priority, tick);
  }

  update(slot: number, tick: number): void {
    this.hit(slot, tick);
  }

  remove(slot: number): void {
    const level = this.levelOf[slot] as number;
    if (this.lastOfLevel[level] === slot) {
      const preceding = this.list.before(slot);
      if (preceding !== NONE && this.levelOf[preceding] === level) this.lastOfLevel[level] = preceding;
      else this.levels.give(level);
    }
    this.list.unlink(slot);
  }

  victim(except: number): number {
    return this.list.firstOtherThan(except);
  }

  evicting(slot: number): void {
    const priority = this.list.priorityOf(slot);
    if (priority > this.age) this.age = priority;
  }

  priorityOf(slot: number): number {
    return this.list.priorityOf(slot);
  }

  tickOf(slot: number): number {
    return this.list.tickOf(slot);
  }

  adopt(slot: number, priority: number, tick: number): void {
    this.list.adopt(slot, priority, tick);
    const following = this.list.after(slot);
    if (following !== NONE && this.list.priorityOf(following) === priority) {
      this.levelOf[slot] = this.levelOf[following] as number;
    } else {
      this.endLevel(this.list.before(slot), slot, priority);
    }
  }

  /** Links a slot as the last of its level. */
  private link(place: number, slot: number, priority: number, tick: number): void {
    this.list.insertAfter(place, slot, priority, tick);
    this.endLevel(place, slot, priority);
  }

  /** Makes `slot` the last of the level of `preceding`, or of a new level when that is of another priority. */
  private endLevel(preceding: number, slot: number, priority: number): void {
    const joins = preceding !== NONE && this.list.priorityOf(preceding) === priority;
    const level = joins ? (this.levelOf[preceding] as number) : this.levels.take();
    this.levelOf[slot] = level;
    this.lastOfLevel[level] = slot;
  }

  private lastSlotOf(slot: number): number {
    return this.lastOfLevel[this.levelOf[slot] as number] as number;
  }
}
