/**
 * The property run: random operations on a heap store and on the naive one, compared one by one. Short walks over small
 * stores, with every setting, and long ones over stores so large that they change their hash step by step. `adaptive` is
 * held against the naive W-TinyLFU under the rules that a second tuner chooses; the tuner itself has no model here, but
 * test/adaptive/window-tuner.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { WindowTuner } from '../../src/adaptive/window-tuner.js';
import { assert } from '../../src/core/assert.js';
import { NONE } from '../../src/core/bits.js';
import { createRandom, type Random } from '../../src/core/random.js';
import { createHeapStore, type HeapStore } from '../../src/engine/heap-store.js';
import type { Policy, PolicyName } from '../../src/engine/policy.js';
import type { Shard } from '../../src/engine/shard.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { isDeep, operations } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';
import { createFamily } from './families.js';
import { createNaiveFamily } from './models/naive-family.js';
import { NaiveStore, type StoreEvent } from './models/naive-store.js';
import {
  type KeyOf,
  largeScene,
  randomCrafted,
  randomNatural,
  type Scene,
  smallScene,
  userKey,
} from './models/scenes.js';
import { tellArrivals } from './models/telling-policy.js';
import { readSeed } from './seeds.js';

const OPERATIONS = operations(25_000);
const NEVER = Number.POSITIVE_INFINITY;
/** Steps for which most keys are of one family. */
const PHASE = 500;

/** For both stores, with all its arguments. */
type Operation = (store: HeapStore<number> | NaiveStore) => unknown;

interface Outcome {
  /** Steps that met a store that was changing its hash. */
  readonly changing: number;
  /** How often the tuner of 'adaptive' went over to another rule. */
  readonly choices: number;
}

/** Both stores, the time, and what the real one does in the step at hand. */
class Walk {
  private readonly real: HeapStore<number>;
  private readonly model: NaiveStore;
  private readonly scene: Scene;
  private readonly random: Random;
  private readonly isRandomPolicy: boolean;
  private readonly shards: WeakMap<Policy, Shard<number>> = new WeakMap();
  private readonly tuner: WindowTuner = new WindowTuner();
  private events: StoreEvent[] = [];
  private nowMs = 0;
  private keyOf: KeyOf = userKey;

  constructor(policy: PolicyName, scene: Scene, random: Random) {
    const { settings } = scene;
    this.scene = scene;
    this.random = random;
    this.isRandomPolicy = policy === 'random';
    const family = tellArrivals(createFamily(policy, random, this.tuner), (taker, slot) =>
      this.noteArrival(taker, slot),
    );
    this.real = createHeapStore<number>({ ...settings, policy: family, seed: random.nextInt(2 ** 32) });
    this.real.onRemoval((key, value, reason) => void this.events.push({ kind: 'removal', key, value, reason }));
    this.model = new NaiveStore({
      ...this.real.limits,
      shardCount: settings.shardCount,
      maxShardEntries: settings.maxShardEntries ?? NEVER,
      hash: this.real.routing.newest.hash,
      family: createNaiveFamily(policy),
      isAnyVictimLawful: this.isRandomPolicy,
    });
  }

  /** Takes all steps. */
  run(): Outcome {
    let changing = 0;
    for (let step = 0; step < this.scene.steps; step++) {
      if (step >= this.scene.fillingSteps && step % PHASE === 0) this.changeFamily(step / PHASE);
      this.nowMs += this.random.nextInt(3);
      this.takeStep(step < this.scene.fillingSteps ? this.store(this.keyOf(step)) : this.chooseOperation());
      if (step % this.scene.checkEvery === 0) this.checkAll();
      if (this.real.routing.isRehashing) changing++;
    }
    this.checkAll();
    return { changing, choices: this.tuner.history.length };
  }

  private takeStep(operate: Operation): void {
    this.events = [];
    const answer = operate(this.real);
    const { real, model } = this;
    model.told = { events: this.events, hash: real.routing.newest.hash };
    model.events = [];
    const expected = operate(model);
    const isSame =
      answer === expected &&
      real.size === model.entries.size &&
      real.bytes === model.bytes &&
      real.isResizing === model.isResizing &&
      real.routing.newest.hash === model.hash &&
      this.events.length === model.events.length;
    if (isSame && this.events.length === 0) return;
    expect(this.events).toEqual(model.events);
    expect({ answer, isSame }).toEqual({ answer: expected, isSame: true });
  }

  private chooseOperation(): Operation {
    const { random, nowMs, scene } = this;
    const key = this.chooseKey();
    const verb = random.nextInt(1000);
    if (verb < 300) return (store) => store.get(key, nowMs);
    if (verb < 350) return (store) => store.peek(key, nowMs);
    if (verb < 800) return this.store(key);
    const maxEntries = random.nextInt(scene.maxEntriesPerStep);
    if (verb < 850) return (store) => store.delete(key, nowMs);
    if (verb < 890) return (store) => store.sweep(maxEntries, nowMs);
    if (verb < 970) return (store) => store.resizeStep(maxEntries);
    if (random.nextInt(scene.resizeOneIn) === 0) {
      const shardCount = 2 ** (scene.shardBits[random.nextInt(scene.shardBits.length)] as number);
      return (store) => store.beginResize(shardCount);
    }
    if (random.nextInt(scene.clearOneIn) === 0) return (store) => store.clear();
    const limits = scene.randomLimits();
    return (store) => store.setLimits(limits);
  }

  private store(key: string): Operation {
    const { random, nowMs } = this;
    const value = random.nextInt(2 ** 30);
    const weight = random.nextInt(60) === 0 ? -1 : random.nextInt(25);
    const expiresAtMs = random.nextInt(3) === 0 ? NEVER : nowMs + random.nextInt(10 * this.scene.keyCount);
    const worth = this.scene.hasWorths && random.nextInt(4) > 0 ? 3 ** random.nextInt(8) - 1 : undefined;
    return (store) => store.set(key, value, weight, expiresAtMs, nowMs, worth);
  }

  private changeFamily(phase: number): void {
    const { random } = this;
    this.keyOf = phase % 2 === 1 ? randomCrafted(random) : randomNatural(random);
  }

  private chooseKey(): string {
    const { random, scene } = this;
    const keyOf = random.nextInt(8) > 0 ? this.keyOf : randomNatural(random);
    // Some are asked for more often than others, or one policy would be as good as another.
    return keyOf(random.nextInt(1 + random.nextInt(scene.keyCount)));
  }

  /** The real store against the model and itself. To ask a policy for its victim may change what it does next, so both are asked. */
  private checkAll(): void {
    const { real, model } = this;
    verifyHeapStore(real);
    expect(stateOf(real, this.nowMs)).toEqual(stateOf(model, this.nowMs));
    const shards = real.routing.allShards();
    for (const [i, { policy, entries }] of model.allShards().entries()) {
      const shard = shards[i] as Shard<number>;
      const victim = policy.victim(NONE);
      assert(shard.size === entries.size && shard.policy.age === policy.age, 'shards agree in size and age');
      if (this.isRandomPolicy) continue;
      assert(shard.policy.victim(NONE) === victim, 'shards agree in their victims');
      assert(shard.policy.lastToLeave() === policy.lastToLeave(), 'shards agree in who leaves last');
    }
  }

  private noteArrival(policy: Policy, slot: number): void {
    if (!this.shards.has(policy)) {
      for (const shard of this.real.routing.newest.shards) this.shards.set(shard.policy, shard);
    }
    const shard = this.shards.get(policy) as Shard<number>;
    this.events.push({ kind: 'arrival', key: shard.key(slot), slot, slotCount: shard.slotCount });
  }
}

function stateOf(store: HeapStore<number> | NaiveStore, nowMs: number): unknown {
  const keys = store.keys(nowMs).sort();
  return {
    bytes: store.bytes,
    counters: { ...store.counters },
    entries: keys.map((key) => [key, store.peek(key, nowMs)]),
    shardSizes: store.shardSizes(),
  };
}

/** Walks over one scene after another, every fourth of them large. */
function run(policy: PolicyName, seed: number): void {
  let changing = 0;
  let choices = 0;
  let steps = 0;
  for (let i = 0; steps < OPERATIONS; i++) {
    const random = createRandom(seed + i);
    const scene = i % 4 === 1 ? largeScene(random) : smallScene(random);
    try {
      const outcome = new Walk(policy, scene, random).run();
      changing += outcome.changing;
      choices += outcome.choices;
    } catch (cause) {
      throw new Error(`walk ${i} of SHERD_SEED=${seed}`, { cause });
    }
    steps += scene.steps;
  }
  expect(changing, 'steps that met a change of the hash').toBeGreaterThan(0);
  // In a short run by luck only.
  if (policy === 'adaptive' && isDeep) expect(choices, 'rules chosen').toBeGreaterThan(0);
}

describe('the heap store', () => {
  test.each(POLICIES)(
    `agrees with the naive store over ${OPERATIONS.toLocaleString('en')} random operations under %s`,
    { timeout: 1_200_000 },
    (policy) => run(policy, readSeed()),
  );
});
