/** What is worth telling of a run besides its figures: outages, breakers, fallbacks and resizes, in order of time. */
import { type DemoEvent, eventsOf } from './events.js';
import { count, counted, milliseconds } from './format.js';

export interface Moment {
  readonly atMs: number;
  readonly what: 'outage' | 'breaker' | 'fallback' | 'resize';
  readonly detail: string;
}

/** One line a change; of the fallbacks of a job only the first, with how many there were. */
export function momentsOf(events: readonly DemoEvent[]): readonly Moment[] {
  const fallbacks = eventsOf(events, 'fallback');
  const toldFallbacks = new Set<string>();
  return events.flatMap((event): readonly Moment[] => {
    const { atMs } = event;
    switch (event.kind) {
      case 'outage':
        return [{ atMs, what: 'outage', detail: `of the primary ${event.state}` }];
      case 'breaker':
        return [{ atMs, what: 'breaker', detail: `${event.job}, ${event.target}: ${event.from} → ${event.to}` }];
      case 'resized':
        return [
          {
            atMs,
            what: 'resize',
            detail: `${event.from} → ${counted(event.to, 'shard')} in ${milliseconds(event.durationMs)}`,
          },
        ];
      case 'fallback': {
        if (toldFallbacks.has(event.job)) return [];
        toldFallbacks.add(event.job);
        const own = fallbacks.filter((fallback) => fallback.job === event.job).length;
        return [
          {
            atMs,
            what: 'fallback',
            detail: `${event.job}, ${event.from} → ${event.to}: first of ${count(own)} (${event.reason})`,
          },
        ];
      }
      default:
        return [];
    }
  });
}
