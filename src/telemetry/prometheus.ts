/** Prometheus text exposition format 0.0.4 of metric families, and one page of several texts. Collects nothing itself. */
import type { Labels, MetricFamily, Series } from './metric.js';

/** The families in the given order, a HELP and a TYPE line before each; ends with a line feed. O(series). */
export function renderPrometheus(families: readonly MetricFamily[]): string {
  return families.map(renderFamily).join('');
}

/**
 * Several texts of ours as one page: a family that is in more than one of them stands once, with the samples of all, since
 * a page must not announce one twice. Their samples have to differ in a label. O(length).
 */
export function joinPrometheus(...texts: readonly string[]): string {
  const heads = new Map<string, string>();
  const samples = new Map<string, string>();
  for (const family of texts.flatMap((text) => text.split(/^(?=# HELP )/m)).filter((part) => part !== '')) {
    const [, head = '', rest = ''] = /^(# HELP .*\n# TYPE .*\n)([\s\S]*)$/.exec(family) ?? [];
    const name = head.split(' ', 3)[2] ?? '';
    if (!heads.has(name)) heads.set(name, head);
    samples.set(name, (samples.get(name) ?? '') + rest);
  }
  return Array.from(heads, ([name, head]) => head + (samples.get(name) ?? '')).join('');
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
