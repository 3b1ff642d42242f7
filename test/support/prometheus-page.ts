/**
 * A strict reader of Prometheus text 0.0.4: throws at whatever a scraper could object to. HELP and TYPE once and first, no
 * sample twice, values that are numbers, histograms that rise to +Inf and agree with their count.
 */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export interface Family {
  readonly type: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const SUFFIXES = ['_bucket', '_sum', '_count'];

export function readPrometheus(page: string): Map<string, Family> {
  const families = new Map<string, { type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  if (!page.endsWith('\n')) throw new Error('the last line has no end');
  const lines = page.slice(0, -1).split('\n');
  let current: string | undefined;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const help = new RegExp(`^# HELP (${NAME}) \\S`).exec(line)?.[1];
    if (help !== undefined) {
      const type = new RegExp(`^# TYPE ${help} (counter|gauge|histogram)$`).exec(lines[++i] ?? '')?.[1];
      if (type === undefined) throw new Error(`${help} has no type`);
      if (families.has(help)) throw new Error(`${help} is announced twice`);
      families.set(help, { type, samples: [] });
      current = help;
      continue;
    }
    const sample = readSample(line);
    const family = families.get(current ?? '');
    if (family === undefined || current === undefined) throw new Error(`${line} belongs to no family`);
    const names = family.type === 'histogram' ? SUFFIXES.map((suffix) => `${current}${suffix}`) : [current];
    if (!names.includes(sample.name)) throw new Error(`${sample.name} is not of ${current}`);
    const identity = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).toSorted())}`;
    if (seen.has(identity)) throw new Error(`${identity} comes twice`);
    seen.add(identity);
    family.samples.push(sample);
  }
  for (const [name, { type, samples }] of families) {
    if (type === 'counter' && !name.endsWith('_total')) throw new Error(`the counter ${name} is no total`);
    if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`);
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return families;
}

function readSample(line: string): Sample {
  const match = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = '', text = '', number = ''] = match;
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
  return { name, labels: readLabels(text), value };
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    const [, name = '', quoted = ''] = match;
    if (Object.hasOwn(labels, name)) throw new Error(`the label ${name} comes twice`);
    labels[name] = quoted.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const groups = groupBy(samples);
  for (const [identity, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
    );
    const rises = (list: readonly number[], isStrict: boolean): boolean =>
      list.every(
        (value, i) => i === 0 || (isStrict ? value > (list[i - 1] as number) : value >= (list[i - 1] as number)),
      );
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const isSound =
      bounds.at(-1) === Number.POSITIVE_INFINITY &&
      rises(bounds, true) &&
      rises(
        buckets.map(({ value }) => value),
        false,
      ) &&
      count === buckets.at(-1)?.value &&
      group.some((sample) => sample.name === `${name}_sum`);
    if (!isSound) throw new Error(`the histogram ${name} of ${identity} is not sound`);
  }
}

function identityOf({ labels }: Sample): string {
  const { le: _, ...others } = labels;
  return JSON.stringify(Object.entries(others).toSorted());
}

function groupBy(samples: readonly Sample[]): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const identity = identityOf(sample);
    groups.set(identity, [...(groups.get(identity) ?? []), sample]);
  }
  return groups;
}
