import { describe, expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { mix32 } from '../../../src/core/hash.js';
import { createRandom } from '../../../src/core/random.js';
import {
  type AdmissionRule,
  type AdmissionTuner,
  createWTinyLfuFamily,
  WTinyLfuPolicy,
} from '../../../src/engine/policies/w-tinylfu.js';
import type { Policy } from '../../../src/engine/policy.js';
import { FrequencySketch } from '../../../src/structures/frequency-sketch.js';
import { definePolicySuite } from '../../../src/testing/policy-suite.js';
import { operations } from '../../support/deep.js';
import { NaiveWTinyLfu } from '../models/naive-w-tinylfu.js';
import { readSeed } from '../seeds.js';
import { walkBesideModel } from './model-walk.js';

const CONTEST: AdmissionRule = { windowShare: 0.01, requestsToEnter: 0 };
const RULES: readonly AdmissionRule[] = [
  CONTEST,
  { windowShare: 0.2, requestsToEnter: 2 },
  { windowShare: 0.5, requestsToEnter: 0 },
  { windowShare: 0.9, requestsToEnter: 4 },
  { windowShare: 1, requestsToEnter: 0 },
];
const STEPS = operations(30_000);

function createSketch(): FrequencySketch {
  const sketch = new FrequencySketch();
  sketch.setCapacity(60, 600);
  return sketch;
}

/** Goes over to the next rule every so many accesses. */
function createRestlessTuner(accessesPerRule: number): AdmissionTuner {
  const rule = { ...CONTEST };
  let accesses = 0;
  return {
    rule,
    access: () => Object.assign(rule, RULES[Math.floor(++accesses / accessesPerRule) % RULES.length]),
    setCapacity: () => undefined,
  };
}

describe.each(RULES)('a window of $windowShare that takes $requestsToEnter requests to leave', (rule) => {
  definePolicySuite(
    { name: 'w-tinylfu', create: () => new WTinyLfuPolicy(createSketch(), rule) },
    { test },
    { seed: readSeed(), steps: operations(20_000) },
  );

  test(`does what its naive model does, over ${STEPS.toLocaleString('en')} random steps`, () => {
    const [real, naive] = [createSketch(), createSketch()];
    walk(() => [new WTinyLfuPolicy(real, rule), new NaiveWTinyLfu(naive, rule)]);
  });
});

test('does what its naive model does while the rule changes again and again', () => {
  const [real, naive] = [createSketch(), createSketch()];
  const [left, right] = [createRestlessTuner(97), createRestlessTuner(97)];
  walk(() => [new WTinyLfuPolicy(real, left.rule, left), new NaiveWTinyLfu(naive, right.rule, right)]);
});

describe('w-tinylfu', () => {
  test('lets no scan push out what is asked for', () => {
    const policy = create(20, CONTEST);
    fill(policy, 20);
    for (let round = 0; round < 3; round++) for (let slot = 0; slot < 19; slot++) policy.hit(slot, mix32(slot));
    // Fewer passers-by than age the counts away.
    const evicted = new Set<number>();
    for (let i = 0; i < 60; i++) evicted.add(replaceVictim(policy, mix32(1000 + i)));
    expect([...evicted]).toEqual([19]);
  });

  test('lets an entry in that was asked for more often than the one it replaces', () => {
    const policy = create(4, CONTEST);
    fill(policy, 4);
    // 3 is in the window; 0 is next to leave main.
    policy.hit(3, mix32(3));
    expect(policy.victim(NONE)).toBe(0);
    policy.hit(0, mix32(0));
    expect(policy.victim(NONE)).toBe(1);
    expect(policy.victim(1)).toBe(2);
    expect(policy.victim(3)).toBe(1);
  });

  test('lets in who comes back often enough, whatever it replaces, when the rule says how often that is', () => {
    const policy = create(40, { windowShare: 0.01, requestsToEnter: 3 });
    fill(policy, 40);
    for (let round = 0; round < 4; round++) for (let slot = 32; slot < 39; slot++) policy.hit(slot, mix32(slot));
    for (let slot = 0; slot < 32; slot++) policy.remove(slot);
    policy.hit(39, mix32(39));
    expect(policy.victim(NONE)).toBe(39);
    policy.hit(39, mix32(39));
    const victim = policy.victim(NONE);
    expect(victim).not.toBe(39);
    // The contest it would have lost: the victim's count, the lower bits of its state, is no less than its own.
    expect(policy.stateOf(victim) % 16).toBeGreaterThanOrEqual(3);
  });

  test('remembers in all shards what was evicted from one', () => {
    const family = createWTinyLfuFamily();
    family.setCapacity(8);
    const [left, right] = [family.create(), family.create()];
    for (const policy of [left, right]) {
      policy.grow(4);
      fill(policy, 4);
    }
    for (let i = 0; i < 6; i++) left.hit(2, mix32(77));
    left.evicting(2, mix32(77));
    left.remove(2);
    right.remove(3);
    right.insert(3, mix32(77));
    // It is in the window, with 7 requests and this one.
    expect(right.stateOf(3)).toBe(8);
  });

  test('halves the counts of all entries when the sketch halves its own', () => {
    const policy = create(50, CONTEST);
    fill(policy, 50);
    for (let round = 0; round < 9; round++) for (let slot = 0; slot < 49; slot++) policy.hit(slot, mix32(slot));
    const counts = (): Set<number> => new Set(range(49).map((slot) => policy.stateOf(slot) % 16));
    for (let i = 0; i < 8; i++) policy.hit(49, mix32(49));
    expect(counts()).toEqual(new Set([10]));
    policy.hit(49, mix32(49));
    expect(counts()).toEqual(new Set([5]));
  });

  test('halves a few thousand counts an access when there are more, and makes up for what it owes', () => {
    const sketch = new FrequencySketch();
    sketch.setCapacity(10_000, 50_000);
    const policy = new WTinyLfuPolicy(sketch, CONTEST);
    policy.grow(10_000);
    for (const slot of range(10_000)) policy.insert(slot, mix32(slot));
    while (sketch.halvings < 2) sketch.age();
    const halvedAt: number[] = [];
    for (let access = 1; access <= 9; access++) {
      policy.hit(9999, mix32(9999));
      halvedAt.push(range(9999).filter((slot) => policy.stateOf(slot) % 16 === 0).length);
    }
    expect(halvedAt).toEqual([4096, 8192, 9999, 9999, 9999, 9999, 9999, 9999, 9999]);
  });

  test('moves two entries at most in one operation when the rule changes', () => {
    const rule = { windowShare: 0.9, requestsToEnter: 0 };
    const policy = create(1000, rule);
    fill(policy, 1000);
    const inWindow = (): number => range(1000).filter((slot) => policy.stateOf(slot) < 16).length;
    expect(inWindow()).toBe(900);
    rule.windowShare = 0.1;
    let former = inWindow();
    for (let i = 0; i < 900; i++) {
      replaceVictim(policy, mix32(5000 + i));
      expect(former - inWindow()).toBeLessThanOrEqual(2);
      former = inWindow();
    }
    expect(former).toBe(100);
    rule.windowShare = 0.9;
    for (let i = 0; i < 900; i++) replaceVictim(policy, mix32(7000 + i));
    expect(inWindow()).toBe(900);
  });

  test('goes on under other hashes: only what was known of keys that left is lost', () => {
    const [source, target] = [create(50, CONTEST), create(50, CONTEST)];
    fill(source, 50);
    for (let slot = 0; slot < 30; slot++) source.hit(slot, mix32(slot));
    for (let i = 0; i < 50; i++) {
      const slot = source.lastToLeave();
      target.adopt(slot, source.stateOf(slot), mix32(slot ^ 0x5bd1e995));
      source.remove(slot);
    }
    expect(target.size).toBe(50);
    const evicted = range(200).map((i) => replaceVictim(target, mix32(900 + i)));
    // Those that were read stay longer than the others, though their hashes are new.
    expect(evicted.slice(0, 20).every((slot) => slot >= 30)).toBe(true);
  });
});

function create(slotCount: number, rule: AdmissionRule): Policy {
  const sketch = new FrequencySketch();
  sketch.setCapacity(slotCount, 10 * slotCount);
  const policy = new WTinyLfuPolicy(sketch, rule);
  policy.grow(slotCount);
  return policy;
}

function fill(policy: Policy, slotCount: number): void {
  for (const slot of range(slotCount)) policy.insert(slot, mix32(slot));
}

/** As a full store takes in a new key; returns the slot that went. */
function replaceVictim(policy: Policy, hash: number): number {
  const victim = policy.victim(NONE);
  policy.evicting(victim, mix32(victim));
  policy.remove(victim);
  policy.insert(victim, hash);
  return victim;
}

function walk(createPair: () => readonly [Policy, Policy]): void {
  const seed = readSeed();
  try {
    walkBesideModel(createPair, createRandom(seed), STEPS);
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause });
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
