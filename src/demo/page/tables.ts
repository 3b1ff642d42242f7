/** The tables of the HTML report, each from figures or events alone. */
import { formatDuration } from '../../core/units.js';
import { type DemoEvent, eventsOf, type TunerDecided, type TunerFigures, USE_CASES } from '../events.js';
import type { Figures, Latency, Traffic } from '../figures.js';
import { count, counted, decimals, dollars, percent, quantile } from '../format.js';
import type { Goal } from '../goals.js';
import { momentsOf } from '../moments.js';
import { settingGroups } from '../setting-groups.js';
import { type Html, html } from './html.js';

/** A table that scrolls by itself where the page is narrow. Columns whose name starts with `#` hold numbers. */
function table(columns: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  const isNumber = columns.map((column) => column.startsWith('#'));
  const cell = (tag: 'th' | 'td', content: Html | string, i: number): Html =>
    tag === 'th'
      ? html`<th scope="col"${isNumber[i] ? NUMBER : NOTHING}>${content}</th>`
      : html`<td${isNumber[i] ? NUMBER : NOTHING}>${content}</td>`;
  return html`<div class="scroll"><table>
<thead><tr>${columns.map((column, i) => cell('th', column.replace(/^#/, ''), i))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((content, i) => cell('td', content, i))}</tr>\n`)}</tbody>
</table></div>`;
}
const NUMBER = html` class="number"`;
const NOTHING = html``;

export function goalTable(goals: readonly Goal[]): Html {
  return table(
    ['', 'goal', '#measured', '#wanted'],
    goals.map((goal) => [verdict(goal.passed), goal.name, goal.measured, goal.wanted]),
  );
}

function verdict(passed: boolean): Html {
  return passed ? html`<span class="mark good">✓ PASS</span>` : html`<span class="mark bad">✗ FAIL</span>`;
}

const TRAFFIC_COLUMNS = [
  '#requests',
  '#hits',
  '#shared',
  '#misses',
  '#failed',
  '#hit ratio',
  '#attainable',
  '#cached p50 / p99',
  '#uncached p50 / p99',
];

export function useCaseTable(figures: Figures): Html {
  return table(
    ['use case', ...TRAFFIC_COLUMNS],
    [
      ...USE_CASES.map((useCase) => [useCase, ...trafficCells(figures.byUseCase[useCase])]),
      [html`<b>all</b>`, ...trafficCells(figures.total)],
    ],
  );
}

export function phaseTable(figures: Figures, events: readonly DemoEvent[]): Html {
  const phases = eventsOf(events, 'phase-began');
  return table(
    ['phase', '#offered', ...TRAFFIC_COLUMNS],
    phases.map((phase) => [
      phase.title,
      `${count(phase.requestsPerSecond)}/s`,
      ...trafficCells(figures.byPhase[phase.phase]),
    ]),
  );
}

function trafficCells(traffic: Traffic | undefined): readonly string[] {
  if (traffic === undefined) return [];
  return [
    ...[traffic.requests, traffic.hits, traffic.shared, traffic.misses, traffic.failed].map(count),
    percent(traffic.hitRatio),
    percent(traffic.attainableHitRatio),
    latency(traffic.cached),
    latency(traffic.uncached),
  ];
}

function latency({ count: samples, p50Ms, p99Ms }: Latency): string {
  return `${quantile(samples, p50Ms)} / ${quantile(samples, p99Ms)}`;
}

export function moneyTable(figures: Figures): Html {
  const row = (name: Html | string, key: keyof Figures['money']): readonly (Html | string)[] => {
    const { withoutCacheUsd, spentUsd, savedUsd } = figures.money[key];
    return [name, dollars(withoutCacheUsd), dollars(spentUsd), dollars(savedUsd)];
  };
  return table(
    ['use case', '#without the cache', '#with it, warmup included', '#saved'],
    [...USE_CASES.map((useCase) => row(useCase, useCase)), row(html`<b>all</b>`, 'total')],
  );
}

export function priceTable(events: readonly DemoEvent[]): Html {
  const prices = Object.entries(eventsOf(events, 'run-started')[0]?.prices ?? {});
  return table(
    ['job', 'priced as', '#input per million tokens', '#output per million tokens', '#listed on'],
    prices.map(([job, price]) => [
      job,
      html`${price.provider} <code>${price.model}</code>`,
      `$${price.inputPerMillion}`,
      `$${price.outputPerMillion}`,
      price.asOf,
    ]),
  );
}

export function momentTable(events: readonly DemoEvent[]): Html {
  return table(
    ['#at', 'what', ''],
    momentsOf(events).map(({ atMs, what, detail }) => [seconds(atMs), what, detail]),
  );
}

export function tunerTable(events: readonly DemoEvent[]): Html {
  return table(
    ['#at', 'action', 'why', '#requests/s', '#hit rate', '#get p99', '#shards', '#cleanup every'],
    eventsOf(events, 'tuner').map((decision) => [
      seconds(decision.atMs),
      decision.action,
      decision.reason,
      decimals(decision.requestRate, 0),
      since(decision, ({ hitRatio }) => percent(hitRatio)),
      since(decision, ({ p99GetMs }) => `${decimals(p99GetMs * 1000, 1)} µs`),
      change(String(decision.shardsBefore), String(decision.shardsAfter)),
      change(formatDuration(decision.cleanupBeforeMs), formatDuration(decision.cleanupAfterMs)),
    ]),
  );
}

/** One folded table for the cache and the clients: every setting that is not a default, and who set it. */
export function settingTables(events: readonly DemoEvent[]): readonly Html[] {
  return settingGroups(events).map(({ subject, settings }) => {
    const rows = settings.map(({ key, value, setBy, shadowed }) => [
      html`<code>${key}</code>`,
      html`<code>${value}</code>`,
      setBy,
      html`<span class="soft">${shadowed.join(', ')}</span>`,
    ]);
    return html`<details><summary>${subject}: ${counted(rows.length, 'setting')}</summary>
${table(['setting', 'value', 'set by', 'instead of'], rows)}</details>`;
  });
}

/** A figure of the tuner: now, and before the change it watched where it watched one. */
function since({ figures, figuresBefore }: TunerDecided, show: (figures: TunerFigures) => string): string {
  return change(show(figuresBefore ?? figures), show(figures));
}

function seconds(atMs: number): string {
  return `${decimals(atMs / 1000, 1)} s`;
}

function change(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`;
}
