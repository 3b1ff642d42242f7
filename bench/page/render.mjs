/** The page of the benchmarks from the latest results: the goals in one table, then a section for each suite. */
import { describeVerdict, formatFigure } from '../lib/goal.mjs';
import { readLatest } from '../lib/results.mjs';
import { markdownTable } from './markdown.mjs';
import { SECTIONS } from './sections.mjs';

/** @typedef {import('../lib/results.mjs').SuiteResult} SuiteResult */

const HEAD = `# Benchmarks

<!-- Written by \`npm run bench:page\` from bench/results/latest: edits here are lost. -->

Every figure comes from a command that anyone can run; it stands beside its section. \`npm run bench\` runs them all.

**How.** One subject a process, nothing else in it. Rounds are interleaved in random order, so that whatever disturbs the machine disturbs all. Times are CPU time of the whole process, concurrent garbage collection included, each divided by a calibration loop of its own process; what is shown are medians of ratios between rounds that stood side by side. A subject that answers wrongly is not measured. A rival against itself is part of every run: where it strays over 5 %, the figures are void and say so. *Fresh* keys are strings whose hash nobody has computed, as they come from the network; *same* keys are the stored string objects.`;

/**
 * The page as the latest results have it.
 * @param {readonly string[]} suites in the order of the page
 */
export async function renderLatest(suites) {
  const latest = await Promise.all(suites.map(readLatest));
  const results = latest.flatMap((result) => (result === undefined ? [] : [result]));
  return renderPage(
    results,
    suites.filter((_, index) => latest[index] === undefined),
  );
}

/**
 * @param {readonly SuiteResult[]} results in the order of the page
 * @param {readonly string[]} missing suites that were never run in full
 */
export function renderPage(results, missing) {
  const sections = results.map((result) => ({ result, section: SECTIONS[result.suite]?.(result.data) }));
  const text = [
    HEAD,
    '## Goals',
    goalTable(results),
    ...sections.flatMap(({ result, section }) => [
      `## ${result.suite}: ${result.title}`,
      provenance(result),
      ...(section === undefined ? [] : [section.text]),
    ]),
    ...(missing.length === 0 ? [] : [`Not measured yet: ${missing.join(', ')}.`]),
  ].join('\n\n');
  return { text: `${text}\n`, images: sections.flatMap(({ section }) => section?.images ?? []) };
}

/** @param {readonly SuiteResult[]} results */
function goalTable(results) {
  const verdicts = results.flatMap(({ suite, verdicts: own }) => own.map((verdict) => ({ suite, verdict })));
  if (verdicts.length === 0) return 'None measured yet.';
  return markdownTable(
    ['area', 'goal', 'best rival', 'measured', 'verdict', 'suite', 'note'],
    verdicts.map(({ suite, verdict }) => [
      verdict.area,
      verdict.goal,
      verdict.rivals,
      verdict.measured === null ? '-' : `${formatFigure(verdict.measured)} ${verdict.unit}`,
      describeVerdict(verdict),
      suite,
      verdict.note ?? '',
    ]),
  );
}

/** @param {SuiteResult} result */
function provenance({ command, machine, seconds, nulls, isVoid }) {
  const { date, cpu, cores, memoryGiB, os, node, v8, load, commit, isDirty } = machine;
  const ratios = nulls.map(({ ratio }) => ratio);
  const strayed = nulls.filter((each) => each.isVoid).length;
  const nullText =
    ratios.length === 0
      ? ''
      : ` Null comparisons: ${ratios.length}, from ${formatFigure(Math.min(...ratios))} to ${formatFigure(Math.max(...ratios))}` +
        `${isVoid ? `; ${strayed} strayed` : ''}.`;
  return (
    `\`${command}\`, ${Math.max(1, Math.round(seconds / 60))} min. ${date.slice(0, 10)}, commit ${commit}${isDirty ? ' with changes' : ''}, ` +
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${os}, Node ${node} (V8 ${v8}), load ${load} at the start.${nullText}`
  );
}
