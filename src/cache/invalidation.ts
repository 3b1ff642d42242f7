/**
 * What goes when something changes: entries by tag, by pattern, and those made from a key that changed. In slices where
 * there may be many. Invariant: a set during an invalidation stays; what matched when it was asked for does not.
 */
import { type Clock, createStopwatch, type Stopwatch } from '../core/clock.js';
import type { RemovalReason, Store } from '../engine/store.js';
import { matchesGlob } from '../structures/glob.js';
import type { KeyBag } from '../structures/key-bag.js';
import { PartedSet } from '../structures/parted-set.js';
import { Relations } from './relations.js';
import { inSlices, type SliceQueue, type Step, stepOver } from './slices.js';

type Visit = (key: string) => void;

/** Loads under way, which a change overtakes. */
interface Overtaken {
  readonly isIdle: boolean;
  overtake(key: string): void;
  overtakeAll(matches: (key: string, tags: readonly string[]) => boolean): void;
}

export interface InvalidationParts {
  readonly store: Store<unknown>;
  readonly clock: Clock;
  readonly loads: Overtaken;
  readonly queue: SliceQueue;
  /** How long expired entries are kept. */
  readonly keptMs: () => number;
  /** Tells listeners of entries that left; called after each slice. */
  readonly tellDepartures: () => void;
}

export class Invalidation {
  private readonly parts: InvalidationParts;
  private readonly stopwatch: Stopwatch;
  private readonly relations: Relations = new Relations();
  /** Keys set while an invalidation by pattern runs: one set for each that runs. */
  private readonly spared: Set<PartedSet> = new Set();
  /** Keys that the invalidations by tag under way have yet to remove: one bag for each. */
  private readonly taken: Set<KeyBag> = new Set();

  constructor(parts: InvalidationParts) {
    this.parts = parts;
    this.stopwatch = createStopwatch(parts.clock);
  }

  tag(key: string, tags: readonly string[]): void {
    this.relations.tag(key, tags);
  }

  depend(key: string, source: string): void {
    this.relations.depend(key, source);
  }

  /** An entry left the store. */
  noteRemoval(key: string, reason: RemovalReason): void {
    if (this.relations.isEmpty) return;
    if (reason === 'evicted' || reason === 'expired') this.relations.leave(key);
    else this.relations.forget(key);
  }

  /** Removes one entry and what was made from it. */
  remove(key: string): boolean {
    const { loads, store, clock } = this.parts;
    if (!loads.isIdle) loads.overtake(key);
    const isRemoved = store.delete(key, clock.nowMs());
    this.spread(key);
    return isRemoved;
  }

  /** The value of `key` changed: what was made from it goes, and what was made from that; pattern invalidations spare it. */
  spread(key: string): void {
    if (this.spared.size > 0) for (const spared of this.spared) spared.add(key);
    if (this.relations.isEmpty) return;
    const stack = this.cutOff(key);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      this.parts.loads.overtake(next);
      this.parts.store.delete(next, this.parts.clock.nowMs());
      for (const dependent of this.cutOff(next)) stack.push(dependent);
    }
  }

  async byTag(tag: string): Promise<number> {
    this.parts.loads.overtakeAll((_, tags) => tags.includes(tag));
    // The bag itself loses the keys that are set anew while we work; clear() empties it.
    const members = this.relations.takeTag(tag);
    this.taken.add(members);
    try {
      return await this.parts.queue.run(() =>
        this.removeIn(
          (visit) => stepOver(members.keys(), visit),
          () => members.size > 0,
        ),
      );
    } finally {
      this.taken.delete(members);
    }
  }

  async byPattern(glob: string): Promise<number> {
    const { loads, queue } = this.parts;
    loads.overtakeAll((key) => matchesGlob(glob, key));
    const spared = new PartedSet();
    this.spared.add(spared);
    const matches = (key: string): boolean => !spared.has(key) && matchesGlob(glob, key);
    try {
      return await queue.run(async () => {
        const removed = await this.removeIn((visit) => this.stepWalking(visit), matches);
        // A source may match without having an entry.
        return removed + (await this.removeIn((visit) => stepOver(this.relations.sources(), visit), matches));
      });
    } finally {
      this.spared.delete(spared);
    }
  }

  /** Forgets all. What is set from now on is no affair of the invalidations under way. */
  clear(): void {
    this.relations.clear();
    for (const members of this.taken) members.clear();
  }

  /** The keys made from `key`, which itself no longer belongs to its sources: so a circle ends. */
  private cutOff(key: string): string[] {
    const dependents = this.relations.dependentsOf(key);
    this.relations.forget(key);
    return dependents;
  }

  /** Removes those that match of the keys that a step visits; returns how many entries that were. */
  private async removeIn(stepBy: (visit: Visit) => Step, matches: (key: string) => boolean): Promise<number> {
    let removed = 0;
    const step = stepBy((key) => {
      if (matches(key) && this.remove(key)) removed++;
    });
    await inSlices(this.stopwatch, step, this.parts.tellDepartures);
    return removed;
  }

  /** A step over all entries, expired ones that are kept included. */
  private stepWalking(visit: Visit): Step {
    const walk = this.parts.store.walk();
    return (maxEntries) => walk.step(maxEntries, visit);
  }
}
