/** What a run of `soak` shows: at most so many rows, evenly over the time. */
import { formatFigure } from '../../lib/goal.mjs';

const MOST_ROWS = 12;
const MIB = 2 ** 20;

/**
 * @param {readonly import('./suite.mjs').Slice[]} slices
 * @returns {import('../lib/tables.mjs').Table[]}
 */
export function soakTables(slices) {
  const step = Math.ceil(slices.length / MOST_ROWS);
  const shown = slices.filter((_, index) => index % step === step - 1 || index === slices.length - 1);
  return [
    {
      title:
        'each row is one slice of the time; broken: streams that failed amid their text, which nobody may begin anew',
      head: [
        'minute',
        'calls',
        'hits',
        'left',
        'broken',
        'failed',
        'p50 ms',
        'p99 ms',
        'upstream',
        'faults',
        'heap MiB',
        'RSS MiB',
      ],
      rows: shown.map((slice) => [
        slice.minute.toFixed(1),
        ...[slice.sent, slice.hits, slice.left, slice.broken, slice.failed].map(String),
        formatFigure(slice.p50Ms),
        formatFigure(slice.p99Ms),
        String(slice.upstreamCalls),
        String(slice.upstreamFaults),
        (slice.heapBytes / MIB).toFixed(2),
        (slice.rssBytes / MIB).toFixed(0),
      ]),
    },
  ];
}
