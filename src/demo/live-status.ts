/** What the terminal shows while the run goes on: the run so far in one line, and the last seconds in more. */
import colours from 'picocolors';
import { type DemoEvent, eventsOf } from './events.js';
import { figuresOf } from './figures.js';
import { count, counted, percent, quantile } from './format.js';

export interface LiveState {
  readonly phase: string;
  readonly elapsedMs: number;
  readonly totalMs: number;
  readonly requests: number;
  readonly shardCount: number;
  /** State of each breaker by its name. */
  readonly breakers: Readonly<Record<string, string>>;
}

const WINDOW_MS = 2000;
const BAR_WIDTH = 24;
const INDENT = ' '.repeat(7);
const COLOUR_OF_STATE: Readonly<Record<string, (text: string) => string>> = {
  closed: colours.green,
  open: colours.red,
  'half-open': colours.yellow,
};

/** The first line says it all for a log; the others are for a screen. */
export function liveStatus(state: LiveState, events: readonly DemoEvent[]): readonly string[] {
  const { total } = figuresOf(lastWindow(events));
  const { cached, uncached } = total;
  const open = Object.values(state.breakers).filter((breaker) => breaker !== 'closed').length;
  const summary = [
    `${(state.elapsedMs / 1000).toFixed(0).padStart(3)} s`,
    state.phase.padEnd(9),
    `${count(state.requests).padStart(6)} requests`,
    `hits ${percent(total.hitRatio, 0).padStart(5)}`,
    `p50 ${quantile(cached.count, cached.p50Ms)} hit, ${quantile(uncached.count, uncached.p50Ms)} miss`,
    counted(state.shardCount, 'shard'),
    ...(open === 0 ? [] : [`${counted(open, 'breaker')} not closed`]),
  ].join('  ');
  const slowest = `p99 ${quantile(cached.count, cached.p99Ms)} hit, ${quantile(uncached.count, uncached.p99Ms)} miss`;
  const states = Object.entries(state.breakers).map(([name, breaker]) =>
    (COLOUR_OF_STATE[breaker] ?? String)(`● ${name} ${breaker}`),
  );
  return [summary, `${INDENT}${bar(state.elapsedMs / state.totalMs)}  ${slowest}`, `${INDENT}${states.join('   ')}`];
}

/** The events of the last seconds, found from the end. */
function lastWindow(events: readonly DemoEvent[]): readonly DemoEvent[] {
  const fromMs = (events.at(-1)?.atMs ?? 0) - WINDOW_MS;
  const first = events.findLastIndex((event) => event.atMs < fromMs) + 1;
  return eventsOf(events.slice(first), 'call');
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_WIDTH);
  return colours.cyan('━'.repeat(filled)) + colours.dim('─'.repeat(BAR_WIDTH - filled));
}
