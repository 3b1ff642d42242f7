/**
 * W-TinyLFU (Einziger, Friedman, Manes, TinyLFU, ACM Transactions on Storage 2017). New entries come into a window,
 * an LRU queue. Behind it stands main, a segmented LRU: entries enter on probation, are protected once read there, and
 * go back on probation when more than four fifths of main are protected. Whoever would leave the window enters main in
 * place of the victim there, if asked for often enough; else it leaves the store. Every operation O(1).
 *
 * The paper is followed but for this. A held entry has its own count, beside its segment, in one byte, so that a hit
 * does not touch the sketch; the sketch is read when an entry comes, and remembers its count when it is evicted. Counts
 * of entries are halved when those of the sketch are; the count of accesses, which the paper halves with them, starts
 * anew. Shares are of the entries held, so that a limit in bytes works too. How wide the window is, and what is often
 * enough, may change at any time: the window follows by a few entries an insertion.
 */
import { NONE } from '../../core/bits.js';
import { growUint8, NO_UINT8 } from '../../structures/columns.js';
import { FrequencySketch, MAX_FREQUENCY } from '../../structures/frequency-sketch.js';
import { SlotList } from '../../structures/slot-list.js';
import type { Policy, PolicyFamily } from '../policy.js';

export interface AdmissionRule {
  /** Of the entries held, this share is in the window: 0 to 1, but at least one entry. */
  readonly windowShare: number;
  /**
   * Requests of late, 1 to MAX_FREQUENCY, that take an entry from the window into main. 0: as many as it needs to have
   * more than the entry it would replace, as in the paper.
   */
  readonly requestsToEnter: number;
}

/** Chooses the rule for all shards of a store by watching its accesses. */
export interface AdmissionTuner {
  /** In force. The object stays the same, what it says may change at any time. */
  readonly rule: AdmissionRule;
  /** Told of each read and write of an entry by the hash of its key. */
  access(hash: number): void;
  /** Told of the entries that the store may hold over all shards. */
  setCapacity(entries: number): void;
}

/** The window of the paper. */
const STANDARD_RULE: AdmissionRule = { windowShare: 0.01, requestsToEnter: 0 };
/** Counts are halved once in so many accesses per entry of the cache. */
export const ACCESSES_PER_HALVING = 10;
/** More slots are halved in steps, one an access, so that none is long. */
const SLOTS_HALVED_AT_ONCE = 2 ** 12;
const PROTECTED_SHARE = 0.8;
/** Entries that change their segment in one operation, so that a new rule makes none of them long. */
const MAX_MOVES = 2;

/** Bits of an entry's state: its count, and its segment, which is 0 in the window. */
const COUNT = MAX_FREQUENCY;
const SEGMENT = 0x30;
const PROBATION = 0x10;
const PROTECTED = 0x20;

/** W-TinyLFU for one store. Without a tuner the rule is the paper's: a window of 1 %. */
export function createWTinyLfuFamily(tuner?: AdmissionTuner): PolicyFamily {
  const sketch = new FrequencySketch();
  const rule = tuner?.rule ?? STANDARD_RULE;
  return {
    create: () => new WTinyLfuPolicy(sketch, rule, tuner),
    setCapacity(entries) {
      sketch.setCapacity(entries, ACCESSES_PER_HALVING * entries);
      tuner?.setCapacity(entries);
    },
  };
}

export class WTinyLfuPolicy implements Policy {
  age = 0;
  readonly reorders = true;
  private readonly sketch: FrequencySketch;
  private readonly rule: AdmissionRule;
  private readonly tuner: AdmissionTuner | undefined;
  private readonly window: SlotList = new SlotList();
  private readonly probation: SlotList = new SlotList();
  private readonly protection: SlotList = new SlotList();
  private states: Uint8Array = NO_UINT8;
  /** How often counts have been halved, and where a halving goes on that is under way. */
  private halvings: number;
  private halvingSlot = 0;

  /** All three are shared with the policies of the other shards. */
  constructor(sketch: FrequencySketch, rule: AdmissionRule, tuner?: AdmissionTuner) {
    this.sketch = sketch;
    this.halvings = sketch.halvings;
    this.rule = rule;
    this.tuner = tuner;
  }

  get size(): number {
    return this.window.size + this.probation.size + this.protection.size;
  }

  grow(slotCount: number): void {
    this.window.grow(slotCount);
    this.probation.shareLinksOf(this.window);
    this.protection.shareLinksOf(this.window);
    this.states = growUint8(this.states, slotCount);
  }

  insert(slot: number, hash: number): void {
    this.states[slot] = Math.min(MAX_FREQUENCY, this.sketch.estimate(hash) + 1);
    this.window.append(slot);
    const windowSize = this.windowSize();
    for (let moves = 0; moves < MAX_MOVES && this.window.size > windowSize; moves++) this.leaveWindow();
    this.limitProtection();
    this.noteAccess(hash);
  }

  hit(slot: number, hash: number): void {
    let state = this.states[slot] as number;
    if ((state & COUNT) < MAX_FREQUENCY) this.states[slot] = ++state;
    if (state >= PROTECTED) this.protection.moveToLast(slot);
    else if (state < PROBATION) this.window.moveToLast(slot);
    else this.protect(slot);
    this.noteAccess(hash);
  }

  update(slot: number, hash: number): void {
    this.hit(slot, hash);
  }

  remove(slot: number): void {
    this.listOf(slot).unlink(slot);
    this.states[slot] = 0;
  }

  victim(except: number): number {
    const candidate = this.window.firstOtherThan(except);
    let victim = this.probation.firstOtherThan(except);
    if (victim === NONE) victim = this.protection.firstOtherThan(except);
    if (victim === NONE) return candidate;
    if (candidate === NONE || this.window.size < this.windowSize()) return victim;
    return this.mayReplace(candidate, victim) ? victim : candidate;
  }

  evicting(slot: number, hash: number): void {
    this.sketch.raise(hash, (this.states[slot] as number) & COUNT);
  }

  lastToLeave(): number {
    // In turn, so that the shape is kept, here and where the entries go.
    if (this.window.size === this.size || this.window.size > this.windowSize()) return this.window.last;
    const isProtectedDue = this.probation.size === 0 || this.protection.size > this.protectedSize();
    return isProtectedDue ? this.protection.last : this.probation.last;
  }

  stateOf(slot: number): number {
    return this.states[slot] as number;
  }

  adopt(slot: number, state: number, _hash: number): void {
    this.states[slot] = state;
    this.listOf(slot).prepend(slot);
  }

  priorityOf(_slot: number): number {
    return 0;
  }

  private noteAccess(hash: number): void {
    if (this.tuner !== undefined) this.tuner.access(hash);
    this.sketch.age();
    if (this.halvings !== this.sketch.halvings) this.halve();
  }

  /** Halves the counts of all slots, taken or not, as often as those of the sketch. */
  private halve(): void {
    const { states } = this;
    const end = Math.min(this.halvingSlot + SLOTS_HALVED_AT_ONCE, states.length);
    for (let slot = this.halvingSlot; slot < end; slot++) {
      const state = states[slot] as number;
      states[slot] = (state & SEGMENT) | ((state & COUNT) >>> 1);
    }
    this.halvingSlot = end;
    if (end < states.length) return;
    this.halvingSlot = 0;
    this.halvings++;
  }

  /** Entries that the window is to hold. */
  private windowSize(): number {
    return Math.max(1, Math.round(this.rule.windowShare * this.size));
  }

  /** Entries that are to be protected, at most. */
  private protectedSize(): number {
    return Math.floor(PROTECTED_SHARE * (this.size - this.windowSize()));
  }

  /** Whether an entry of the window has been asked for often enough to take the place of one of main. */
  private mayReplace(candidate: number, victim: number): boolean {
    const { requestsToEnter } = this.rule;
    const count = (this.states[candidate] as number) & COUNT;
    return requestsToEnter > 0 ? count >= requestsToEnter : count > ((this.states[victim] as number) & COUNT);
  }

  private leaveWindow(): void {
    const slot = this.window.first;
    this.window.unlink(slot);
    this.probation.append(slot);
    this.states[slot] = (this.states[slot] as number) | PROBATION;
  }

  private protect(slot: number): void {
    this.probation.unlink(slot);
    this.protection.append(slot);
    this.setSegment(slot, PROTECTED);
    this.limitProtection();
  }

  /** Sends back on probation what is protected beyond its share of main. */
  private limitProtection(): void {
    const protectedSize = this.protectedSize();
    for (let moves = 0; moves < MAX_MOVES && this.protection.size > protectedSize; moves++) {
      const slot = this.protection.first;
      this.protection.unlink(slot);
      this.probation.append(slot);
      this.setSegment(slot, PROBATION);
    }
  }

  private setSegment(slot: number, segment: number): void {
    this.states[slot] = ((this.states[slot] as number) & COUNT) | segment;
  }

  private listOf(slot: number): SlotList {
    const state = this.states[slot] as number;
    if (state >= PROTECTED) return this.protection;
    return state < PROBATION ? this.window : this.probation;
  }
}
