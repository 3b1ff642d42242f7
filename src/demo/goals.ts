/** What a run has to reach. Each goal is decided by the figures alone, so it can be decided again from the log. */
import type { Figures } from './figures.js';
import { count, decimals, percent } from './format.js';

export interface Goal {
  readonly name: string;
  readonly measured: string;
  readonly wanted: string;
  readonly passed: boolean;
}

/** The parts a run may leave out; a part that was left out has no goal. */
export interface GoalScope {
  /** The primary was taken down on purpose. */
  readonly hasOutage: boolean;
}

const LEAST_SHARE_OF_ATTAINABLE = 0.95;
const LEAST_SPEEDUP = 20;

export function goalsOf(figures: Figures, scope: GoalScope): readonly Goal[] {
  const { total, shareOfAttainable, speedup } = figures;
  const goals: Goal[] = [
    {
      name: 'hit ratio beside the attainable one',
      measured: `${percent(total.hitRatio)} of ${percent(total.attainableHitRatio)}: ${percent(shareOfAttainable)}`,
      wanted: `>= ${percent(LEAST_SHARE_OF_ATTAINABLE)}`,
      passed: shareOfAttainable >= LEAST_SHARE_OF_ATTAINABLE,
    },
    {
      name: 'cached p50 below uncached p50',
      measured: `${decimals(speedup, 1)}x`,
      wanted: `>= ${LEAST_SPEEDUP}x`,
      passed: speedup >= LEAST_SPEEDUP,
    },
    atLeastOne('shard resizes by the auto-tuner', figures.resizes),
    none('answers that differ from the provider', figures.mismatches),
    none('requests without an answer', total.failed),
  ];
  if (scope.hasOutage) {
    goals.push(
      atLeastOne('answers by the fallback', figures.fallbackAnswers),
      atLeastOne('circuit breaker openings', figures.breakerOpenings),
      atLeastOne('circuit breaker recoveries', figures.breakerRecoveries),
    );
  }
  return goals;
}

function atLeastOne(name: string, value: number): Goal {
  return { name, measured: count(value), wanted: '>= 1', passed: value >= 1 };
}

function none(name: string, value: number): Goal {
  return { name, measured: count(value), wanted: '0', passed: value === 0 };
}
