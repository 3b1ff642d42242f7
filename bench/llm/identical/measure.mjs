/** Upstream calls that many equal questions at once make, counted by the stub. Nothing is timed. */
import { formatCount, judge } from '../../lib/goal.mjs';
import { measureOnce } from '../../lib/measured-process.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { IDENTICAL_GOAL, WHOLE_CLIENT } from '../goals.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const CALLERS = { full: 10_000, quick: 10_000, smoke: 200 };
/** A rival opens a connection for each call: as many as any machine lets it. */
const RIVAL = 'openai';
const RIVAL_CALLERS = { full: 500, quick: 500, smoke: 20 };

const CASES = [
  { isStreamed: false, isLeaving: false },
  { isStreamed: true, isLeaving: false },
  { isStreamed: false, isLeaving: true },
  { isStreamed: true, isLeaving: true },
];

/**
 * @param {import('../../lib/measured-process.mjs').MeasuredProcess} stub
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureIdentical(stub, { scale, signal, progress, print }) {
  const ours = CASES.map((each) => ({ ...each, subject: WHOLE_CLIENT, callers: CALLERS[scale] }));
  const theirs = CASES.filter(({ isLeaving }) => !isLeaving).map((each) => {
    return { ...each, subject: RIVAL, callers: RIVAL_CALLERS[scale] };
  });
  const rows = [];
  for (const plan of [...ours, ...theirs]) {
    signal.throwIfAborted();
    progress(`llm: ${plan.callers} identical calls, ${plan.subject}`);
    await stub.round(0);
    const { answered, left, failed } = await measureOnce({
      module: JOB,
      options: { ...plan, origin: stub.info.origin },
    });
    const { requests } = await stub.round(0);
    if (failed > 0) throw new Error(`${plan.subject}: ${failed} of ${plan.callers} identical calls failed`);
    rows.push({ ...plan, answered, left, requests });
  }
  print(`\nidentical calls at once\n${tableOf(rows)}`);
  const verdicts = rows
    .filter(({ subject }) => subject === WHOLE_CLIENT)
    .map(({ callers, isStreamed, isLeaving, answered, left, requests }) => {
      const rival = rows.find((row) => row.subject === RIVAL && row.isStreamed === isStreamed);
      const area = `${formatCount(callers)} identical calls at once, ${wordsOf({ isStreamed, isLeaving })}`;
      return judge({ ...IDENTICAL_GOAL, area }, requests, {
        rivals: rival === undefined ? '' : `${RIVAL} ${rival.requests} of ${rival.callers}`,
        note: `${answered} answered, ${left} left, none failed`,
      });
    });
  return { verdicts, data: { rows } };
}

/** @param {{ isStreamed: boolean, isLeaving: boolean }} plan */
export function wordsOf({ isStreamed, isLeaving }) {
  return `${isStreamed ? 'streamed' : 'whole'}${isLeaving ? ', a random half leaves' : ''}`;
}

/** @param {readonly any[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'calls', 'how', 'answered', 'left', 'upstream'],
    rows.map(({ subject, callers, answered, left, requests, ...plan }) => [
      subject,
      String(callers),
      wordsOf(plan),
      String(answered),
      String(left),
      String(requests),
    ]),
  );
}
