import { describe, expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { createRandom } from '../../../src/core/random.js';
import { createPolicy } from '../../../src/engine/create-policy.js';
import { ageOnEviction, compareRanks, leastOf, type Rank, rankOnAccess, rankOnInsert } from '../models/naive-order.js';
import { readSeed } from '../seeds.js';

const SLOTS = 40;

describe.each(['lru', 'lfu', 'fifo'] as const)('%s', (name) => {
  test('agrees with a scan for the least rank over 100,000 random steps', () => {
    const seed = readSeed();
    const random = createRandom(seed);
    const policy = createPolicy(name, random);
    policy.grow(SLOTS);
    const model = new Map<number, Rank & { slot: number }>();
    let age = 0;
    for (let tick = 1; tick <= 100_000; tick++) {
      const slot = random.nextInt(SLOTS);
      const held = model.get(slot);
      const verb = random.nextInt(10);
      if (held === undefined && verb === 0) {
        const adopted = {
          priority: name === 'lfu' ? age + random.nextInt(6) : 0,
          tick: tick - random.nextInt(50) - 0.5,
        };
        policy.adopt(slot, adopted.priority, adopted.tick);
        model.set(slot, { slot, ...adopted });
      } else if (held === undefined) {
        policy.insert(slot, tick);
        model.set(slot, { slot, ...rankOnInsert(name, age, tick) });
      } else if (verb < 6) {
        if (verb < 4) policy.hit(slot, tick);
        else policy.update(slot, tick);
        model.set(slot, { slot, ...rankOnAccess(name, held, tick) });
      } else if (verb === 6) {
        policy.remove(slot);
        model.delete(slot);
      } else {
        const victim = leastOf(model.values()) ?? held;
        expect(policy.victim(NONE), `step ${tick} of seed ${seed}`).toBe(victim.slot);
        policy.evicting(victim.slot);
        policy.remove(victim.slot);
        model.delete(victim.slot);
        age = ageOnEviction(name, age, victim);
      }
      if (policy.age !== age) expect(policy.age, `step ${tick} of seed ${seed}`).toBe(age);
      for (const item of tick % 100 === 0 ? model.values() : []) {
        const rank = { priority: policy.priorityOf(item.slot), tick: policy.tickOf(item.slot) };
        expect(compareRanks(rank, item), `step ${tick} of seed ${seed}`).toBe(0);
      }
    }
  });
});

describe('lfu', () => {
  test('lets an entry that was popular once leave when it is not asked for any more', () => {
    const policy = createPolicy('lfu', createRandom(1));
    policy.grow(3);
    let tick = 0;
    for (const slot of [0, 1, 2]) policy.insert(slot, ++tick);
    for (let i = 0; i < 20; i++) policy.hit(0, ++tick);
    let passersBy = 0;
    for (let victim = policy.victim(NONE); victim !== 0; victim = policy.victim(NONE)) {
      policy.evicting(victim);
      policy.remove(victim);
      policy.insert(victim, ++tick);
      expect(++passersBy).toBeLessThan(100);
    }
    // Priority 21 against two places that gain 1 each time both have been given away.
    expect(passersBy).toBe(40);
  });
});

describe('random', () => {
  test('draws every held slot equally often', () => {
    const policy = createPolicy('random', createRandom(7));
    policy.grow(10);
    for (let slot = 0; slot < 10; slot++) policy.insert(slot, slot);
    const drawn = new Array<number>(10).fill(0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const victim = policy.victim(NONE);
      drawn[victim] = (drawn[victim] ?? 0) + 1;
      policy.remove(victim);
      policy.insert(victim, i);
    }
    const expected = draws / 10;
    const chiSquare = drawn.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 9 degrees of freedom, one in a thousand; the seed is fixed.
    expect(chiSquare).toBeLessThan(27.9);
  });

  test('draws the same victims from the same seed', () => {
    const runs = [1, 1, 2].map((seed) => {
      const policy = createPolicy('random', createRandom(seed));
      policy.grow(50);
      for (let slot = 0; slot < 50; slot++) policy.insert(slot, slot);
      return Array.from({ length: 50 }, () => {
        const victim = policy.victim(NONE);
        policy.remove(victim);
        return victim;
      });
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]).not.toEqual(runs[2]);
  });
});
