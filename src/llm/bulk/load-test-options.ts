/** What a load test can be told, and what it makes of it. */
import { type Clock, systemClock } from '../../core/clock.js';
import { ConfigError } from '../../core/errors.js';
import type { Duration } from '../../core/units.js';
import { callback, custom, decimal, integer } from '../../options/value-type.js';
import { type Message, userMessage } from '../../protocol/chat.js';
import { groupOf, isRecord } from '../setting-types.js';
import type { PerCall } from '../types.js';
import type { LoadReport } from './load-report.js';
import { clockType, parseSettings, signalType, spanType } from './settings.js';

export interface LoadTestOptions {
  /** How long calls begin; the last answers come later. From 1 ms. */
  readonly duration: Duration;
  /** Calls that begin each second, above 0 to 100,000. The first begins at once. */
  readonly rps: number;
  /** Asked in turn, over and over; or `makeMessages`. With a cache they are hits from the second round on. */
  readonly prompts?: readonly (string | readonly Message[])[];
  /** The messages of each call, counted from 0. What it throws ends the test. */
  readonly makeMessages?: (index: number) => readonly Message[];
  /** Settings of every call. */
  readonly perCall?: Omit<PerCall, 'signal'>;
  /** Calls under way at once, from 1; others wait, and their wait counts as latency. Default: no bound. */
  readonly maxInFlight?: number;
  /** Default: the process's. Give the client's own where that is not. */
  readonly clock?: Clock;
  /** Aborts the test and all its calls. */
  readonly signal?: AbortSignal;
  /** Told of the report so far, with an answer, about as often as `progressInterval` says. What it throws ends the test. */
  readonly onProgress?: (report: LoadReport) => void;
  /** From 1 ms. Default 1 s. */
  readonly progressInterval?: Duration;
}

export interface LoadTestSettings {
  readonly durationMs: number;
  readonly rps: number;
  readonly messagesOf: (index: number) => readonly Message[];
  readonly perCall: Omit<PerCall, 'signal'> | undefined;
  readonly maxInFlight: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: LoadTestOptions['onProgress'];
  readonly progressMs: number;
}

type Prompts = NonNullable<LoadTestOptions['prompts']>;
interface Given {
  readonly duration: number;
  readonly rps: number;
  readonly makeMessages: LoadTestOptions['makeMessages'];
  readonly perCall: Omit<PerCall, 'signal'> | undefined;
  readonly maxInFlight: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: LoadTestOptions['onProgress'];
  readonly progressInterval: number;
}

const MAX_RPS = 100_000;
/** Above 0: a call an hour and a half, and rarer is no load. */
const MIN_RPS = 0.0002;

const optionsType = groupOf<Given>('an object with duration, rps and prompts or makeMessages', {
  duration: { type: spanType },
  rps: { type: decimal({ min: MIN_RPS, max: MAX_RPS }) },
  makeMessages: { type: callback('(index) => messages'), fallback: undefined },
  perCall: { type: custom('an object of settings of a call', isRecord), fallback: undefined },
  maxInFlight: { type: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fallback: Number.POSITIVE_INFINITY },
  clock: { type: clockType, fallback: systemClock },
  signal: { type: signalType, fallback: undefined },
  onProgress: { type: callback('(report) => void'), fallback: undefined },
  progressInterval: { type: spanType, fallback: 1000 },
});

/** Throws a ConfigError that lists every problem; no prompt is quoted. */
export function loadSettings(options: LoadTestOptions): LoadTestSettings {
  const { prompts, ...others } = options ?? {};
  const { duration, progressInterval, makeMessages, ...rest } = parseSettings('loadTestLLM', optionsType, others);
  const messagesOf = makeMessages ?? inTurn(prompts);
  if (messagesOf === undefined || (makeMessages !== undefined && prompts !== undefined)) {
    const expected = 'a list of at least one text or list of messages; or makeMessages, not both';
    const received = prompts === undefined ? 'neither' : makeMessages === undefined ? 'another list' : 'both';
    throw new ConfigError('loadTestLLM', [{ path: 'prompts', expected, received, setBy: 'the call' }]);
  }
  return { ...rest, messagesOf, durationMs: duration, progressMs: progressInterval };
}

/** Undefined when there is nothing to ask. */
function inTurn(prompts: Prompts | undefined): ((index: number) => readonly Message[]) | undefined {
  if (!Array.isArray(prompts) || prompts.length === 0) return undefined;
  if (!prompts.every((prompt) => typeof prompt === 'string' || Array.isArray(prompt))) return undefined;
  const messages = (prompts as Prompts).map((prompt) => (typeof prompt === 'string' ? [userMessage(prompt)] : prompt));
  return (index) => messages[index % messages.length] as readonly Message[];
}
