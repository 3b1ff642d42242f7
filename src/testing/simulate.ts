/**
 * Runs a client through hundreds of events in virtual time and asks the oracles after each: calls that repeat, join, abort
 * and leave, over providers that are slow, fail, break off and go down. One seed is one run, to the last event.
 */
import { getEventListeners, setMaxListeners } from 'node:events';
import { SherdError } from '../core/errors.js';
import type { PerCall } from '../llm/types.js';
import { userMessage } from '../protocol/chat.js';
import { drawLatencyMs } from './latency.js';
import { createSimulatedProviders, questionOf, tenantOf } from './simulated-providers.js';
import type {
  Oracle,
  OracleWatch,
  SimulatedCall,
  SimulatedClient,
  SimulatedFault,
  SimulationEvent,
  SimulationLimits,
  SimulationParts,
  SimulationResult,
  SimulationScenario,
  SimulationView,
  Violation,
  WatchedEvent,
} from './simulation.js';
import { simulationOracles } from './simulation-oracles.js';
import { createSimulator, type Simulator } from './simulator.js';

export interface SimulationOptions {
  /** 0 to 2^53-1. */
  readonly seed: number;
  /** Makes the client under test, of exactly these parts: with their clock, their seed and their providers. */
  readonly client: (parts: SimulationParts) => SimulatedClient | Promise<SimulatedClient>;
  readonly scenario?: SimulationScenario;
  readonly limits?: SimulationLimits;
  /** Beside `simulationOracles`. */
  readonly oracles?: readonly Oracle[];
  /** 'keep': the result holds a line for every event. Default: only their hash. */
  readonly trace?: 'keep' | 'hash';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Virtual time after which a call that has not settled never will. */
const FOREVER_MS = 3_600_000;
/** Virtual time that what is under way has to end in, once all calls have settled; and close(). */
const DRAIN_MS = 120_000;
const PATIENCE: NonNullable<SimulationScenario['patience']> = {
  share: 0.3,
  totalTimeoutMs: { minMs: 500, maxMs: 15_000 },
};
const WATCHED: readonly WatchedEvent[] = [
  'retry',
  'fallback',
  'breaker-changed',
  'cache-hit',
  'upstream-call',
  'call-ended',
];

/** One run. Its result tells what oracles found; it throws only what making the client throws. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, scenario = {}, limits = {} } = options;
  const simulator = createSimulator({ seed, trace: options.trace ?? 'hash' });
  const { clock } = simulator;
  const calls: Mutable<SimulatedCall>[] = [];
  const violations: Violation[] = [];
  const watches: { readonly name: string; readonly watch: OracleWatch }[] = [];

  function report(oracle: string, problem: string | undefined): void {
    // What comes after is mostly the same once more.
    if (problem === undefined || violations.some((violation) => violation.oracle === oracle)) return;
    violations.push({ oracle, problem, atMs: clock.nowMs(), event: simulator.events });
  }
  function happen(event: SimulationEvent): void {
    simulator.note(describe(event));
    for (const { name, watch } of watches) report(name, watch.after?.(event));
  }
  const onUnhandled = (): void => report('no-unhandled-rejections', 'a rejection was handled by nobody');

  const { providers, attempts } = createSimulatedProviders(simulator, scenario, happen);
  const client = await options.client({ seed, clock, providers });
  const view: SimulationView = {
    clock,
    limits,
    providers,
    calls,
    attempts,
    listeners: () => calls.reduce((sum, { signal }) => sum + getEventListeners(signal, 'abort').length, 0),
    active: () => client.metrics?.().active,
  };
  for (const oracle of [...simulationOracles, ...(options.oracles ?? [])]) {
    watches.push({ name: oracle.name, watch: oracle.watch(view) });
  }
  for (const kind of WATCHED) client.on?.(kind, (event) => happen({ kind, event } as SimulationEvent));

  process.on('unhandledRejection', onUnhandled);
  try {
    const total = startCalls(simulator, scenario, client, calls, happen);
    await simulator.run(
      () => calls.length === total && calls.every(({ outcome }) => outcome !== 'running'),
      FOREVER_MS,
    );
    await simulator.run(() => providers.every((provider) => provider.stats().active === 0), DRAIN_MS);
    let isClosed = false;
    void client.close().then(() => (isClosed = true));
    if (!(await simulator.run(() => isClosed, DRAIN_MS))) report('nothing-left', 'close() did not end');
    for (const { name, watch } of watches) report(name, watch.atEnd?.());
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
  const outcomes = { answered: 0, failed: 0, aborted: 0, left: 0 };
  for (const { outcome } of calls) if (outcome !== 'running') outcomes[outcome]++;
  const faults: Partial<Record<SimulatedFault, number>> = {};
  for (const { fault } of attempts) if (fault !== undefined) faults[fault] = (faults[fault] ?? 0) + 1;
  const { events, trace } = simulator;
  const figures = { events, virtualMs: clock.nowMs(), attempts: attempts.length, outcomes, faults };
  return { seed, hash: simulator.hash(), ...figures, violations, trace };
}

/** Sets a timer for every call, and gives their number. */
function startCalls(
  simulator: Simulator,
  scenario: SimulationScenario,
  client: SimulatedClient,
  calls: Mutable<SimulatedCall>[],
  happen: (event: SimulationEvent) => void,
): number {
  const { clock } = simulator;
  const random = simulator.random('calls');
  const timeouts = simulator.random('total timeouts');
  const { calls: total = 60, questions = 8, tenants = 2, everyMs = { minMs: 0, maxMs: 300 } } = scenario;
  const { patience = PATIENCE } = scenario;
  const happens = (share: number): boolean => random.next() < share;
  function drawTotalTimeoutMs(): number | undefined {
    const isOwn = timeouts.next() < patience.share;
    const ms = Math.max(1, Math.round(drawLatencyMs(patience.totalTimeoutMs, timeouts)));
    return isOwn ? ms : undefined;
  }

  function start(): void {
    const controller = new AbortController();
    // Listeners that stay are for an oracle to find, not for warnings.
    setMaxListeners(0, controller.signal);
    const call: Mutable<SimulatedCall> = {
      id: calls.length,
      question: random.nextInt(questions),
      tenant: random.nextInt(Math.max(1, tenants)),
      kind: happens(scenario.streams ?? 0.6) ? 'stream' : 'chat',
      isCached: !happens(scenario.uncached ?? 0.1),
      totalTimeoutMs: drawTotalTimeoutMs(),
      startedAtMs: clock.nowMs(),
      abortedAtMs: undefined,
      settledAtMs: undefined,
      outcome: 'running',
      text: '',
      response: undefined,
      error: undefined,
      signal: controller.signal,
    };
    const leavesAfter = happens(scenario.leaves ?? 0.05) ? random.nextInt(6) : Number.POSITIVE_INFINITY;
    const abortsInMs = happens(scenario.aborts ?? 0.15) ? random.next() ** 2 * 5_000 : undefined;
    calls.push(call);
    happen({ kind: 'call-started', call });
    const cancelTimer =
      abortsInMs === undefined
        ? undefined
        : clock.setTimer(abortsInMs, () => {
            call.abortedAtMs = clock.nowMs();
            happen({ kind: 'call-aborted', call });
            controller.abort({ abortOf: call.id });
          });
    void play(call, client, perCallOf(call, tenants > 0), leavesAfter, happen).then((end) => {
      cancelTimer?.();
      const outcome = end.outcome === 'failed' && call.abortedAtMs !== undefined ? 'aborted' : end.outcome;
      Object.assign(call, { ...end, outcome, settledAtMs: clock.nowMs() });
      happen({ kind: 'call-settled', call });
    });
  }
  let atMs = 0;
  for (let i = 0; i < total; i++) {
    atMs += drawLatencyMs(everyMs, random);
    clock.setTimer(atMs, start);
  }
  return total;
}

type End = Partial<Pick<SimulatedCall, 'text' | 'response' | 'error'>> & Pick<SimulatedCall, 'outcome'>;

/** `user` tells the provider for whom it answers, and changes no key; `scope` keeps the answers apart. */
function perCallOf({ tenant, isCached, totalTimeoutMs, signal }: SimulatedCall, isScoped: boolean): PerCall {
  const user = tenantOf(tenant);
  const asked = { signal, user, ...(totalTimeoutMs === undefined ? {} : { totalTimeout: totalTimeoutMs }) };
  if (!isCached) return { ...asked, cache: false };
  return isScoped ? { ...asked, scope: user } : asked;
}

/** Makes the call, reads what comes, and tells how it ended. Never rejects. */
async function play(
  call: Mutable<SimulatedCall>,
  client: SimulatedClient,
  perCall: PerCall,
  leavesAfter: number,
  happen: (event: SimulationEvent) => void,
): Promise<End> {
  const messages = [userMessage(questionOf(call.question))];
  try {
    if (call.kind === 'chat') {
      const response = await client.chat(messages, perCall);
      return { outcome: 'answered', response, text: response.text };
    }
    const stream = client.stream(messages, perCall);
    let chunks = 0;
    for await (const chunk of stream) {
      if (chunk.kind === 'text-delta') call.text += chunk.text;
      happen({ kind: 'call-chunk', call });
      if (++chunks > leavesAfter) return { outcome: 'left' };
    }
    return { outcome: 'answered', response: await stream.final() };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

/** An event as a line of the trace: all of it that equal runs have in common. */
function describe(event: SimulationEvent): string {
  if ('call' in event) {
    const { id, question, tenant, totalTimeoutMs, outcome, text, error } = event.call;
    const asked = `q${question} t${tenant}${totalTimeoutMs === undefined ? '' : ` within ${totalTimeoutMs} ms`}`;
    return `${event.kind} ${id} ${asked} ${outcome} ${text.length} ${codeOf(error)}`;
  }
  if ('attempt' in event) {
    const { id, provider, question, fault, outcome } = event.attempt;
    return `${event.kind} ${id} ${provider} q${question} ${fault ?? 'sound'} ${outcome}`;
  }
  return `${event.kind} ${JSON.stringify(event.event)}`;
}

function codeOf(error: unknown): string {
  if (error === undefined) return '';
  return error instanceof SherdError ? error.code : 'untyped';
}
