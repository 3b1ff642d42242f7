/**
 * Contract suite for eviction policies: what every Policy must do, whatever its order. Runs under any test runner.
 * What is special to one policy (which entry goes first) is not in here.
 */
import assert from 'node:assert/strict';
import { NONE } from '../core/bits.js';
import { mix32 } from '../core/hash.js';
import { createRandom, type Random } from '../core/random.js';
import { type Policy, RANK_COUNT } from '../engine/policy.js';

/** The part of a test runner that a contract suite needs; the `test` functions of vitest and node:test fit. */
export interface SuiteRunner {
  test(name: string, run: () => void | Promise<void>): unknown;
}

export interface PolicySubject {
  readonly name: string;
  /** A new, empty policy, without room for any slot. Draws, if at all, from `random`. */
  create(random: Random): Policy;
  /** False where a policy that has adopted all entries of another need not evict them in the same order. Default true. */
  readonly keepsOrder?: boolean;
}

export interface PolicySuiteOptions {
  /** Of the random walk; printed when it fails. Default 1. */
  readonly seed?: number;
  /** Steps of the random walk. Default 20,000. */
  readonly steps?: number;
}

/** Slots of the policies that the tests fill, but for the walk. */
const SLOTS = 40;

/** Defines the tests of the suite for one policy. */
export function definePolicySuite(subject: PolicySubject, runner: SuiteRunner, options: PolicySuiteOptions = {}): void {
  function create(slotCount: number): Policy {
    const policy = subject.create(createRandom(1));
    policy.grow(slotCount);
    return policy;
  }
  function createFilled(slotCount: number): Policy {
    const policy = create(slotCount);
    for (const slot of range(slotCount)) policy.insert(slot, hashOf(slot));
    return policy;
  }
  /** Filled, and used at random; twice the same. */
  function createUsed(): Policy {
    const policy = createFilled(SLOTS);
    useAtRandom(policy, createRandom(2));
    return policy;
  }
  function test(name: string, run: () => void): void {
    runner.test(`${subject.name}: ${name}`, run);
  }

  test('is empty at first, and names no victim and none to leave', () => {
    const policy = subject.create(createRandom(1));
    for (const slotCount of [0, 4]) {
      if (slotCount > 0) policy.grow(slotCount);
      assert.equal(policy.size, 0);
      assert.equal(policy.victim(NONE), NONE);
      assert.equal(policy.lastToLeave(), NONE);
      assert.equal(policy.age, 0);
    }
  });

  test('evicts each slot exactly once', () => {
    for (const policy of [createFilled(64), createUsed()]) {
      const { size } = policy;
      assert.deepEqual(evictAll(policy).toSorted(byNumber), range(size));
      assert.equal(policy.size, 0);
      assert.equal(policy.victim(NONE), NONE);
    }
  });

  test('keeps its victim until something changes', () => {
    const policy = createUsed();
    for (const except of [NONE, ...range(SLOTS)]) assert.equal(policy.victim(except), policy.victim(except));
  });

  test('names another victim when one is excepted, and none when that is all there is', () => {
    const policy = createFilled(3);
    for (const except of [0, 1, 2]) {
      for (const slot of [0, 1, 2]) policy.hit(slot, hashOf(slot));
      const victim = policy.victim(except);
      assert.ok([0, 1, 2].includes(victim) && victim !== except);
    }
    policy.remove(0);
    policy.remove(2);
    assert.equal(policy.victim(1), NONE);
    assert.equal(policy.victim(0), 1);
  });

  test('keeps the order of its slots when it grows', () => {
    const [small, large] = [createUsed(), createUsed()];
    large.grow(1024);
    assert.equal(large.size, SLOTS);
    assert.deepEqual(evictAll(large), evictAll(small));
  });

  test('takes a slot in again after it was removed', () => {
    const policy = createFilled(4);
    policy.remove(2);
    policy.insert(2, hashOf(5));
    assert.deepEqual(evictAll(policy).toSorted(byNumber), range(4));
  });

  test('changes who leaves last by reads and updates only if it says so', () => {
    const policy = createFilled(SLOTS);
    const last = policy.lastToLeave();
    for (const slot of range(SLOTS)) {
      policy.hit(slot, hashOf(slot));
      policy.update(slot, hashOf(slot));
    }
    assert.ok(policy.reorders || policy.lastToLeave() === last);
  });

  test('gives all its slots to another policy, each of them once, which then evicts each of them once', () => {
    const [source, target] = [createUsed(), create(SLOTS)];
    for (let i = 0; i < SLOTS; i++) moveOne(source, target);
    assert.equal(source.size, 0);
    assert.equal(source.lastToLeave(), NONE);
    assert.equal(target.size, SLOTS);
    const order = evictAll(target);
    if (subject.keepsOrder ?? true) assert.deepEqual(order, evictAll(createUsed()));
    else assert.deepEqual(order.toSorted(byNumber), range(SLOTS));
  });

  test('evicts each slot once when half of them have moved', () => {
    const [source, target] = [createUsed(), create(SLOTS)];
    for (let i = 0; i < SLOTS / 2; i++) moveOne(source, target);
    assert.deepEqual([...evictAll(source), ...evictAll(target)].toSorted(byNumber), range(SLOTS));
  });

  test('holds what was put in and not taken out, over a random walk of two that give to each other', () => {
    const seed = options.seed ?? 1;
    walkAtRandom(() => subject.create(createRandom(seed)), seed, options.steps ?? 20_000);
  });
}

interface Side {
  readonly policy: Policy;
  readonly held: Set<number>;
}

/** Every verb in a random order on two policies, held against the sets of what they must hold. */
function walkAtRandom(create: () => Policy, seed: number, steps: number): void {
  const random = createRandom(seed);
  const [left, right]: readonly [Side, Side] = [
    { policy: create(), held: new Set() },
    { policy: create(), held: new Set() },
  ];
  let slotCount = 0;
  for (let step = 1; step <= steps; step++) {
    if (left.held.size + right.held.size === slotCount && slotCount < 48) {
      slotCount += 8;
      left.policy.grow(slotCount);
      right.policy.grow(slotCount);
    }
    const slot = random.nextInt(slotCount);
    const [side, other] =
      left.held.has(slot) || (!right.held.has(slot) && slot % 2 === 0) ? [left, right] : [right, left];
    takeStep(side, other, slot, random);
    // Not at each step: to be asked for a victim may change what the policy does next.
    if (random.nextInt(4) > 0) continue;
    checkSide(left, slot, `step ${step} of seed ${seed}`);
    checkSide(right, slot, `step ${step} of seed ${seed}`);
  }
}

function takeStep(side: Side, other: Side, slot: number, random: Random): void {
  const { policy, held } = side;
  const verb = random.nextInt(10);
  const rank = random.nextInt(RANK_COUNT);
  if (!held.has(slot)) {
    policy.insert(slot, hashOf(slot), rank);
    held.add(slot);
  } else if (verb < 3) policy.hit(slot, hashOf(slot));
  else if (verb < 5) policy.update(slot, hashOf(slot), rank);
  else if (verb < 6) {
    policy.remove(slot);
    held.delete(slot);
  } else if (verb < 8) held.delete(evict(policy));
  else {
    const moved = moveOne(policy, other.policy);
    other.held.add(moved);
    held.delete(moved);
  }
}

function checkSide({ policy, held }: Side, except: number, at: string): void {
  assert.equal(policy.size, held.size, at);
  const last = policy.lastToLeave();
  assert.ok(held.size === 0 ? last === NONE : held.has(last), at);
  for (const excepted of [NONE, except]) {
    const candidates = [...held].filter((slot) => slot !== excepted);
    const victim = policy.victim(excepted);
    assert.ok(candidates.length === 0 ? victim === NONE : candidates.includes(victim), at);
    assert.ok(
      candidates.every((slot) => policy.priorityOf(victim) <= policy.priorityOf(slot)),
      at,
    );
  }
}

/** Reads, updates, and now and then a look for a victim. */
function useAtRandom(policy: Policy, random: Random): void {
  for (let i = 0; i < 3 * SLOTS; i++) {
    const slot = random.nextInt(SLOTS);
    if (i % 3 === 0) policy.update(slot, hashOf(slot), random.nextInt(RANK_COUNT));
    else policy.hit(slot, hashOf(slot));
    if (i % 7 === 0) policy.victim(NONE);
  }
}

function evict(policy: Policy): number {
  const victim = policy.victim(NONE);
  policy.evicting(victim, hashOf(victim));
  policy.remove(victim);
  return victim;
}

function evictAll(policy: Policy): number[] {
  return Array.from({ length: policy.size }, () => evict(policy));
}

/** As a resize moves an entry; returns its slot, which is the same in both. */
function moveOne(source: Policy, target: Policy): number {
  const slot = source.lastToLeave();
  const state = source.stateOf(slot);
  source.remove(slot);
  target.age = Math.max(target.age, source.age);
  target.adopt(slot, state, hashOf(slot));
  return slot;
}

function hashOf(slot: number): number {
  return mix32(slot);
}
function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
function byNumber(a: number, b: number): number {
  return a - b;
}
