/** Random walks of two policies that give entries to each other, each beside a model that must answer as it does. */
import assert from 'node:assert/strict';
import { NONE } from '../../../src/core/bits.js';
import type { Random } from '../../../src/core/random.js';
import { MIDDLE_RANK, type Policy, RANK_COUNT } from '../../../src/engine/policy.js';

const SLOTS = 48;
/** Of worth: few, so that entries share them and are often due at once. */
const RANKS = [0, 30, 31, 32, 33, 35];
const EXTREME_RANKS = [1, RANK_COUNT - 1];
/** More than slots, so that hashes come back while they are remembered, and when they no longer are. */
const HASHES = 150;

/** Takes so many steps with two pairs of a policy and its model. Throws where they differ. */
export function walkBesideModel(create: () => readonly [Policy, Policy], random: Random, steps: number): void {
  const walk = new Walk(random, () => new Pair(...create()));
  let step = 0;
  try {
    for (; step < steps; step++) walk.takeStep(step);
  } catch (cause) {
    throw new Error(`step ${step}`, { cause });
  }
}

/** A policy and its model. What is done to one is done to both, and they must answer alike. */
class Pair {
  readonly held: Set<number> = new Set();
  private readonly real: Policy;
  private readonly naive: Policy;

  constructor(real: Policy, naive: Policy) {
    this.real = real;
    this.naive = naive;
  }

  tell(act: (policy: Policy) => void): void {
    act(this.real);
    act(this.naive);
  }

  ask(question: (policy: Policy) => number): number {
    const answer = question(this.naive);
    assert.equal(question(this.real), answer);
    return answer;
  }
}

class Walk {
  private readonly random: Random;
  private readonly pairs: readonly [Pair, Pair];
  private readonly hashes: number[] = [];
  private slotCount = 0;

  constructor(random: Random, createPair: () => Pair) {
    this.random = random;
    this.pairs = [createPair(), createPair()];
  }

  takeStep(step: number): void {
    // Room comes in pieces, so that columns grow while they are in use.
    if (step % 500 === 0 && this.slotCount < SLOTS) this.grow(this.slotCount + 8);
    const slot = this.random.nextInt(this.slotCount);
    const [left, right] = this.pairs;
    if (left.held.has(slot)) this.use(left, right, slot);
    else if (right.held.has(slot)) this.use(right, left, slot);
    else this.insert(this.random.nextInt(3) > 0 ? left : right, slot);
    for (const pair of this.pairs) {
      pair.ask(({ age }) => age);
      const size = pair.ask((policy) => policy.size);
      assert.equal(size, pair.held.size);
    }
  }

  private grow(slotCount: number): void {
    this.slotCount = slotCount;
    for (const pair of this.pairs) pair.tell((policy) => policy.grow(slotCount));
  }

  private insert(pair: Pair, slot: number): void {
    const hash = this.random.nextInt(HASHES);
    this.hashes[slot] = hash;
    const rank = this.nextRank();
    pair.tell((policy) => policy.insert(slot, hash, rank));
    pair.held.add(slot);
  }

  private use(pair: Pair, other: Pair, slot: number): void {
    const hash = this.hashes[slot] as number;
    const verb = this.random.nextInt(20);
    if (verb < 8) pair.tell((policy) => policy.hit(slot, hash));
    else if (verb < 10) this.update(pair, slot);
    else if (verb < 11) this.remove(pair, slot);
    else if (verb < 15) this.evict(pair, NONE);
    else if (verb < 16) this.evict(pair, slot);
    else if (verb < 18) {
      const last = pair.ask((policy) => policy.lastToLeave());
      this.move(pair, other, last);
    } else if (verb < 19) {
      this.move(pair, other, slot);
      other.tell((policy) => policy.hit(slot, hash));
    } else {
      pair.ask((policy) => policy.victim(NONE));
      pair.ask((policy) => policy.victim(slot));
      pair.ask((policy) => policy.priorityOf(slot));
    }
  }

  private update(pair: Pair, slot: number): void {
    const rank = this.nextRank();
    pair.tell((policy) => policy.update(slot, this.hashes[slot] as number, rank));
  }

  /** The middle one for the first steps, as if nobody had said what entries are worth. */
  private nextRank(): number {
    if (this.slotCount < SLOTS) return MIDDLE_RANK;
    const ranks = this.random.nextInt(500) === 0 ? EXTREME_RANKS : RANKS;
    return ranks[this.random.nextInt(ranks.length)] as number;
  }

  private remove(pair: Pair, slot: number): void {
    pair.tell((policy) => policy.remove(slot));
    pair.held.delete(slot);
  }

  private evict(pair: Pair, except: number): void {
    const victim = pair.ask((policy) => policy.victim(except));
    if (victim === NONE) return;
    pair.tell((policy) => policy.evicting(victim, this.hashes[victim] as number));
    this.remove(pair, victim);
  }

  private move(source: Pair, target: Pair, slot: number): void {
    const state = source.ask((policy) => policy.stateOf(slot));
    const age = source.ask((policy) => policy.age);
    this.remove(source, slot);
    target.tell((policy) => {
      policy.age = Math.max(policy.age, age);
      policy.adopt(slot, state, this.hashes[slot] as number);
    });
    target.held.add(slot);
  }
}
