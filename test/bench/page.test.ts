/** The docs page of the benchmarks: written from stored results, and not by hand. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { judge } from '../../bench/lib/goal.mjs';
import { judgeNull } from '../../bench/lib/null-comparison.mjs';
import { barChart } from '../../bench/page/bar-chart.mjs';
import { renderLatest, renderPage } from '../../bench/page/render.mjs';
import { renderSummary, withSummary } from '../../bench/page/summary.mjs';
import { SUITE_NAMES } from '../../bench/suites/suites.mjs';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const MACHINE = {
  date: '2026-01-02T03:04:05.000Z',
  cpu: 'Abacus 3',
  cores: 2,
  memoryGiB: 8,
  os: 'linux 6 x64',
  node: '20.19.0',
  v8: '11.3',
  load: 0.5,
  commit: 'abcdef123456',
  isDirty: false,
};
const GOAL = { area: 'bytes an entry', text: '<= 50 B', bound: 50, sense: 'most', unit: 'B' } as const;

function memoryResult({ measured = 40, nullRatio = 1.01 } = {}) {
  const nulls = [judgeNull('lru-cache', 'bytes', nullRatio)];
  const isVoid = nulls.some((each) => each.isVoid);
  return {
    suite: 'memory',
    title: 'bytes an entry',
    command: 'npm run bench -- memory',
    scale: 'full' as const,
    isPartial: false,
    machine: MACHINE,
    seconds: 130,
    nulls,
    isVoid,
    verdicts: [judge(GOAL, measured, { isVoid })],
    data: { size: 1_000_000, rows: [{ subject: 'sherd', full: 38, churned: measured, entries: 1_000_000 }] },
  };
}

describe('the page', () => {
  test('a section names its command, day, commit and machine', () => {
    const { text } = renderPage([memoryResult()], []);
    expect(text).toContain(
      '`npm run bench -- memory`, 2 min. 2026-01-02, commit abcdef123456, Abacus 3, 2 cores, 8 GiB, linux 6 x64, Node 20.19.0',
    );
  });

  test('the table of goals says what was reached and what was missed', () => {
    expect(renderPage([memoryResult()], []).text).toContain('| 40.0 B | reached | memory |');
    expect(renderPage([memoryResult({ measured: 100 })], []).text).toContain('| 100 B | missed by 2.00x | memory |');
  });

  test('figures of a void run are called void', () => {
    const { text } = renderPage([memoryResult({ nullRatio: 1.2 })], []);
    expect(text).toContain('void (reached)');
    expect(text).toContain('Null comparisons: 1, from 1.20 to 1.20; 1 strayed.');
  });

  test('each picture that the text shows is made, and no other', () => {
    const { text, images } = renderPage([memoryResult()], []);
    const shown = [...text.matchAll(/\.\.\/images\/([^)]+)\)/g)].map((match) => match[1]);
    expect(images.map(({ file }) => file)).toEqual(shown);
  });

  test('a suite that was never run in full is named as missing', () => {
    expect(renderPage([], ['growth', 'gc']).text).toContain('Not measured yet: growth, gc.');
  });

  test('the page in docs is the one that the latest results give; `npm run bench:page` writes it', async () => {
    const { text, images } = await renderLatest(SUITE_NAMES);
    expect(await readFile(`${DOCS}/guide/benchmarks.md`, 'utf8')).toBe(text);
    const files = (await readdir(`${DOCS}/images`)).filter((file) => file.startsWith('bench-'));
    expect(files.sort()).toEqual(images.map(({ file }) => file).sort());
    for (const { file, svg } of images) expect(await readFile(`${DOCS}/images/${file}`, 'utf8')).toBe(svg);
  });
});

describe("README's figures", () => {
  test('are those of the latest results, one row for each that it speaks of', async () => {
    const readme = await readFile(`${DOCS}/../README.md`, 'utf8');
    const table = await renderSummary();
    expect(table.split('\n')).toHaveLength(2 + 7);
    expect(withSummary(readme, table)).toBe(readme);
  });

  test('a README without a place for them is said to have none', () => {
    expect(() => withSummary('# a library', 'table')).toThrow(/no place for figures/);
  });
});

describe('a bar chart', () => {
  const bars = [
    { label: 'ours', value: 4, low: 3, high: 5, isOurs: true },
    { label: 'theirs & <others>', value: 2, isOurs: false },
  ];
  const widths = (svg: string) =>
    [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map((match) => Number(match[1]));

  test('a bar of half the value is half as long', () => {
    const [long = 0, short = 0] = widths(barChart({ title: 'speed', unit: 'x', bars }));
    expect(long / short).toBeCloseTo(2, 1);
  });

  test('on a logarithmic scale ten times the value adds a fixed length', () => {
    const powers = [1, 10, 100].map((value) => ({ label: String(value), value, isOurs: false }));
    const [one = 0, ten = 0, hundred = 0] = widths(
      barChart({ title: 't', unit: 'ms', bars: powers, isLogarithmic: true }),
    );
    expect(one).toBeGreaterThan(0);
    expect(hundred - ten).toBeCloseTo(ten - one, 0);
  });

  test('names cannot break the picture', () => {
    const svg = barChart({ title: 'a "title"', unit: 'x', bars });
    expect(svg).toContain('theirs &amp; &lt;others&gt;');
    expect(svg).toContain('aria-label="a &quot;title&quot;"');
  });

  test('the goal is a line with its words', () => {
    const svg = barChart({ title: 't', unit: 'ms', bars, goal: { value: 3, label: 'goal: at most 3 ms' } });
    expect(svg).toContain('goal: at most 3 ms');
    expect(svg).toContain('stroke-dasharray');
  });
});
