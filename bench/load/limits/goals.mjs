/** What must hold at the limits. */
import { formatCount, formatFigure, judge, least, most } from '../../lib/goal.mjs';
import { allowedBy, METERS, WINDOW_MS } from './meters.mjs';
import { describePrompt } from './prompts.mjs';

const MIB = 2 ** 20;
/** Resident bytes of a process with so many calls under way, of the acceptance figures. */
const MOST_RSS_MIB = 400;
/** Percent: a limiter that lets through less than it may is wrong as well. */
const LEAST_USED = 95;
/** Of the loop, in the middle one of the calls with a long prompt. */
const MOST_STOP_MS = 50;
/** Where the machine stood still for longer, a count at the provider says little of the limiter. */
const MOST_LATE_MS = 3_000;

/** @param {import('./suite.mjs').LimitsData} data */
export function judgeLimits({ flights, rates, prompts }) {
  return [...flights.flatMap(judgeFlight), ...rates.flatMap(judgeRate), ...judgePrompts(prompts)];
}

/** @param {import('./flight.mjs').Flight} flight */
function judgeFlight(flight) {
  const { kind, calls, connections, answered, problems, left, upstreamSockets } = flight;
  const open = left.sockets + left.timers + (left.descriptors ?? 0) + upstreamSockets;
  return [
    judge(least(`limits, ${kind}: calls at once`, calls, ''), flight.active, {
      note: `${formatFigure(flight.bytesACall / 1024)} KiB each`,
    }),
    judge(most(`limits, ${kind}: sockets at once, at the provider`, connections, ''), flight.peakSockets),
    judge(least(`limits, ${kind}: answered right`, calls, ''), answered, { note: problems.join(', ') }),
    judge(most(`limits, ${kind}: resident memory`, MOST_RSS_MIB, 'MiB'), flight.mostRssBytes / MIB),
    judge(most(`limits, ${kind}: sockets, timers, descriptors left open`, 0, ''), open),
  ];
}

/** A verdict for each length, on its worst kind. @param {readonly import('./prompts.mjs').PromptStops[]} prompts */
function judgePrompts(prompts) {
  const lengths = [...new Set(prompts.map(({ characters }) => characters))];
  return lengths.flatMap((characters) => {
    const own = prompts.filter((prompt) => prompt.characters === characters);
    const worst = own.reduce((a, b) => (b.medianStopMs > a.medianStopMs ? b : a));
    const area = `limits, a prompt of ${formatCount(characters)}`;
    const calls = own.reduce((sum, prompt) => sum + prompt.calls, 0);
    const answered = own.reduce((sum, prompt) => sum + prompt.answered, 0);
    return [
      judge(most(`${area}: longest stop of the loop`, MOST_STOP_MS, 'ms'), worst.medianStopMs, {
        note: `${describePrompt(worst)}; at most ${formatFigure(worst.longestStopMs)} ms`,
      }),
      judge(least(`${area}: answered right`, calls, ''), answered),
    ];
  });
}

/** @param {import('./rates.mjs').Rate} rate */
function judgeRate({ name, mostInMinute, seconds, lateMs }) {
  const meter = METERS[name];
  if (meter === undefined) return [];
  const isWhole = 1000 * seconds >= WINDOW_MS;
  return [
    judge(
      most(`limits, ${name}: ${meter.unit} in a minute`, Math.floor(allowedBy(meter)), ''),
      lateMs > MOST_LATE_MS ? undefined : mostInMinute,
      {
        note: `what came was up to ${lateMs.toFixed(0)} ms late`,
      },
    ),
    judge(
      least(`limits, ${name}: of what it allows, used`, LEAST_USED, '%'),
      isWhole ? (100 * mostInMinute) / meter.limit : undefined,
    ),
  ];
}
