/**
 * Contract suite for eviction policies: what every Policy must do, whatever its order. Runs under any test runner.
 * What is special to one policy (which entry goes first) is not in here.
 */
import assert from 'node:assert/strict';
import { NONE } from '../core/bits.js';
import { createRandom, type Random } from '../core/random.js';
import type { Policy } from '../engine/policy.js';

/** The part of a test runner that a contract suite needs; the `test` functions of vitest and node:test fit. */
export interface SuiteRunner {
  test(name: string, run: () => void | Promise<void>): unknown;
}

export interface PolicySubject {
  readonly name: string;
  /** A new, empty policy, without room for any slot. Draws, if at all, from `random`. */
  create(random: Random): Policy;
}

export interface PolicySuiteOptions {
  /** Of the random walk; printed when it fails. Default 1. */
  readonly seed?: number;
  /** Steps of the random walk. Default 20,000. */
  readonly steps?: number;
}

/** Defines the tests of the suite for one policy. */
export function definePolicySuite(subject: PolicySubject, runner: SuiteRunner, options: PolicySuiteOptions = {}): void {
  const seed = options.seed ?? 1;

  function createFilled(slotCount: number): Policy {
    const policy = subject.create(createRandom(seed));
    policy.grow(slotCount);
    for (let slot = 0; slot < slotCount; slot++) policy.insert(slot, slot + 1);
    return policy;
  }
  function test(name: string, run: () => void): void {
    runner.test(`${subject.name}: ${name}`, run);
  }

  test('is empty at first and names no victim', () => {
    const policy = subject.create(createRandom(seed));
    assert.equal(policy.size, 0);
    assert.equal(policy.victim(NONE), NONE);
    policy.grow(4);
    assert.equal(policy.victim(NONE), NONE);
    assert.equal(policy.age, 0);
  });

  test('evicts each slot exactly once', () => {
    const policy = createFilled(64);
    assert.deepEqual(evictAll(policy).sort(byNumber), range(64));
    assert.equal(policy.size, 0);
    assert.equal(policy.victim(NONE), NONE);
  });

  test('keeps its victim until something changes', () => {
    const policy = createFilled(16);
    assert.equal(policy.victim(NONE), policy.victim(NONE));
  });

  test('names another victim when one is excepted, and none when that is all there is', () => {
    const policy = createFilled(3);
    for (const except of [0, 1, 2]) {
      const victim = policy.victim(except);
      assert.ok(victim !== except && victim < 3);
    }
    policy.remove(0);
    policy.remove(2);
    assert.equal(policy.victim(1), NONE);
    assert.equal(policy.victim(0), 1);
  });

  test('keeps the order of its slots when it grows', () => {
    const [small, large] = [createFilled(8), createFilled(8)];
    large.grow(1024);
    large.insert(1023, 100);
    large.remove(1023);
    assert.deepEqual(ranksOf(large, range(8)), ranksOf(small, range(8)));
    assert.equal(large.size, 8);
  });

  test('takes a slot in again after it was removed', () => {
    const policy = createFilled(4);
    policy.remove(2);
    policy.insert(2, 50);
    assert.deepEqual(evictAll(policy).sort(byNumber), range(4));
  });

  test('gives slots of unlike ranks away in the same order after another policy has adopted them', () => {
    const source = createFilled(40);
    const random = createRandom(seed);
    for (let tick = 100; tick < 200; tick++) source.hit(random.nextInt(40), tick);
    const ranks = ranksOf(source, range(40));
    for (const feed of [range(40), [...range(40)].sort((a, b) => compareRanks(ranks[a], ranks[b]))]) {
      const target = subject.create(createRandom(seed));
      target.grow(40);
      for (const slot of feed) target.adopt(slot, source.priorityOf(slot), source.tickOf(slot));
      const order = evictAll(target);
      for (const [place, slot] of order.entries()) {
        if (place > 0) assert.ok(compareRanks(ranks[order[place - 1] as number], ranks[slot]) <= 0);
      }
      assert.deepEqual(order.sort(byNumber), range(40));
    }
  });

  test('never lets a rank fall while its slot is held and nothing is inserted', () => {
    const policy = createFilled(20);
    const random = createRandom(seed);
    let before = ranksOf(policy, range(20));
    for (let tick = 100; tick < 400; tick++) {
      const slot = random.nextInt(20);
      if (random.nextInt(2) === 0) policy.hit(slot, tick);
      else policy.update(slot, tick);
      const now = ranksOf(policy, range(20));
      for (const [held, rank] of now.entries()) assert.ok(compareRanks(before[held], rank) <= 0);
      before = now;
    }
  });

  test('always names a held slot of the least rank, over a random walk', () => {
    walkAtRandom(subject.create(createRandom(seed)), seed, options.steps ?? 20_000);
  });
}

interface Rank {
  readonly priority: number;
  readonly tick: number;
}

/** Every verb in a random order, checked after each step against a Set and a scan for the least rank. */
function walkAtRandom(policy: Policy, seed: number, steps: number): void {
  const random = createRandom(seed);
  const held = new Set<number>();
  let slotCount = 0;
  for (let tick = 1; tick <= steps; tick++) {
    const at = `step ${tick} of seed ${seed}`;
    if (held.size === slotCount && slotCount < 48) {
      slotCount += 8;
      policy.grow(slotCount);
    }
    const slot = random.nextInt(slotCount);
    const verb = random.nextInt(8);
    if (!held.has(slot)) {
      if (verb === 0) policy.adopt(slot, random.nextInt(4), random.nextInt(tick));
      else policy.insert(slot, tick);
      held.add(slot);
    } else if (verb < 3) policy.hit(slot, tick);
    else if (verb < 5) policy.update(slot, tick);
    else {
      const leaving = verb === 5 ? slot : policy.victim(NONE);
      if (verb !== 5) policy.evicting(leaving);
      policy.remove(leaving);
      assert.ok(held.delete(leaving), at);
    }
    assert.equal(policy.size, held.size, at);
    for (const except of [NONE, slot]) {
      const candidates = [...held].filter((candidate) => candidate !== except);
      const victim = policy.victim(except);
      if (candidates.length === 0) assert.equal(victim, NONE, at);
      else {
        assert.ok(candidates.includes(victim), at);
        const rank = rankOf(policy, victim);
        assert.ok(
          candidates.every((other) => compareRanks(rank, rankOf(policy, other)) <= 0),
          at,
        );
      }
    }
  }
}

function evictAll(policy: Policy): number[] {
  const order: number[] = [];
  while (policy.size > 0) {
    const victim = policy.victim(NONE);
    policy.evicting(victim);
    policy.remove(victim);
    order.push(victim);
  }
  return order;
}

function rankOf(policy: Policy, slot: number): Rank {
  return { priority: policy.priorityOf(slot), tick: policy.tickOf(slot) };
}
function ranksOf(policy: Policy, slots: readonly number[]): Rank[] {
  return slots.map((slot) => rankOf(policy, slot));
}
function compareRanks(a: Rank | undefined, b: Rank | undefined): number {
  assert.ok(a !== undefined && b !== undefined);
  return a.priority - b.priority || a.tick - b.tick;
}
function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
function byNumber(a: number, b: number): number {
  return a - b;
}
