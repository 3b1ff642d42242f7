/**
 * What is asked of a client at twice the capacity, and the verdicts. The figures are those a gateway is to reach; a client
 * can only do its part: hold back, refuse early, and leave the provider free for what it does send.
 */
import { formatFigure, judge, least, most } from '../../lib/goal.mjs';
import { calmestP99 } from './knee.mjs';

const OVERLOAD = 2;
/** The client that is set for it. */
const SUBJECT = 'tight';

/** @param {{ contenders: readonly import('./suite.mjs').ContenderResult[], refusal: { cpuUs: number } }} data */
export function judgeSaturation({ contenders, refusal }) {
  const ours = contenders.find(({ contender }) => contender === SUBJECT);
  const rival = contenders.find(({ contender }) => contender === 'unlimited');
  const over = overloadOf(ours);
  const rivalOver = overloadOf(rival);
  const after = ours?.steps.find(({ isAfterwards }) => isAfterwards);
  const slower = (/** @type {number | undefined} */ ms) => (ms ?? Number.NaN) / calmestP99(ours?.steps ?? []);
  return [
    judge(least('overload at 2x: answered, of the capacity', 95, '%'), 100 * (over?.goodput ?? Number.NaN), {
      note: rivalOver === undefined ? '' : `${formatFigure(100 * rivalOver.goodput)} % without limit`,
    }),
    judge(most('overload at 2x: p99 of answers, beside unloaded', 2, 'x'), slower(over?.p99Ms), {
      note: rivalOver === undefined ? '' : `${formatFigure(slower(rivalOver.p99Ms))}x without limit`,
    }),
    judge(most('overload: CPU of a refusal', 100, 'us'), refusal.cpuUs),
    judge(most('overload over: p99 of answers, beside unloaded', 2, 'x'), slower(after?.p99Ms)),
    judge(least('overload over: answered, of the calls', 99, '%'), 100 * (after?.answeredShare ?? Number.NaN)),
  ];
}

/** @param {import('./suite.mjs').ContenderResult | undefined} result */
function overloadOf(result) {
  return result?.steps.find(({ load, isAfterwards }) => load === OVERLOAD && !isAfterwards);
}
