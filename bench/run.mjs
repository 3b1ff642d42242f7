/**
 * Measures the library and says what was reached. Usage: npm run bench -- [suite...] [--quick | --smoke] [options]
 * Exit code 0 also when goals are missed, unless --strict; 1 for an error, 2 when a null comparison voids the run, 130 when
 * interrupted.
 */
import { readArguments, USAGE } from './lib/arguments.mjs';
import { Forecast } from './lib/forecast.mjs';
import { describeVerdict, formatFigure } from './lib/goal.mjs';
import { stampMachine } from './lib/machine.mjs';
import { EXIT, exitCodeOf, isVoidRun } from './lib/outcome.mjs';
import { prepareRun } from './lib/prepare-run.mjs';
import { Progress } from './lib/progress.mjs';
import { storeResult } from './lib/results.mjs';
import { textTable } from './lib/text-table.mjs';
import { LOAD_SUITES, loadSuites, SUITES } from './suites/suites.mjs';

const progress = new Progress();
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));

try {
  process.exitCode = await main();
} catch (error) {
  progress.clear();
  if (!interrupted.signal.aborted) process.stderr.write(`bench: ${/** @type {Error} */ (error).message}\n`);
  process.exitCode = interrupted.signal.aborted ? EXIT.interrupted : EXIT.error;
}

async function main() {
  const wanted = readArguments(process.argv.slice(2), SUITES, LOAD_SUITES);
  if (wanted.isHelp) {
    print(USAGE);
    return EXIT.measured;
  }
  prepareRun((text) => process.stderr.write(`${text}\n`));
  const suites = await loadSuites(wanted.suites);
  const forecast = new Forecast(suites, wanted.scale);
  // Of a part of a suite nobody knows.
  const isWhole = wanted.scale !== 'smoke' && Object.keys(wanted.filters).length === 0;
  if (isWhole) print(forecast.describe());
  const outcomes = [];
  for (const suite of suites) {
    forecast.begin(performance.now());
    outcomes.push(await runSuite(suite, wanted, () => (isWhole ? forecast.label(performance.now()) : '')));
  }
  const verdicts = outcomes.flatMap((outcome) => outcome.verdicts);
  if (verdicts.length > 0 && wanted.scale !== 'smoke') print(`\n${verdictTable(verdicts)}`);
  const strayed = outcomes
    .filter(({ isVoid }) => isVoid)
    .flatMap(({ nulls }) => nulls)
    .filter((each) => each.isVoid);
  for (const { subject, on, ratio } of strayed) {
    print(`void: ${subject} against itself measured ${formatFigure(ratio)}x (${on}); the limit is 5 %`);
  }
  return exitCodeOf(outcomes, wanted.isStrict);
}

/**
 * @param {import('./lib/suite.mjs').Suite} suite
 * @param {import('./lib/arguments.mjs').Wanted} wanted
 * @param {() => string} labelOf what stands before a line of progress
 */
async function runSuite(suite, { scale, filters }, labelOf) {
  const startMs = performance.now();
  const machine = stampMachine();
  print(`\n== ${suite.name}: ${suite.title} (${scale})`);
  const context = {
    scale,
    wanted: filters,
    print,
    progress: (/** @type {string} */ text) => progress.show(`${labelOf()}${text}`),
    signal: interrupted.signal,
  };
  const { nulls, verdicts, data } = await suite.run(context);
  const isVoid = isVoidRun(scale, nulls);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const command = ['npm run bench --', suite.name, ...(scale === 'full' ? [] : [`--${scale}`])].join(' ');
  const isPartial = Object.keys(filters).length > 0;
  const { name, title } = suite;
  const result = { suite: name, title, command, scale, isPartial, machine, seconds, nulls, isVoid, verdicts, data };
  const stored = scale === 'smoke' ? 'nothing stored' : `stored in ${await storeResult(result)}`;
  print(`\n${suite.name}: ${seconds} s, ${stored}`);
  return result;
}

/** @param {readonly import('./lib/goal.mjs').Verdict[]} verdicts */
function verdictTable(verdicts) {
  return textTable(
    ['area', 'goal', 'best rival', 'measured', 'verdict', 'note'],
    verdicts.map((verdict) => [
      verdict.area,
      verdict.goal,
      verdict.rivals,
      verdict.measured === null ? 'n/a' : `${formatFigure(verdict.measured)} ${verdict.unit}`,
      describeVerdict(verdict),
      verdict.note ?? '',
    ]),
  );
}

/** @param {string} text */
function print(text) {
  progress.clear();
  process.stdout.write(`${text}\n`);
}
