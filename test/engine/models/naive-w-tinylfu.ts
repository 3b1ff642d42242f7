/** W-TinyLFU in its plainest form: three arrays, the oldest entry in front. Its sketch is the real one, which has tests of its own. */
import { NONE } from '../../../src/core/bits.js';
import type { AdmissionRule, AdmissionTuner } from '../../../src/engine/policies/w-tinylfu.js';
import type { Policy } from '../../../src/engine/policy.js';
import type { FrequencySketch } from '../../../src/structures/frequency-sketch.js';

type Segment = 'window' | 'probation' | 'protected';
const SEGMENTS: readonly Segment[] = ['window', 'probation', 'protected'];

interface Entry {
  readonly slot: number;
  count: number;
}

export class NaiveWTinyLfu implements Policy {
  age = 0;
  readonly reorders = true;
  private readonly sketch: FrequencySketch;
  private readonly rule: AdmissionRule;
  private readonly tuner: AdmissionTuner | undefined;
  private readonly queues: Record<Segment, Entry[]> = { window: [], probation: [], protected: [] };
  private halvings: number;

  constructor(sketch: FrequencySketch, rule: AdmissionRule, tuner?: AdmissionTuner) {
    this.sketch = sketch;
    this.rule = rule;
    this.tuner = tuner;
    this.halvings = sketch.halvings;
  }

  get size(): number {
    return SEGMENTS.reduce((sum, segment) => sum + this.queues[segment].length, 0);
  }
  grow(): void {}
  insert(slot: number, hash: number): void {
    this.queues.window.push({ slot, count: Math.min(15, this.sketch.estimate(hash) + 1) });
    this.giveBack('window', this.windowSize);
    this.giveBack('protected', this.protectedSize);
    this.noteAccess(hash);
  }
  hit(slot: number, hash: number): void {
    const [segment, entry] = this.find(slot);
    entry.count = Math.min(15, entry.count + 1);
    this.remove(slot);
    this.queues[segment === 'window' ? 'window' : 'protected'].push(entry);
    if (segment === 'probation') this.giveBack('protected', this.protectedSize);
    this.noteAccess(hash);
  }
  update(slot: number, hash: number): void {
    this.hit(slot, hash);
  }
  remove(slot: number): void {
    for (const segment of SEGMENTS) this.queues[segment] = this.queues[segment].filter((entry) => entry.slot !== slot);
  }
  victim(except: number): number {
    const { window, probation, protected: kept } = this.queues;
    const candidate = window.find((entry) => entry.slot !== except);
    const victim = [...probation, ...kept].find((entry) => entry.slot !== except);
    if (victim === undefined || candidate === undefined) return (victim ?? candidate)?.slot ?? NONE;
    if (window.length < this.windowSize) return victim.slot;
    const needed = this.rule.requestsToEnter || victim.count + 1;
    return candidate.count >= needed ? victim.slot : candidate.slot;
  }
  evicting(slot: number, hash: number): void {
    this.sketch.raise(hash, this.find(slot)[1].count);
  }
  lastToLeave(): number {
    const { window, probation, protected: kept } = this.queues;
    if (probation.length + kept.length === 0 || window.length > this.windowSize) return window.at(-1)?.slot ?? NONE;
    return (probation.length === 0 || kept.length > this.protectedSize ? kept : probation).at(-1)?.slot ?? NONE;
  }
  /** The count, and 16 for an entry on probation, 32 for a protected one. */
  stateOf(slot: number): number {
    const [segment, entry] = this.find(slot);
    return entry.count + 16 * SEGMENTS.indexOf(segment);
  }
  adopt(slot: number, state: number): void {
    this.queues[SEGMENTS[state >> 4] as Segment].unshift({ slot, count: state % 16 });
  }
  priorityOf(): number {
    return 0;
  }

  private get windowSize(): number {
    return Math.max(1, Math.round(this.rule.windowShare * this.size));
  }
  private get protectedSize(): number {
    return Math.floor(0.8 * (this.size - this.windowSize));
  }
  /** Sends the oldest, two at most, on probation as long as a queue is longer than it should be. */
  private giveBack(from: 'window' | 'protected', length: number): void {
    for (let moves = 0; moves < 2 && this.queues[from].length > length; moves++) {
      this.queues.probation.push(this.queues[from].shift() as Entry);
    }
  }
  private find(slot: number): [Segment, Entry] {
    for (const segment of SEGMENTS) {
      const entry = this.queues[segment].find((held) => held.slot === slot);
      if (entry !== undefined) return [segment, entry];
    }
    throw new RangeError(`slot ${slot} is not held`);
  }
  private noteAccess(hash: number): void {
    this.tuner?.access(hash);
    this.sketch.age();
    if (this.halvings === this.sketch.halvings) return;
    this.halvings++;
    for (const segment of SEGMENTS) {
      for (const entry of this.queues[segment]) entry.count = Math.floor(entry.count / 2);
    }
  }
}
