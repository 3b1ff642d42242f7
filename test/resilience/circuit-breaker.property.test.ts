import { expect, test } from 'vitest';
import { isCircuitOpenError } from '../../src/core/errors.js';
import { CircuitBreaker, type CircuitPermit } from '../../src/resilience/circuit-breaker.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

const FAILURES = 3;
const SUCCESSES = 2;
const RESET_TIMEOUT_MS = 50;
const RESET_AFTER_MS = 120;
const RATE = 0.5;
const MINIMUM_CALLS = 4;
const WINDOW_MS = 200;
const SLICE_MS = WINDOW_MS / 10;
const MODES = ['count', 'rate'] as const;
type Mode = (typeof MODES)[number];
const OUTCOMES = ['succeed', 'fail', 'release'] as const;
type Verb = (typeof OUTCOMES)[number];

/** The table of the header comment, written as naively as possible. A permit is known by the era it was issued in. */
interface Model {
  readonly mode: Mode;
  kind: 'closed' | 'open' | 'half-open';
  era: number;
  /** Results since the circuit closed. */
  results: readonly { readonly isFailure: boolean; readonly atMs: number }[];
  successes: number;
  openUntilMs: number;
  isProbeOut: boolean;
  readonly permits: { readonly permit: CircuitPermit; readonly era: number; isSettled: boolean }[];
}
interface Real {
  readonly clock: FakeClock;
  readonly breaker: CircuitBreaker;
}

function failuresInRow({ results }: Model, nowMs: number): number {
  let row = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  for (const { isFailure, atMs } of results) {
    row = isFailure ? (atMs - lastAtMs >= RESET_AFTER_MS ? 0 : row) + 1 : 0;
    lastAtMs = atMs;
    if (!isFailure) lastAtMs = Number.NEGATIVE_INFINITY;
  }
  return nowMs - lastAtMs >= RESET_AFTER_MS ? 0 : row;
}
function recent({ results }: Model, nowMs: number): Model['results'] {
  const slice = (atMs: number): number => Math.floor(atMs / SLICE_MS);
  return results.filter(({ atMs }) => slice(atMs) > slice(nowMs) - 10);
}
function failuresOf(model: Model, nowMs: number): number {
  if (model.mode === 'count') return failuresInRow(model, nowMs);
  return recent(model, nowMs).filter(({ isFailure }) => isFailure).length;
}
function isTooMuch(model: Model, nowMs: number): boolean {
  const failures = failuresOf(model, nowMs);
  if (model.mode === 'count') return failures >= FAILURES;
  const calls = recent(model, nowMs).length;
  return calls >= MINIMUM_CALLS && failures / calls >= RATE;
}

function open(model: Model, nowMs: number): void {
  Object.assign(model, { kind: 'open', era: model.era + 1, openUntilMs: nowMs + RESET_TIMEOUT_MS });
}
function settle(model: Model, verb: Verb, nowMs: number): void {
  if (model.kind === 'closed' && verb !== 'release') {
    model.results = [...model.results, { isFailure: verb === 'fail', atMs: nowMs }];
    if (verb === 'fail' && isTooMuch(model, nowMs)) open(model, nowMs);
  } else if (model.kind === 'half-open') {
    model.isProbeOut = false;
    if (verb === 'fail') open(model, nowMs);
    if (verb === 'succeed' && ++model.successes >= SUCCESSES) {
      Object.assign(model, { kind: 'closed', era: model.era + 1, results: [] });
    }
  }
}

class Acquire implements fc.Command<Model, Real> {
  check = (): boolean => true;
  run(model: Model, { breaker, clock }: Real): void {
    const nowMs = clock.nowMs();
    if (model.kind === 'open' && nowMs >= model.openUntilMs) {
      Object.assign(model, { kind: 'half-open', era: model.era + 1, successes: 0, isProbeOut: false });
    }
    const isRefused = model.kind === 'open' || (model.kind === 'half-open' && model.isProbeOut);
    if (isRefused) {
      expect(() => breaker.acquire()).toThrow(expect.toSatisfy(isCircuitOpenError));
      return;
    }
    if (model.kind === 'half-open') model.isProbeOut = true;
    model.permits.push({ permit: breaker.acquire(), era: model.era, isSettled: false });
    expectSame(model, breaker, clock.nowMs());
  }
  toString = (): string => 'acquire';
}

class Settle implements fc.Command<Model, Real> {
  readonly #pick: number;
  readonly #verb: Verb;
  constructor(pick: number, verb: Verb) {
    this.#pick = pick;
    this.#verb = verb;
  }
  check = (model: Model): boolean => model.permits.length > 0;
  run(model: Model, { breaker, clock }: Real): void {
    const issued = model.permits[this.#pick % model.permits.length];
    if (issued === undefined) return;
    if (!issued.isSettled && issued.era === model.era) settle(model, this.#verb, clock.nowMs());
    issued.isSettled = true;
    issued.permit[this.#verb]();
    expectSame(model, breaker, clock.nowMs());
  }
  toString = (): string => `${this.#verb}(${this.#pick})`;
}

class Advance implements fc.Command<Model, Real> {
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
  }
  check = (): boolean => true;
  run(_model: Model, { clock }: Real): void {
    clock.advance(this.#ms);
  }
  toString = (): string => `advance(${this.#ms})`;
}

class RecordFailure implements fc.Command<Model, Real> {
  check = (): boolean => true;
  run(model: Model, { breaker, clock }: Real): void {
    settle(model, 'fail', clock.nowMs());
    breaker.recordFailure();
    expectSame(model, breaker, clock.nowMs());
  }
  toString = (): string => 'recordFailure';
}

class Reset implements fc.Command<Model, Real> {
  check = (): boolean => true;
  run(model: Model, { breaker, clock }: Real): void {
    Object.assign(model, { kind: 'closed', era: model.era + 1, results: [] });
    breaker.reset();
    expectSame(model, breaker, clock.nowMs());
  }
  toString = (): string => 'reset';
}

function expectSame(model: Model, breaker: CircuitBreaker, nowMs: number): void {
  const state = breaker.state;
  expect(state.kind).toBe(model.kind);
  if (state.kind === 'closed') expect(state.failures).toBe(failuresOf(model, nowMs));
  if (state.kind === 'open') expect(state.untilMs).toBe(model.openUntilMs);
  if (state.kind === 'half-open') {
    expect(state.successes).toBe(model.successes);
    expect(state.probeSinceMs !== undefined).toBe(model.isProbeOut);
  }
}

function createReal(mode: Mode): Real {
  const clock = createFakeClock();
  const breaker = new CircuitBreaker({
    clock,
    mode,
    failureRate: RATE,
    minimumCalls: MINIMUM_CALLS,
    windowMs: WINDOW_MS,
    failureThreshold: FAILURES,
    successThreshold: SUCCESSES,
    resetTimeoutMs: RESET_TIMEOUT_MS,
    resetAfterMs: RESET_AFTER_MS,
    probeTimeoutMs: Infinity,
  });
  return { clock, breaker };
}

const anyCommand = [
  fc.constant(new Acquire()),
  fc.tuple(fc.nat(30), fc.constantFrom(...OUTCOMES)).map(([pick, verb]) => new Settle(pick, verb)),
  fc.nat(RESET_TIMEOUT_MS + 10).map((ms) => new Advance(ms)),
  fc.constant(new RecordFailure()),
  fc.constant(new Reset()),
];

test.each(MODES)('F51: the breaker (%s) agrees with a naive model under delayed results, in any order', (mode) => {
  fc.assert(
    fc.property(fc.commands(anyCommand, { maxCommands: 120 }), (commands) => {
      const setup = (): { model: Model; real: Real } => ({
        real: createReal(mode),
        model: {
          mode,
          kind: 'closed',
          era: 0,
          results: [],
          successes: 0,
          openUntilMs: 0,
          isProbeOut: false,
          permits: [],
        },
      });
      fc.modelRun(setup, commands);
    }),
    { numRuns: 300 },
  );
});

test.each(MODES)(
  'F51: whatever happened, the breaker (%s) is closed again one cooldown and successThreshold probes after the service heals',
  (mode) => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), verb: fc.constantFrom(...OUTCOMES), delaySteps: fc.nat(5) }),
      fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(80) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { clock, breaker } = createReal(mode);
        const outstanding: { readonly atStep: number; readonly settle: () => void }[] = [];
        for (const [index, step] of steps.entries()) {
          for (const due of outstanding.filter((call) => call.atStep === index)) due.settle();
          if (step.kind === 'advance') {
            clock.advance(step.ms);
            continue;
          }
          try {
            const permit = breaker.acquire();
            outstanding.push({ atStep: index + step.delaySteps + 1, settle: () => permit[step.verb]() });
          } catch (error) {
            expect(error).toSatisfy(isCircuitOpenError);
          }
        }
        for (const call of outstanding) if (call.atStep >= steps.length) call.settle();
        clock.advance(RESET_TIMEOUT_MS);
        for (let i = 0; i < SUCCESSES; i++) breaker.acquire().succeed();
        expect(breaker.state.kind).toBe('closed');
      }),
      { numRuns: 500 },
    );
  },
);

test('F51: alternating good and bad results make at most three transitions a cooldown', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 50, maxLength: 300 }), (results) => {
      const clock = createFakeClock();
      let transitions = 0;
      const breaker = new CircuitBreaker({
        clock,
        failureThreshold: 1,
        successThreshold: 1,
        resetTimeoutMs: 100,
        onTransition: () => transitions++,
      });
      for (const isGood of results) {
        try {
          const permit = breaker.acquire();
          if (isGood) permit.succeed();
          else permit.fail();
        } catch (error) {
          expect(error).toSatisfy(isCircuitOpenError);
        }
        clock.advance(10);
      }
      // A round is open, half-open, closed or open again; each needs a whole cooldown.
      const cooldowns = (results.length * 10) / 100;
      expect(transitions).toBeLessThanOrEqual(3 * (cooldowns + 1));
    }),
  );
});
