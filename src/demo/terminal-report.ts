/** The report of a run as text for a terminal. Everything in it comes from the event log and its figures. */
import colours from 'picocolors';
import { formatDuration } from '../core/units.js';
import { type DemoEvent, eventsOf, type Setting, USE_CASES } from './events.js';
import type { Figures, Traffic } from './figures.js';
import { count, counted, decimals, dollars, milliseconds, percent, quantile } from './format.js';
import type { Goal } from './goals.js';
import { momentsOf } from './moments.js';
import { settingGroups } from './setting-groups.js';
import { cut, formatTable } from './text-table.js';

export interface ReportInput {
  readonly events: readonly DemoEvent[];
  readonly figures: Figures;
  readonly goals: readonly Goal[];
  /** Characters a line may have. */
  readonly width: number;
}

export function formatReport(input: ReportInput): string {
  return [
    section('Report', overview(input.figures)),
    section('Traffic', trafficTable(input)),
    section('Money at list price', moneyTable(input)),
    section('Outage, breakers, fallback, resizes', momentLines(input)),
    section('Decisions of the auto-tuner', tunerTable(input)),
    section('Where each option came from', settingLines(input)),
    section('Goals', goalTable(input)),
  ].join('\n\n');
}

function goalTable({ goals, width }: Pick<ReportInput, 'goals' | 'width'>): string {
  const rows = goals.map((goal) => [
    goal.passed ? colours.green('PASS') : colours.red('FAIL'),
    goal.name,
    goal.wanted,
    goal.measured,
  ]);
  return formatTable({ columns: ['', 'goal', 'wanted', 'measured'], rows, width, head: colours.dim });
}

function section(title: string, body: string): string {
  return `${colours.bold(title)}\n${body}`;
}

function overview(figures: Figures): string {
  const { total } = figures;
  const { cached, uncached } = total;
  const rows = [
    [
      'hit ratio',
      `${percent(total.hitRatio)} of ${percent(total.attainableHitRatio)} attainable (repeats / requests; warmed counts as asked)`,
    ],
    ['latency cached', `p50 ${milliseconds(cached.p50Ms)}, p99 ${milliseconds(cached.p99Ms)}`],
    [
      'latency uncached',
      `p50 ${milliseconds(uncached.p50Ms)}, p99 ${milliseconds(uncached.p99Ms)}: ${decimals(figures.speedup, 0)}x the cached p50`,
    ],
    [
      'upstream calls',
      `${count(figures.upstreamCallsSaved)} saved of ${count(total.requests)}; ${count(figures.upstreamAttempts)} attempts made, warmup included`,
    ],
    ['shared flights', `${counted(total.shared, 'request')} rode on an equal one`],
    [
      'answers checked',
      `${count(figures.answersCompared)}, ${count(figures.questionsReasked)} of the questions asked again: ${counted(figures.mismatches, 'mismatch', 'mismatches')}`,
    ],
    [
      'fallback',
      `${counted(figures.fallbackAnswers, 'answer')}, ${counted(figures.escalations, 'escalation')} to the strong model`,
    ],
    [
      'circuit breakers',
      `${counted(figures.breakerOpenings, 'opening')}, ${counted(figures.breakerRecoveries, 'recovery', 'recoveries')}`,
    ],
    ['auto-tuner', `${counted(figures.resizes, 'resize')}, ${counted(figures.tunerDecisions, 'decision')}`],
  ];
  return rows.map(([name = '', value = '']) => `${colours.dim(name.padEnd(18))}${value}`).join('\n');
}

function trafficTable({ figures, events, width }: ReportInput): string {
  const phases = eventsOf(events, 'phase-began');
  const rows = [
    ...USE_CASES.map((useCase) => trafficRow(useCase, figures.byUseCase[useCase])),
    ...phases.map((phase) => trafficRow(`${phase.phase}, ${phase.requestsPerSecond}/s`, figures.byPhase[phase.phase])),
    trafficRow('all', figures.total),
  ];
  const columns = [
    '',
    '#requests',
    '#hits',
    '#shared',
    '#misses',
    '#hit %',
    '#attain. %',
    '#cached p50',
    '#uncached p50',
  ];
  return formatTable({ columns, rows, width, head: colours.dim });
}

function trafficRow(name: string, traffic: Traffic | undefined): readonly string[] {
  if (traffic === undefined) return [name];
  return [
    name,
    ...[traffic.requests, traffic.hits, traffic.shared, traffic.misses].map(count),
    decimals(traffic.hitRatio * 100, 1),
    decimals(traffic.attainableHitRatio * 100, 1),
    quantile(traffic.cached.count, traffic.cached.p50Ms),
    quantile(traffic.uncached.count, traffic.uncached.p50Ms),
  ];
}

function moneyTable({ figures, events, width }: ReportInput): string {
  const rows = ([...USE_CASES, 'total'] as const).map((key) => {
    const { withoutCacheUsd, spentUsd, savedUsd } = figures.money[key];
    return [key, ...[withoutCacheUsd, spentUsd, savedUsd].map(dollars)];
  });
  const columns = ['', '#without the cache', '#with it, warmup included', '#saved'];
  return `${cut(priceLine(events), width)}\n${formatTable({ columns, rows, width, head: colours.dim })}`;
}

function priceLine(events: readonly DemoEvent[]): string {
  const prices = Object.entries(eventsOf(events, 'run-started')[0]?.prices ?? {});
  const models = prices.map(([job, price]) => `${job} as ${price.model}`).join(', ');
  return `${models}; list prices of ${prices[0]?.[1].asOf ?? 'no day'}`;
}

function momentLines({ events, width }: ReportInput): string {
  const lines = momentsOf(events).map(({ atMs, what, detail }) =>
    cut(`${seconds(atMs)}  ${what.padEnd(9)}${detail}`, width),
  );
  return lines.length === 0 ? 'none' : lines.join('\n');
}

function tunerTable({ events, width }: ReportInput): string {
  const start = eventsOf(events, 'run-started')[0];
  const rows = eventsOf(events, 'tuner').map((decision) => [
    seconds(decision.atMs),
    decision.action,
    decimals(decision.requestRate, 0),
    change(String(decision.shardsBefore), String(decision.shardsAfter)),
    change(formatDuration(decision.cleanupBeforeMs), formatDuration(decision.cleanupAfterMs)),
    decision.reason,
  ]);
  const columns = ['#at', 'action', '#req/s', '#shards', 'cleanup every', 'why'];
  const setting = `looks every ${(start?.tunerIntervalMs ?? 0) / 1000} s, acts after ${start?.tunerHysteresis ?? 0} equal verdicts`;
  return `${setting}\n${formatTable({ columns, rows, width, head: colours.dim })}`;
}

function settingLines({ events, width }: ReportInput): string {
  return settingGroups(events)
    .map(({ subject, settings }) =>
      [colours.underline(subject), ...settings.map((setting) => cut(settingLine(setting), width))].join('\n'),
    )
    .join('\n');
}

function settingLine({ key, value, setBy, shadowed }: Setting): string {
  const instead = shadowed.length === 0 ? '' : `, instead of ${shadowed.join(', ')}`;
  return `  ${key} = ${value}  [${setBy}${instead}]`;
}

function seconds(atMs: number): string {
  return `${decimals(atMs / 1000, 1)} s`.padStart(7);
}

function change(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}
