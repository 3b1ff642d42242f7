/** What is worth telling of a run besides its figures: outages, breakers, fallbacks and resizes, in order of time. */
import { type DemoEvent, type EventOf, eventsOf } from './events.js';
import { count, counted, milliseconds } from './format.js';

export interface Moment {
  readonly atMs: number;
  readonly what: 'outage' | 'breaker' | 'fallback' | 'resize';
  readonly detail: string;
}

/** One line a change; of the fallbacks of a job only the first, with how many there were. */
export function momentsOf(events: readonly DemoEvent[]): readonly Moment[] {
  const moments: Moment[] = [
    ...eventsOf(events, 'outage').map(({ atMs, state }): Moment => {
      return { atMs, what: 'outage', detail: `of the primary ${state}` };
    }),
    ...eventsOf(events, 'breaker').flatMap(breakerMoment),
    ...eventsOf(events, 'resized').map(({ atMs, from, to, durationMs }): Moment => {
      // The cache's clock is read once a millisecond.
      const duration = durationMs < 1 ? 'under 1 ms' : milliseconds(durationMs);
      return { atMs, what: 'resize', detail: `${from} → ${counted(to, 'shard')}, in ${duration}` };
    }),
    ...firstFallbacks(events),
  ];
  return moments.toSorted((a, b) => a.atMs - b.atMs);
}

/** A probe is told by how it went. */
function breakerMoment({ atMs, job, model, from, to }: EventOf<'breaker'>): readonly Moment[] {
  if (to === 'half-open') return [];
  const probe = from === 'half-open' ? `, its probe ${to === 'closed' ? 'answered' : 'failed'}` : '';
  return [{ atMs, what: 'breaker', detail: `${job}, ${model}: ${to}${probe}` }];
}

function firstFallbacks(events: readonly DemoEvent[]): readonly Moment[] {
  const fallbacks = eventsOf(events, 'fallback');
  return fallbacks
    .filter(({ job }, i) => fallbacks.findIndex((other) => other.job === job) === i)
    .map(({ atMs, job, from, to, reason }) => {
      const total = fallbacks.filter((other) => other.job === job).length;
      return { atMs, what: 'fallback', detail: `${job}, ${from} → ${to}: first of ${count(total)} (${reason})` };
    });
}
