/** A policy that tells of each slot it takes in, and leaves the rest to the policy it stands for. */
import type { Policy, PolicyFamily } from '../../../src/engine/policy.js';

export type ArrivalListener = (policy: Policy, slot: number) => void;

/** The policies of `family`, each of which tells `onArrival` before it takes in a slot, new or moved. */
export function tellArrivals(family: PolicyFamily, onArrival: ArrivalListener): PolicyFamily {
  return {
    create: () => new TellingPolicy(family.create(), onArrival),
    setCapacity: (entries) => family.setCapacity(entries),
  };
}

class TellingPolicy implements Policy {
  readonly reorders: boolean;
  private readonly inner: Policy;
  private readonly onArrival: ArrivalListener;

  constructor(inner: Policy, onArrival: ArrivalListener) {
    this.inner = inner;
    this.onArrival = onArrival;
    this.reorders = inner.reorders;
  }

  get size(): number {
    return this.inner.size;
  }
  get age(): number {
    return this.inner.age;
  }
  set age(age: number) {
    this.inner.age = age;
  }
  grow(slotCount: number): void {
    this.inner.grow(slotCount);
  }
  insert(slot: number, hash: number, rank?: number): void {
    this.onArrival(this, slot);
    this.inner.insert(slot, hash, rank);
  }
  hit(slot: number, hash: number): void {
    this.inner.hit(slot, hash);
  }
  update(slot: number, hash: number, rank?: number): void {
    this.inner.update(slot, hash, rank);
  }
  remove(slot: number): void {
    this.inner.remove(slot);
  }
  victim(except: number): number {
    return this.inner.victim(except);
  }
  evicting(slot: number, hash: number): void {
    this.inner.evicting(slot, hash);
  }
  lastToLeave(): number {
    return this.inner.lastToLeave();
  }
  stateOf(slot: number): number {
    return this.inner.stateOf(slot);
  }
  adopt(slot: number, state: number, hash: number): void {
    this.onArrival(this, slot);
    this.inner.adopt(slot, state, hash);
  }
  priorityOf(slot: number): number {
    return this.inner.priorityOf(slot);
  }
}
