/** Prometheus text exposition format 0.0.4 of metric families. Collects nothing itself. */
import type { Labels, MetricFamily, Series } from './metric.js';

/** The families in the given order, a HELP and a TYPE line before each; ends with a line feed. O(series). */
export function renderPrometheus(families: readonly MetricFamily[]): string {
  return families.map(renderFamily).join('');
}

function renderFamily(family: MetricFamily): string {
  const head = `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.kind}\n`;
  return head + family.series.map((series) => renderSeries(family.name, series)).join('');
}

function renderSeries(name: string, { labels, value, buckets }: Series): string {
  if (buckets === undefined) return renderSample(name, labels, value);
  const lines = buckets.map(({ le, count }) =>
    renderSample(`${name}_bucket`, { ...labels, le: renderNumber(le) }, count),
  );
  const total = buckets.at(-1)?.count ?? 0;
  return [...lines, renderSample(`${name}_sum`, labels, value), renderSample(`${name}_count`, labels, total)].join('');
}

function renderSample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${renderNumber(value)}\n`;
}

function renderNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
