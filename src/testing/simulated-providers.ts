/**
 * The upstream side of a simulation: scripted providers whose answers verify themselves, struck by faults and outages at
 * random. Invariant: every attempt is noted when it begins, when a chunk leaves, and when it ends.
 */
import type { Random } from '../core/random.js';
import { drawLatencyMs, type Latency } from './latency.js';
import type { ScriptedAnswer } from './scripted-answer.js';
import { createScriptedProvider, type ScriptedCall, type ScriptedProvider } from './scripted-provider.js';
import { piecesOf } from './simulated-text.js';
import type { SimulatedAttempt, SimulatedFault, SimulationEvent, SimulationScenario } from './simulation.js';
import type { Simulator } from './simulator.js';

export interface SimulatedProviders {
  readonly providers: readonly ScriptedProvider[];
  readonly attempts: readonly SimulatedAttempt[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const FAULTS: readonly SimulatedFault[] = ['unavailable', 'throttled', 'reset', 'error', 'cut', 'stall', 'slow'];
/** What a provider that is down does to every attempt. */
const OUTAGE_FAULTS: readonly SimulatedFault[] = ['unavailable', 'unavailable', 'reset', 'stall'];
const DEFAULT_SHARE = 0.06;
/** What an answer is slowed down to, in ms. */
const SLOW: Latency = { minMs: 3_000, maxMs: 30_000 };
const RETRY_AFTER: Latency = { minMs: 50, maxMs: 3_000 };
/** Chunks of a stream beside its words: start, mark, checksum, usage, finish. */
const OTHER_CHUNKS = 5;

export function createSimulatedProviders(
  simulator: Simulator,
  scenario: SimulationScenario,
  happen: (event: SimulationEvent) => void,
): SimulatedProviders {
  const { clock } = simulator;
  const attempts: Mutable<SimulatedAttempt>[] = [];

  function createProvider(number: number): ScriptedProvider {
    const name = `sim-${number}`;
    const random = simulator.random(`faults of ${name}`);
    const isDown = createOutages(scenario.outages, simulator.random(`outages of ${name}`));
    const running = new Map<number, Mutable<SimulatedAttempt>>();

    function answer(call: ScriptedCall): ScriptedAnswer {
      const attempt = running.get(call.index) as Mutable<SimulatedAttempt>;
      const words = random.nextInt((scenario.words ?? 8) + 1);
      const { id, question, tenant } = attempt;
      attempt.fault = isDown(clock.nowMs())
        ? OUTAGE_FAULTS[random.nextInt(OUTAGE_FAULTS.length)]
        : drawFault(scenario.faults, random);
      return { pieces: piecesOf({ question, tenant, attempt: id, words }), ...struckBy(attempt.fault, words, random) };
    }
    return createScriptedProvider({
      name,
      clock,
      seed: simulator.random(`latency of ${name}`).nextInt(2 ** 32),
      latency: scenario.latency ?? { firstMs: { p50Ms: 150, p99Ms: 900 }, chunkMs: { minMs: 0, maxMs: 40 } },
      answers: answer,
      onEvent(event) {
        const { index, startedAtMs, outcome, endedAtMs } = event.call;
        if (event.kind === 'call-started') {
          const place = { id: attempts.length, provider: name, startedAtMs };
          const attempt = {
            ...place,
            ...askerOf(event.call),
            fault: undefined,
            endedAtMs: undefined,
            outcome,
          } as const;
          attempts.push(attempt);
          running.set(index, attempt);
          return happen({ kind: 'attempt-started', attempt });
        }
        const attempt = running.get(index) as Mutable<SimulatedAttempt>;
        if (event.kind === 'chunk') return happen({ kind: 'attempt-chunk', attempt });
        running.delete(index);
        Object.assign(attempt, { outcome, endedAtMs });
        return happen({ kind: 'attempt-ended', attempt });
      },
    });
  }
  return { providers: Array.from({ length: scenario.providers ?? 2 }, (_, i) => createProvider(i)), attempts };
}

/** What is asked and for whom, in the words of `questionOf` and `tenantOf`. */
function askerOf({ prompt, request }: ScriptedCall): { readonly question: number; readonly tenant: number } {
  return { question: numberIn(prompt), tenant: numberIn(request.user ?? '') };
}

export function questionOf(question: number): string {
  return `question ${question}`;
}
export function tenantOf(tenant: number): string {
  return `tenant-${tenant}`;
}
function numberIn(text: string): number {
  return Number(/\d+/.exec(text)?.[0] ?? 0);
}

function drawFault(shares: SimulationScenario['faults'] = {}, random: Random): SimulatedFault | undefined {
  let left = random.next();
  return FAULTS.find((fault) => {
    left -= shares[fault] ?? DEFAULT_SHARE;
    return left < 0;
  });
}

function struckBy(fault: SimulatedFault | undefined, words: number, random: Random): ScriptedAnswer {
  const afterChunks = random.nextInt(words + OTHER_CHUNKS + 1);
  switch (fault) {
    case undefined:
      return {};
    case 'unavailable':
      return { fault: { kind: 'status', status: [500, 502, 503][random.nextInt(3)] ?? 500 } };
    case 'throttled': {
      const headers = { 'retry-after-ms': String(Math.round(drawLatencyMs(RETRY_AFTER, random))) };
      return { fault: { kind: 'status', status: 429, headers: random.nextInt(4) === 0 ? {} : headers } };
    }
    case 'reset':
      return { fault: { kind: 'network', reason: random.nextInt(2) === 0 ? 'reset' : 'connect' } };
    case 'slow':
      return { firstMs: SLOW };
    default:
      return { fault: { kind: fault, afterChunks } };
  }
}

const OUTAGES: NonNullable<SimulationScenario['outages']> = {
  everyMs: { minMs: 2_000, maxMs: 12_000 },
  lastMs: { minMs: 500, maxMs: 5_000 },
};

/** Tells whether the provider is down. To be asked in the order of time. */
function createOutages({ everyMs, lastMs } = OUTAGES, random: Random): (nowMs: number) => boolean {
  let isDown = false;
  let changesAtMs = drawLatencyMs(everyMs, random);
  return (nowMs) => {
    while (changesAtMs <= nowMs) {
      isDown = !isDown;
      // At least a moment, so that this ends.
      changesAtMs += Math.max(1, drawLatencyMs(isDown ? lastMs : everyMs, random));
    }
    return isDown;
  };
}
