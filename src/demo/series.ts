/** What the pictures of the report show, as a pure function of the event log: a point a second, and spans of states. */
import { type BreakerState, type Call, type DemoEvent, type EventOf, eventsOf } from './events.js';
import { repeatsOf } from './repeats.js';
import { nearestRank, ratio } from './statistics.js';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
export interface PhaseSpan extends Span {
  readonly name: string;
}
export interface Lane {
  readonly name: string;
  readonly spans: readonly (Span & { readonly state: BreakerState })[];
}

/** Points share the index with `atSeconds`; null where a second has no sample. */
export interface Series {
  readonly atSeconds: readonly number[];
  readonly hitRatio: readonly (number | null)[];
  readonly attainable: readonly (number | null)[];
  readonly cachedP50Ms: readonly (number | null)[];
  readonly cachedP99Ms: readonly (number | null)[];
  readonly uncachedP50Ms: readonly (number | null)[];
  readonly uncachedP99Ms: readonly (number | null)[];
  readonly shardCount: readonly (number | null)[];
  readonly requestRate: readonly (number | null)[];
  readonly phases: readonly PhaseSpan[];
  readonly outages: readonly Span[];
  readonly breakers: readonly Lane[];
}

const STEP_MS = 1000;
/** Ratios and percentiles of a point are of the requests in this long before it. */
const WINDOW_MS = 2000;

export function seriesOf(events: readonly DemoEvent[]): Series {
  const endMs = events.at(-1)?.atMs ?? 0;
  const calls = eventsOf(events, 'call');
  const repeats = repeatsOf(events);
  const samples = eventsOf(events, 'sample');
  const times = Array.from({ length: Math.floor(endMs / STEP_MS) }, (_, i) => (i + 1) * STEP_MS);
  const perPoint = <T>(make: (recent: readonly Call[]) => T | null): readonly (T | null)[] =>
    times.map((atMs) => make(calls.filter((call) => call.atMs > atMs - WINDOW_MS && call.atMs <= atMs)));
  const shareOf = (isCounted: (call: Call) => boolean): readonly (number | null)[] =>
    perPoint((recent) => (recent.length === 0 ? null : ratio(recent.filter(isCounted).length, recent.length)));
  const latency = (outcome: Call['outcome'], share: number): readonly (number | null)[] =>
    perPoint((recent) => {
      const latencies = recent.filter((call) => call.outcome === outcome).map((call) => call.latencyMs);
      return latencies.length === 0 ? null : nearestRank(latencies, share);
    });
  const lastSample = (atMs: number): (typeof samples)[number] | undefined =>
    samples.findLast((sample) => sample.atMs <= atMs);

  return {
    atSeconds: times.map((atMs) => atMs / 1000),
    hitRatio: shareOf((call) => call.outcome === 'hit'),
    attainable: shareOf((call) => repeats.has(call.sequence)),
    cachedP50Ms: latency('hit', 0.5),
    cachedP99Ms: latency('hit', 0.99),
    uncachedP50Ms: latency('miss', 0.5),
    uncachedP99Ms: latency('miss', 0.99),
    shardCount: times.map((atMs) => lastSample(atMs)?.shardCount ?? null),
    requestRate: times.map((atMs) => lastSample(atMs)?.requestRate ?? null),
    phases: phasesOf(events, endMs),
    outages: outagesOf(events, endMs),
    breakers: breakersOf(events, endMs),
  };
}

function phasesOf(events: readonly DemoEvent[], endMs: number): readonly PhaseSpan[] {
  const phases = eventsOf(events, 'phase-began');
  return phases.map((phase, i) => ({ name: phase.phase, fromMs: phase.atMs, toMs: phases[i + 1]?.atMs ?? endMs }));
}

function outagesOf(events: readonly DemoEvent[], endMs: number): readonly Span[] {
  const changes = eventsOf(events, 'outage');
  return changes.flatMap((change, i): readonly Span[] =>
    change.state === 'began' ? [{ fromMs: change.atMs, toMs: changes[i + 1]?.atMs ?? endMs }] : [],
  );
}

function breakerName({ job, model }: EventOf<'breaker'>): string {
  return `${job}: ${model}`;
}

/** A lane for each breaker that ever moved; closed until its first change. */
function breakersOf(events: readonly DemoEvent[], endMs: number): readonly Lane[] {
  const changes = eventsOf(events, 'breaker');
  const names = [...new Set(changes.map(breakerName))].toSorted();
  return names.map((name) => {
    const own = changes.filter((change) => breakerName(change) === name);
    const first = { fromMs: 0, toMs: own[0]?.atMs ?? endMs, state: own[0]?.from ?? 'closed' };
    const spans = own.map((change, i) => ({ fromMs: change.atMs, toMs: own[i + 1]?.atMs ?? endMs, state: change.to }));
    return { name, spans: [first, ...spans] };
  });
}
