/**
 * The workload: which question is asked when. Made ahead of the run from a seed, so that the load does not wait for
 * answers (an open loop) and the same seed asks the same questions at the same times.
 */
import { createRandom, type Random } from '../core/random.js';
import { createZipf } from './zipf.js';

export interface Phase {
  readonly name: string;
  readonly title: string;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
}

export interface PlannedRequest {
  /** Milliseconds from the start of the workload. */
  readonly dueMs: number;
  readonly phase: string;
  /** Rank of the question: 0 is asked most often. */
  readonly rank: number;
  readonly stream: boolean;
  /** Ask once more past the cache, to check the answer. */
  readonly isChecked: boolean;
}

export interface WorkloadLaw {
  readonly phases: readonly Phase[];
  readonly questionCount: number;
  /** Share 0..1 of the requests that are checked. */
  readonly checkedShare: number;
  readonly seed: number;
}

/** Phases of the workload in order; the primary is down for the whole of OUTAGE_PHASE. */
export const PHASES: readonly Phase[] = [
  { name: 'steady', title: 'Steady traffic', durationMs: 8000, requestsPerSecond: 40 },
  { name: 'busy', title: 'Busy: over the next tier', durationMs: 10_000, requestsPerSecond: 500 },
  { name: 'outage', title: 'Announced outage of the primary', durationMs: 7000, requestsPerSecond: 60 },
  { name: 'recovery', title: 'Recovery', durationMs: 7000, requestsPerSecond: 60 },
  { name: 'cool-down', title: 'Cool-down', durationMs: 5000, requestsPerSecond: 20 },
];
export const OUTAGE_PHASE = 'outage';

/** Steeper than the classic 1: a few questions make most of the traffic. A choice, which the report states. */
export const ZIPF_EXPONENT = 1.2;
const STREAM_SHARE = 0.3;

/** Poisson arrivals at each phase's rate, each asking a question drawn by Zipf's law over `questionCount` ranks. */
export function planWorkload({ phases, questionCount, checkedShare, seed }: WorkloadLaw): readonly PlannedRequest[] {
  const random = createRandom(seed);
  const drawRank = createZipf(questionCount, ZIPF_EXPONENT, random);
  const requests: PlannedRequest[] = [];
  let phaseStartMs = 0;
  for (const phase of phases) {
    const phaseEndMs = phaseStartMs + phase.durationMs;
    let dueMs = phaseStartMs + gapMs(phase.requestsPerSecond, random);
    while (dueMs < phaseEndMs) {
      const rank = drawRank();
      const stream = random.next() < STREAM_SHARE;
      requests.push({ dueMs, phase: phase.name, rank, stream, isChecked: random.next() < checkedShare });
      dueMs += gapMs(phase.requestsPerSecond, random);
    }
    phaseStartMs = phaseEndMs;
  }
  return requests;
}

/** The same phases in another total time; rates stay. */
export function scalePhases(phases: readonly Phase[], totalMs: number): readonly Phase[] {
  const factor = totalMs / phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  return phases.map((phase) => ({ ...phase, durationMs: Math.round(phase.durationMs * factor) }));
}

/** The wait between two arrivals of a Poisson process. */
function gapMs(perSecond: number, random: Random): number {
  return (-Math.log(1 - random.next()) / perSecond) * 1000;
}
