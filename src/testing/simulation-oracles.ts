/**
 * What must hold in every simulated run, whatever goes wrong. Each oracle watches one promise and knows no client, only
 * what callers and providers saw. Those of limits hold their tongue where no limit is given.
 */
import {
  isDeadlineError,
  isProviderError,
  isRateLimitError,
  isSherdError,
  type ProviderError,
} from '../core/errors.js';
import { type TextMark, verifyText } from './simulated-text.js';
import type { Oracle, SimulatedAttempt, SimulatedCall, SimulationEvent, SimulationLimits } from './simulation.js';

/** Every call settles once, and the client counts it once. */
const settlesOnce: Oracle = {
  name: 'settles-once',
  watch({ calls, active }) {
    const settled = new Set<number>();
    let told = 0;
    return {
      after(event) {
        if (event.kind === 'call-ended') told++;
        if (event.kind !== 'call-settled') return undefined;
        if (settled.has(event.call.id)) return `call ${event.call.id} settled twice`;
        settled.add(event.call.id);
        return undefined;
      },
      atEnd() {
        const open = calls.filter(({ outcome }) => outcome === 'running');
        if (open.length > 0) return `${open.length} calls never settled, the first is call ${open[0]?.id}`;
        if (active() !== undefined && told !== calls.length)
          return `${told} of ${calls.length} calls were told as ended`;
        return undefined;
      },
    };
  },
};

/** No piece of a text is repeated, missing or another answer's; a whole answer is whole, and both ways of reading agree. */
const textIntact: Oracle = {
  name: 'text-intact',
  watch: () => ({
    after(event) {
      if (event.kind !== 'call-chunk' && event.kind !== 'call-settled') return undefined;
      const { id, text, question, outcome, response } = event.call;
      if (text === '' && outcome !== 'answered') return undefined;
      const verified = verifyText(text);
      if (!verified.ok) return `call ${id}: ${verified.problem}`;
      if (verified.mark.question !== question)
        return `call ${id} asked ${question}, the text is of ${verified.mark.question}`;
      if (outcome !== 'answered') return undefined;
      if (!verified.isWhole) return `call ${id}: answered with a part of a text`;
      return response?.text === text ? undefined : `call ${id}: the chunks and the answer tell two stories`;
    },
  }),
};

/** The mark of a whole answer that is being given, if it has one. */
function markOf(event: SimulationEvent): { readonly call: SimulatedCall; readonly mark: TextMark } | undefined {
  if (event.kind !== 'call-settled' || event.call.outcome !== 'answered') return undefined;
  const verified = verifyText(event.call.text);
  return verified.ok ? { call: event.call, mark: verified.mark } : undefined;
}

/** An answer is given, cached or shared only after its provider has finished it. */
const finishedOnly: Oracle = {
  name: 'finished-only',
  watch: ({ attempts }) => ({
    after(event) {
      const given = markOf(event);
      if (given === undefined) return undefined;
      const { call, mark } = given;
      const attempt = attempts[mark.attempt];
      if (attempt?.outcome !== 'answered')
        return `call ${call.id} got the text of attempt ${mark.attempt}, which is ${attempt?.outcome}`;
      const isOwn = call.response?.cached === false && call.response.shared === false;
      return call.isCached || isOwn ? undefined : `call ${call.id} asked for no cache and got another call's answer`;
    },
  }),
};

/** Nobody gets an answer that was made for another tenant. */
const tenantsApart: Oracle = {
  name: 'tenants-apart',
  watch: () => ({
    after(event) {
      const given = markOf(event);
      if (given === undefined || given.mark.tenant === given.call.tenant) return undefined;
      return `call ${given.call.id} of tenant ${given.call.tenant} got an answer made for tenant ${given.mark.tenant}`;
    },
  }),
};

/** Seconds for which the free retries of a budget may be saved up. */
const BUDGET_WINDOW_SECONDS = 10;

/** Attempts stay within what the calls may cause. */
const attemptsInBudget: Oracle = {
  name: 'attempts-in-budget',
  watch({ clock, limits, providers, calls, attempts }) {
    const balance = new Map<string, number>();
    const startMs = clock.nowMs();
    function add({ question, tenant }: SimulatedCall | SimulatedAttempt, by: number): number {
      const key = `${question} ${tenant}`;
      const sum = (balance.get(key) ?? 0) + by;
      balance.set(key, sum);
      return sum;
    }
    return {
      after(event) {
        if (event.kind === 'call-started') add(event.call, limits.attemptsPerCall ?? Number.POSITIVE_INFINITY);
        if (event.kind !== 'attempt-started') return undefined;
        const { attempt } = event;
        if (add(attempt, -1) < 0) return `question ${attempt.question} was asked more often than its calls allow`;
        if (limits.retries === undefined) return undefined;
        const seconds = (clock.nowMs() - startMs) / 1000 + BUDGET_WINDOW_SECONDS;
        const retries = limits.retries.share * calls.length + limits.retries.minPerSecond * seconds;
        const most = calls.length * providers.length + retries;
        return attempts.length <= most
          ? undefined
          : `${attempts.length} attempts, the budget allows ${Math.floor(most)}`;
      },
    };
  },
};

/** A breaker that is half open lets one attempt through at a time. */
const oneProbe: Oracle = {
  name: 'one-probe',
  watch() {
    const probes = new Map<string, Set<number>>();
    return {
      after(event) {
        if (event.kind === 'breaker-changed') {
          if (event.event.to === 'half-open') probes.set(event.event.provider, new Set());
          else probes.delete(event.event.provider);
        }
        if (event.kind === 'attempt-ended') probes.get(event.attempt.provider)?.delete(event.attempt.id);
        if (event.kind !== 'attempt-started') return undefined;
        const running = probes.get(event.attempt.provider)?.add(event.attempt.id).size ?? 0;
        return running <= 1 ? undefined : `${running} probes of ${event.attempt.provider} at once`;
      },
    };
  },
};

/** When the time of a call is up: by its own limit, or else the client's. */
function endOf({ startedAtMs, totalTimeoutMs }: SimulatedCall, { callMs }: SimulationLimits): number {
  return startedAtMs + (totalTimeoutMs ?? callMs ?? Number.POSITIVE_INFINITY);
}

/** No call takes longer than its limit, and an abort ends it at once. */
const deadlinesKept: Oracle = {
  name: 'deadlines-kept',
  watch: ({ limits }) => ({
    after(event) {
      if (event.kind !== 'call-settled') return undefined;
      const { id, startedAtMs, settledAtMs = startedAtMs, abortedAtMs } = event.call;
      const endMs = endOf(event.call, limits);
      if (settledAtMs > endMs) return `call ${id} took ${settledAtMs - startedAtMs} ms of ${endMs - startedAtMs}`;
      if (abortedAtMs === undefined || settledAtMs === abortedAtMs) return undefined;
      return `call ${id} ended ${settledAtMs - abortedAtMs} ms after its abort`;
    },
  }),
};

/** No call ends for want of time while it has some: what others are content with, who ask the same, is not its limit. */
const timeIsOwn: Oracle = {
  name: 'time-is-own',
  watch: ({ limits }) => ({
    after(event) {
      if (event.kind !== 'call-settled' || event.call.outcome !== 'failed') return undefined;
      const { id, startedAtMs, settledAtMs = startedAtMs, error } = event.call;
      const leftMs = endOf(event.call, limits) - settledAtMs;
      if (leftMs > 0 && isDeadlineError(error) && error.kind === 'total')
        return `call ${id} timed out with ${leftMs} ms left`;
      if (limits.owedRetries === undefined || !isRefusal(error)) return undefined;
      const { count, jitterMs } = limits.owedRetries;
      const retries = Math.max(0, error.attempts.length - 1);
      if (retries >= count || (error.retryAfterMs ?? 0) + jitterMs >= leftMs) return undefined;
      return `call ${id} was given up after ${retries} of ${count} retries with ${leftMs} ms left`;
    },
  }),
};

/** What may heal, and was said before anything of an answer: by the provider, or by a limit of the client's own. */
function isRefusal(error: unknown): error is ProviderError {
  if (!isProviderError(error) || !error.retryable) return false;
  return error.code === 'ERR_PROVIDER_STATUS' || isRateLimitError(error);
}

/** What fails does so with a typed error; what was aborted, with its caller's reason. */
const typedErrors: Oracle = {
  name: 'typed-errors',
  watch: () => ({
    after(event) {
      if (event.kind !== 'call-settled') return undefined;
      const { id, outcome, error, signal } = event.call;
      if (outcome === 'failed' && !isSherdError(error))
        return `call ${id} failed with something untyped: ${nameOf(error)}`;
      if (outcome === 'aborted' && error !== signal.reason)
        return `call ${id} was aborted, and failed with ${nameOf(error)}`;
      return undefined;
    },
  }),
};

/** Once all is over, nothing is under way, no timer waits, no signal is listened to. */
const nothingLeft: Oracle = {
  name: 'nothing-left',
  watch: ({ clock, providers, listeners, active }) => ({
    atEnd() {
      const left = {
        attempts: providers.reduce((sum, provider) => sum + provider.stats().active, 0),
        'calls under way': active() ?? 0,
        timers: clock.pendingTimers,
        listeners: listeners(),
      };
      const found = Object.entries(left).filter(([, count]) => count > 0);
      return found.length === 0 ? undefined : `left: ${found.map(([what, count]) => `${count} ${what}`).join(', ')}`;
    },
  }),
};

/** The promises that every client keeps. */
export const simulationOracles: readonly Oracle[] = Object.freeze([
  settlesOnce,
  textIntact,
  finishedOnly,
  tenantsApart,
  attemptsInBudget,
  oneProbe,
  deadlinesKept,
  timeIsOwn,
  typedErrors,
  nothingLeft,
]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
