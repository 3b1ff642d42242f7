/** What a run of `limits` shows. */
import { formatCount, formatFigure } from '../../lib/goal.mjs';
import { METERS } from './meters.mjs';
import { describePrompt } from './prompts.mjs';

const MIB = 2 ** 20;

/**
 * @param {import('./suite.mjs').LimitsData} data
 * @returns {import('../lib/tables.mjs').Table[]}
 */
export function limitTables({ flights, rates, footprints, prompts }) {
  return [
    {
      title: 'calls at once',
      head: [
        'calls',
        'at once',
        'at the stub',
        'sockets',
        'answered',
        'KiB a call',
        'RSS MiB',
        'opened s',
        'answered s',
        'longest stop ms',
      ],
      rows: flights.map((flight) => [
        flight.kind,
        String(flight.active),
        String(flight.atWorkHeld),
        String(flight.peakSockets),
        `${flight.answered} of ${flight.calls}`,
        formatFigure(flight.bytesACall / 1024),
        (flight.mostRssBytes / MIB).toFixed(0),
        (flight.openingMs / 1000).toFixed(2),
        (flight.answeringMs / 1000).toFixed(2),
        formatFigure(flight.longestStopMs),
      ]),
    },
    {
      title: 'rate limits, counted at the stub',
      head: ['limit', 'a minute', 'offered calls/s', 'calls', 'answered', 'counted', 'most in a minute', 'refusals'],
      rows: rates.map(({ name, sent, answered, counted, mostInMinute, codes }) => [
        name,
        String(METERS[name]?.limit),
        String(METERS[name]?.offeredRps),
        ...[sent, answered, counted, mostInMinute].map(String),
        Object.entries(codes)
          .map(([code, count]) => `${code} ${count}`)
          .join(', '),
      ]),
    },
    {
      title: 'bytes of a client while nothing is asked',
      head: [
        'clients',
        'connections',
        'KiB, nothing asked yet',
        'KiB, with a connection',
        'KiB left when all are closed',
      ],
      rows: footprints.map(({ clients, connections, bytesAClient, bytesAConnectedClient, bytesLeft }) => [
        String(clients),
        String(connections),
        ...[bytesAClient, bytesAConnectedClient, bytesLeft].map((bytes) => formatFigure(bytes / 1024)),
      ]),
    },
    {
      title: 'long prompts: the longest stop of the loop in a call',
      head: ['characters', 'prompt', 'calls', 'answered', 'median ms', 'most ms'],
      rows: prompts.map((prompt) => [
        formatCount(prompt.characters),
        describePrompt(prompt),
        String(prompt.calls),
        String(prompt.answered),
        formatFigure(prompt.medianStopMs),
        formatFigure(prompt.longestStopMs),
      ]),
    },
  ];
}
