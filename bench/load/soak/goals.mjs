/** What a soak must show: a heap that stays, nothing wrong, nothing left open. */
import { formatFigure, judge, most } from '../../lib/goal.mjs';
import { fitLine } from './slope.mjs';

const MIB = 2 ** 20;
/** Slices before this share of the time are warming up. */
const WARM_UP = 0.2;
/** In a shorter time code is still being compiled, and a little looks like much. */
const LEAST_MINUTES = 8;

/** @param {{ slices: readonly import('./suite.mjs').Slice[], end: import('./suite.mjs').End }} data */
export function judgeSoak({ slices, end }) {
  const { growth, share, minutes } = heapGrowth(slices);
  const sent = sum(slices.map((slice) => slice.sent));
  const failed = sum(slices.map((slice) => slice.failed));
  const isLong = minutes >= LEAST_MINUTES * (1 - WARM_UP);
  const note = isLong
    ? `by least squares over ${minutes.toFixed(1)} min`
    : `${formatFigure(100 * share)} % a minute over ${minutes.toFixed(1)} min: too short to tell`;
  return [
    judge(most('soak: heap growth', 1, '% a minute'), isLong ? 100 * share : undefined, { note }),
    judge(most('soak: heap growth', 1, 'MiB in 10 min'), isLong ? (10 * growth) / MIB : undefined, { note }),
    judge(most('soak: answers that are wrong', 0, ''), end.wrong, { note: `of ${sent} calls` }),
    judge(most('soak: calls that failed, but for streams amid their text', 0.1, '%'), (100 * failed) / sent, {
      note: describeCodes(slices),
    }),
    judge(most('soak: calls under way at the end', 0, ''), end.active + end.upstreamAtWork),
    judge(most('soak: sockets left open', 0, ''), end.left.sockets + end.upstreamSockets),
    judge(most('soak: timers left', 0, ''), end.left.timers),
    judge(most('soak: listeners left on the signal', 0, ''), end.listeners),
    judge(most('soak: descriptors left open', 0, ''), end.left.descriptors ?? undefined),
  ];
}

/**
 * Bytes a minute, and as a share of the heap, after the warm-up.
 * @param {readonly import('./suite.mjs').Slice[]} slices
 */
function heapGrowth(slices) {
  const lastMinute = slices.at(-1)?.minute ?? 0;
  const settled = slices.filter(({ minute }) => minute >= WARM_UP * lastMinute);
  const line = fitLine(settled.map(({ minute, heapBytes }) => ({ x: minute, y: heapBytes })));
  const firstMinute = settled[0]?.minute ?? 0;
  return {
    growth: line.slope,
    share: line.slope / (line.intercept + line.slope * firstMinute),
    minutes: lastMinute - firstMinute,
  };
}

/** @param {readonly import('./suite.mjs').Slice[]} slices */
function describeCodes(slices) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { codes, left } of slices) {
    for (const [code, count] of Object.entries(codes)) counts[code] = (counts[code] ?? 0) + count;
    // Callers who left have no code of ours.
    counts['ERR_UNKNOWN'] = (counts['ERR_UNKNOWN'] ?? 0) - left;
  }
  const named = Object.entries(counts).filter(([, count]) => count > 0);
  return named.map(([code, count]) => `${code} ${count}`).join(', ');
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
