/**
 * Tells the policies of a store how many entries it holds when it is full: its capacity, or fewer where bytes are what
 * bounds it. What a family remembers and samples would else be made for entries that never come, and age too slowly.
 * It looks once in so many evictions as there are entries, at the most that there were meanwhile: so a new figure, for
 * which families may forget much, is rare, and one entry of great weight is not taken for a rule.
 */
import type { PolicyFamily } from './policy.js';

/** A figure that differs by no more than this share is not told. */
const TOLERANCE = 0.25;
const LEAST_EVICTIONS = 64;

export class HeldEntries {
  private readonly family: PolicyFamily;
  private capacity = 0;
  private told = 0;
  private untilLook = 1;
  /** Of those since the last look. */
  private most = 0;

  constructor(family: PolicyFamily) {
    this.family = family;
  }

  /** The limit is another. One that bytes keep out of reach is no news. */
  setCapacity(entries: number): void {
    const isOutOfReach = this.told < this.capacity;
    this.capacity = entries;
    this.tell(isOutOfReach ? Math.min(this.told, entries) : entries);
  }

  /** Call when one of `entries` has to make room. O(1), amortised. */
  noteFull(entries: number): void {
    if (entries > this.most) this.most = entries;
    if (--this.untilLook > 0) return;
    const { most, told } = this;
    this.most = 0;
    this.untilLook = Math.max(LEAST_EVICTIONS, most);
    if (Math.abs(most - told) > TOLERANCE * told) this.tell(most);
  }

  private tell(entries: number): void {
    this.told = entries;
    this.family.setCapacity(entries);
  }
}
