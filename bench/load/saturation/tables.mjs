/** What a run of `saturation` shows. */
import { formatFigure } from '../../lib/goal.mjs';

const HEAD = [
  'offered',
  'calls/s',
  'answered/s',
  'of the calls',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'refused',
  'failed',
  'failure p99 ms',
  'places',
  'CPU us/call',
];

/**
 * One for each client.
 * @param {readonly import('./suite.mjs').ContenderResult[]} contenders
 * @returns {import('../lib/tables.mjs').Table[]}
 */
export function saturationTables(contenders) {
  return contenders.map(({ contender, what, steps, knee }) => ({
    title: `${contender}: ${what}; knee: ${describeKnee(knee)}`,
    head: HEAD,
    rows: steps.map((step) => [
      `${step.load}x${step.isAfterwards ? ', afterwards' : ''}`,
      formatFigure(step.offeredRps),
      formatFigure(step.achievedRps),
      `${(100 * step.answeredShare).toFixed(1)} %`,
      ...[step.p50Ms, step.p95Ms, step.p99Ms].map(formatFigure),
      String(step.refused),
      String(step.failed),
      step.refused + step.failed === 0 ? '-' : formatFigure(step.failureP99Ms),
      step.concurrencyLimit === 0 ? '-' : String(step.concurrencyLimit),
      formatFigure(step.cpuUsACall),
    ]),
  }));
}

/** @param {import('./suite.mjs').StepResult | undefined} knee */
function describeKnee(knee) {
  if (knee === undefined) return 'below the first step';
  return `${knee.load}x the capacity, ${formatFigure(knee.offeredRps)} calls/s at p99 ${formatFigure(knee.p99Ms)} ms`;
}
