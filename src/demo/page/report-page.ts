/**
 * The HTML report of a run: one file that needs nothing else. Its own policy forbids it everything but the scripts and
 * styles that stand inside it, which are named there by their digests.
 */
import { createHash } from 'node:crypto';
import uPlotScript from 'uplot/dist/uPlot.iife.min.js?raw';
import uPlotStyle from 'uplot/dist/uPlot.min.css?raw';
import { type DemoEvent, eventsOf, USE_CASES } from '../events.js';
import type { Figures } from '../figures.js';
import { count, counted, decimals, dollars, milliseconds, percent } from '../format.js';
import type { Goal } from '../goals.js';
import { seriesOf } from '../series.js';
import { FIGURES_BLOCK, type StoredFigures } from '../stored-figures.js';
import chartsScript from './charts.js?raw';
import { dataBlock } from './embed.js';
import { type Html, html, raw } from './html.js';
import pageStyle from './style.css?raw';
import {
  goalTable,
  momentTable,
  moneyTable,
  phaseTable,
  priceTable,
  settingTables,
  tunerTable,
  useCaseTable,
} from './tables.js';

export interface ReportData {
  readonly events: readonly DemoEvent[];
  readonly stored: StoredFigures;
  readonly goals: readonly Goal[];
}

const STYLE = `${uPlotStyle}\n${pageStyle}`;
const SCRIPTS = [uPlotScript, chartsScript];

/** A fragment of a pot with a band of ornament. */
const EMBLEM = html`<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="M5 17 16 4l17 4 10 14-6 19-17 3L7 34l4-8z"/><path d="M10 24l8-4 7 5 8-6 9 4" opacity=".75"/><path d="M12 33l7-3 6 4 7-5 6 2" opacity=".45"/></svg>`;

export function renderReport({ events, stored, goals }: ReportData): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sherd: report of a run</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
${header(events, goals)}
${tiles(stored.figures)}
${pictures()}
<section>
<h2>Goals</h2>
${goalTable(goals)}
</section>
<section>
<h2>Traffic</h2>
<p>A request is a repeat when its question was warmed or asked earlier in the run; attainable is repeats / requests. Shared requests rode on the flight of an equal one: no upstream call of their own, yet the wait for one. Uncached latency is that of misses answered by the primary.</p>
${useCaseTable(stored.figures)}
</section>
<section>
<h2>Phases</h2>
${phaseTable(stored.figures, events)}
</section>
<section>
<h2>Outage, breakers, fallback, resizes</h2>
<p>${troubleSummary(stored.figures)}</p>
${momentTable(events)}
</section>
<section>
<h2>Decisions of the auto-tuner</h2>
<p>${tunerSummary(events)}</p>
${tunerTable(events)}
</section>
<section>
<h2>Money at list price</h2>
<p>The answers came from the provider named above. What they would have cost is counted in their tokens at the dated list price of the model that each job would use.</p>
${moneyTable(stored.figures)}
<h3>Prices</h3>
${priceTable(events)}
</section>
<section>
<h2>Where each option came from</h2>
<p>Settings that are not defaults, as explain() tells them at the end of the run.</p>
${settingTables(events)}
</section>
<section>
<h2>This run</h2>
${facts(events, stored)}
</section>
<footer>Every figure is computed from the event log beside this file; <code>sherd demo --verify</code> computes them again. Pictures by uPlot (MIT).</footer>
</main>
${raw(dataBlock('series', seriesOf(events)))}
${raw(dataBlock(FIGURES_BLOCK, stored))}
${SCRIPTS.map((script) => html`<script>${raw(script)}</script>\n`)}</body>
</html>
`.markup;
}

function contentPolicy(): string {
  const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${SCRIPTS.map(digest).join(' ')}; style-src ${digest(STYLE)}`;
}

function header(events: readonly DemoEvent[], goals: readonly Goal[]): Html {
  const start = eventsOf(events, 'run-started')[0];
  const reached = goals.filter((goal) => goal.passed).length;
  const isGood = reached === goals.length;
  const when = start === undefined ? '' : `${start.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return html`<header>
${EMBLEM}
<div><h1>sherd: report of a run</h1>
<p>${when}, ${start?.provider ?? 'unknown'} provider, Node.js ${start?.node.replace(/^v/, '') ?? ''}, ${counted(start?.cpus ?? 0, 'CPU')}, seed ${String(start?.seed ?? '')}</p></div>
${html`<div class="verdict ${isGood ? 'good' : 'bad'}">${isGood ? '✓' : '✗'} ${reached} of ${goals.length} goals reached</div>`}
</header>`;
}

function tiles(figures: Figures): Html {
  const { total, money } = figures;
  const saved = money.total.withoutCacheUsd === 0 ? 0 : money.total.savedUsd / money.total.withoutCacheUsd;
  const all: readonly (readonly [string, string, string])[] = [
    ['Hit ratio', percent(total.hitRatio), `of ${percent(total.attainableHitRatio)} attainable`],
    [
      'Speed of cached answers',
      `${decimals(figures.speedup, 0)}x`,
      `p50 ${milliseconds(total.cached.p50Ms)}, uncached ${milliseconds(total.uncached.p50Ms)}`,
    ],
    ['Upstream calls saved', count(figures.upstreamCallsSaved), `of ${counted(total.requests, 'request')}`],
    ['Money saved', percent(saved, 0), `${dollars(money.total.savedUsd)} at list price`],
    [
      'Answered by the fallback',
      count(figures.fallbackAnswers),
      `${counted(figures.breakerOpenings, 'breaker opening')}, ${counted(figures.breakerRecoveries, 'recovery', 'recoveries')}`,
    ],
    ['Resizes by the tuner', count(figures.resizes), counted(figures.tunerDecisions, 'decision')],
  ];
  return html`<div class="tiles">${all.map(([name, value, note]) => html`<div><span>${name}</span><b>${value}</b><span>${note}</span></div>\n`)}</div>`;
}

function pictures(): Html {
  return html`<div class="pictures">
${picture('hits', 'Hit ratio', ['glaze:hit ratio', 'faint:attainable', 'outage:outage'])}
${picture('latency', 'Latency', ['glaze:cached', 'clay:uncached', 'faint:solid p50, dashed p99, log scale'])}
${picture('shards', 'Shards', ['clay:shards', 'faint:cache operations a second'])}
${picture('breakers', 'Circuit breakers', ['good:closed', 'bad:open', 'warn:half-open'])}
</div>`;
}

function picture(id: string, title: string, keys: readonly string[]): Html {
  const items = keys.map((key) => {
    const [colour = '', label = ''] = key.split(':');
    return html`<li class="${colour}"><i></i>${label}</li>`;
  });
  return html`<section><h2>${title}</h2><ul class="key">${items}</ul><div class="picture" id="picture-${id}"></div></section>`;
}

function troubleSummary(figures: Figures): string {
  return [
    counted(figures.breakerOpenings, 'breaker opening'),
    counted(figures.breakerRecoveries, 'recovery', 'recoveries'),
    counted(figures.fallbacks, 'fallback'),
    `${counted(figures.fallbackAnswers, 'answer')} by the fallback`,
    `${counted(figures.total.failed, 'request')} without an answer`,
  ]
    .join(', ')
    .concat('.');
}

function tunerSummary(events: readonly DemoEvent[]): string {
  const start = eventsOf(events, 'run-started')[0];
  return `Looks every ${(start?.tunerIntervalMs ?? 0) / 1000} s and acts after ${start?.tunerHysteresis ?? 0} equal verdicts. Requests a second are cache operations, reads and writes.`;
}

function facts(events: readonly DemoEvent[], { eventsSha256, figures }: StoredFigures): Html {
  const start = eventsOf(events, 'run-started')[0];
  const corpus = eventsOf(events, 'corpus-read')[0];
  const questions = USE_CASES.map((useCase) => `${count(corpus?.questions[useCase] ?? 0)} ${useCase}`).join(', ');
  const rows: readonly (readonly [string, string])[] = [
    [
      'Corpus',
      `${counted(corpus?.documents ?? 0, 'document')} of ${counted(corpus?.packages ?? 0, 'installed package')}, ${decimals((corpus?.bytes ?? 0) / 1e6, 1)} MB`,
    ],
    ['Questions', questions],
    [
      'Law of the repeats',
      `Zipf: the k-th question is asked in proportion to 1 / k^${start?.zipfExponent ?? 0}; arrivals are Poisson, an open loop`,
    ],
    ['Warmed ahead', counted(figures.warmedQuestions, 'question')],
    ['Attempts upstream', `${count(figures.upstreamAttempts)}, failed ones and warmup included`],
    [
      'Answers checked',
      `${count(figures.answersCompared)} held against the provider's, ${count(figures.questionsReasked)} of the questions asked once more past the cache: ${counted(figures.mismatches, 'mismatch', 'mismatches')}`,
    ],
    ['Length', `${decimals(figures.durationMs / 1000, 1)} s, ${figures.ended}`],
    ['Event log (SHA-256)', eventsSha256],
  ];
  return html`<dl>${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}
