/**
 * Chooses, while a cache is used, how wide the window of W-TinyLFU is and who may enter main from it: it takes the rule
 * under which miniature caches, fed with a sample of the same accesses, hit most often. One tuner serves all shards.
 * Equal accesses lead to equal choices: there is no time and no chance in it.
 */
import type { AdmissionRule, AdmissionTuner } from '../engine/policies/w-tinylfu.js';
import { MiniatureCaches } from './miniature-caches.js';

/**
 * What can be chosen (docs/decisions/0018): the paper's contest, and plain thresholds, which serve where many keys are
 * asked for equally often.
 */
export const ADMISSION_RULES: readonly AdmissionRule[] = [
  { windowShare: 0.01, requestsToEnter: 0 },
  { windowShare: 0.01, requestsToEnter: 4 },
  { windowShare: 0.1, requestsToEnter: 0 },
  { windowShare: 0.2, requestsToEnter: 2 },
  { windowShare: 0.3, requestsToEnter: 4 },
  { windowShare: 0.7, requestsToEnter: 4 },
  { windowShare: 0.9, requestsToEnter: 4 },
];
/** The fourth lets in whoever comes back, and so does no great harm anywhere. */
const FIRST_CHOICE = 3;

/** A sample is halved as long as the miniature caches hold at least so many entries each, but not for ever. */
const MIN_MINIATURE_ENTRIES = 256;
const MAX_SAMPLE_SHIFT = 8;
/** Odd: brings all bits of a hash into the upper ones of a product, which pick the sample (Knuth, vol. 3, 6.4). */
const SAMPLE_FACTOR = 0x9e3779b1;

/** Simulated accesses from one comparison to the next, per entry of a miniature cache, and at least. */
const ACCESSES_PER_ENTRY = 0.5;
const MIN_ACCESSES = 128;
/** What is left of former hits at each comparison. */
const MEMORY = 0.95;
/** Another rule must have so many times the hits of the one in force. */
const HYSTERESIS = 1.015;
const MAX_HISTORY = 64;

export interface AdmissionChange {
  /** Accesses simulated up to then. */
  readonly simulatedAccesses: number;
  readonly from: AdmissionRule;
  readonly to: AdmissionRule;
  /** Hit ratios, 0 to 1, in the order of ADMISSION_RULES, of the miniature caches: recent accesses count more. */
  readonly simulatedHitRatios: readonly number[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class WindowTuner implements AdmissionTuner {
  readonly rule: Writable<AdmissionRule> = { ...(ADMISSION_RULES[FIRST_CHOICE] as AdmissionRule) };
  private chosen: number = FIRST_CHOICE;
  private miniatures: MiniatureCaches = new MiniatureCaches(ADMISSION_RULES, 1);
  private sampleMask = 0;
  /** Simulated accesses: from one comparison to the next, since the last one, and before it. */
  private interval: number = MIN_ACCESSES;
  private sinceComparison = 0;
  private beforeComparison = 0;
  /** Accesses, and hits by rule, that fade with time. */
  private recentAccesses = 0;
  private readonly recentHits: Float64Array = new Float64Array(ADMISSION_RULES.length);
  private readonly changes: AdmissionChange[] = [];

  /** The latest changes, the last one last: at most 64. */
  get history(): readonly AdmissionChange[] {
    return this.changes;
  }

  /** Hit ratios, 0 to 1, of the miniature caches as they stand, in the order of ADMISSION_RULES. O(rules). */
  get simulatedHitRatios(): readonly number[] {
    return Array.from(this.recentHits, (hits) => (this.recentAccesses === 0 ? 0 : hits / this.recentAccesses));
  }

  /** Keys in the miniature caches. O(1). */
  get simulatedKeys(): number {
    return this.miniatures.keyCount;
  }

  /**
   * One key in 2 ** shift is simulated, so that the miniature caches are as small as can be trusted. Where that changes
   * their size, the simulation starts anew, and the rule in force stays until it knows better.
   */
  setCapacity(entries: number): void {
    let shift = 0;
    while (shift < MAX_SAMPLE_SHIFT && entries / 2 ** (shift + 1) >= MIN_MINIATURE_ENTRIES) shift++;
    // The upper `shift` bits.
    this.sampleMask = ~(0xffffffff >>> shift);
    const capacity = Math.max(1, Math.round(entries / 2 ** shift));
    if (capacity === this.miniatures.capacity) return;
    this.miniatures = new MiniatureCaches(ADMISSION_RULES, capacity);
    this.interval = Math.max(MIN_ACCESSES, Math.round(ACCESSES_PER_ENTRY * capacity));
    this.beforeComparison += this.sinceComparison;
    this.sinceComparison = 0;
    this.recentAccesses = 0;
    this.recentHits.fill(0);
  }

  /** O(1), and O(rules) for a key that is simulated. */
  access(hash: number): void {
    if ((Math.imul(hash, SAMPLE_FACTOR) & this.sampleMask) !== 0) return;
    this.miniatures.access(hash);
    if (++this.sinceComparison >= this.interval) this.compare();
  }

  private compare(): void {
    const { recentHits } = this;
    const { hits } = this.miniatures;
    this.recentAccesses = MEMORY * this.recentAccesses + this.sinceComparison;
    this.beforeComparison += this.sinceComparison;
    this.sinceComparison = 0;
    for (let i = 0; i < recentHits.length; i++) {
      recentHits[i] = MEMORY * (recentHits[i] as number) + (hits[i] as number);
    }
    hits.fill(0);
    let best = this.chosen;
    for (let i = 0; i < recentHits.length; i++) {
      if ((recentHits[i] as number) > (recentHits[best] as number)) best = i;
    }
    if ((recentHits[best] as number) > HYSTERESIS * (recentHits[this.chosen] as number)) this.change(best);
  }

  private change(to: number): void {
    if (this.changes.length === MAX_HISTORY) this.changes.shift();
    this.changes.push({
      simulatedAccesses: this.beforeComparison,
      from: ADMISSION_RULES[this.chosen] as AdmissionRule,
      to: ADMISSION_RULES[to] as AdmissionRule,
      simulatedHitRatios: this.simulatedHitRatios,
    });
    this.chosen = to;
    Object.assign(this.rule, ADMISSION_RULES[to]);
  }
}
