import { expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { PHASES, type Phase, planWorkload, scalePhases, type WorkloadLaw } from '../../src/demo/workload.js';
import { createZipf } from '../../src/demo/zipf.js';

const SEED = 2026;
const LONG = [
  { name: 'slow', title: 'Slow', durationMs: 400_000, requestsPerSecond: 10 },
  { name: 'fast', title: 'Fast', durationMs: 400_000, requestsPerSecond: 100 },
];

const law = (phases: readonly Phase[], seed = SEED): WorkloadLaw => ({
  phases,
  questionCount: 500,
  checkedShare: 0.1,
  seed,
});

test('the same seed plans the same requests, another seed others', () => {
  expect(planWorkload(law(PHASES))).toEqual(planWorkload(law(PHASES)));
  expect(planWorkload(law(PHASES))).not.toEqual(planWorkload(law(PHASES, SEED + 1)));
});

test('requests are in order of time, each inside its phase', () => {
  const plan = planWorkload(law(LONG));
  expect(plan.map((request) => request.dueMs)).toEqual(plan.map((request) => request.dueMs).toSorted((a, b) => a - b));
  for (const { dueMs, phase } of plan) expect(phase).toBe(dueMs < 400_000 ? 'slow' : 'fast');
});

test('arrivals are Poisson: each phase at its rate, gaps with the spread of an exponential law', () => {
  const plan = planWorkload(law(LONG));
  const slow = plan.filter((request) => request.phase === 'slow');
  const fast = plan.filter((request) => request.phase === 'fast');
  expect(slow.length / 4000).toBeCloseTo(1, 1);
  expect(fast.length / 40_000).toBeCloseTo(1, 1);
  const gaps = fast.slice(1).map((request, i) => request.dueMs - (fast[i]?.dueMs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
});

test.each([0, 0.8, 1, 1.2])('ranks follow Zipf with exponent %d', (exponent) => {
  const draw = createZipf(100, exponent, createRandom(SEED));
  const counts = new Array<number>(100).fill(0);
  const draws = 400_000;
  for (let i = 0; i < draws; i++) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  const weights = counts.map((_, rank) => (rank + 1) ** -exponent);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  expect(counts.length).toBe(100);
  for (const rank of [0, 1, 9, 49]) {
    const expected = ((weights[rank] ?? 0) / total) * draws;
    expect(Math.abs((counts[rank] ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
  }
});

test('phases scaled to a total time keep their shares and their rates', () => {
  const scaled = scalePhases(PHASES, 3700);
  expect(scaled.reduce((sum, phase) => sum + phase.durationMs, 0)).toBe(3700);
  expect(scaled.map((phase) => phase.requestsPerSecond)).toEqual(PHASES.map((phase) => phase.requestsPerSecond));
});

test('the asked share of the requests is checked', () => {
  const plan = planWorkload(law(LONG));
  const checked = plan.filter((request) => request.isChecked).length;
  expect(checked / plan.length).toBeCloseTo(0.1, 1);
  expect(planWorkload({ ...law(LONG), checkedShare: 0 }).some((request) => request.isChecked)).toBe(false);
});
