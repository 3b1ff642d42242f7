import { describe, expect, test } from 'vitest';
import { Canceller, type CancelSignal } from '../../src/core/cancel.js';
import { contest } from '../../src/resilience/contest.js';
import { sleep } from '../../src/resilience/timer.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

interface Entrant {
  readonly ms: number;
  readonly ends: 'well' | 'badly';
  /** Ends as it does whether it is cancelled or not. */
  readonly isDeaf: boolean;
}
interface Plan {
  readonly entrants: readonly [Entrant, ...Entrant[]];
  readonly together: number;
  readonly patienceMs: number | undefined;
  readonly abortAtMs: number | undefined;
}

const entrant = fc.record({
  ms: fc.nat(200),
  ends: fc.constantFrom('well' as const, 'badly' as const),
  isDeaf: fc.boolean(),
});
const plan: fc.Arbitrary<Plan> = fc
  .record({
    entrants: fc.array(entrant, { minLength: 1, maxLength: 5 }),
    together: fc.integer({ min: 1, max: 5 }),
    patienceMs: fc.option(fc.nat(100), { nil: undefined }),
    abortAtMs: fc.option(fc.nat(300), { nil: undefined }),
  })
  .map((made) => ({ ...made, together: Math.min(made.together, made.entrants.length) }) as unknown as Plan);

/** Plays a plan to its end and says what happened. */
async function play({ entrants, together, patienceMs, abortAtMs }: Plan) {
  const clock = createFakeClock();
  const canceller = new Canceller();
  const signals: CancelSignal[] = [];
  const startsMs: number[] = [];
  const discarded: number[] = [];
  if (abortAtMs !== undefined) clock.setTimer(abortAtMs, () => canceller.abort('left'));
  const decided = contest<number>({
    clock,
    signal: canceller,
    together,
    async enter(at, signal) {
      signals.push(signal);
      startsMs.push(clock.nowMs());
      const { ms, ends, isDeaf } = entrants[at] as Entrant;
      await sleep(clock, ms, isDeaf ? undefined : signal);
      if (ends === 'badly') throw new Error(`entrant ${at}`);
      return at;
    },
    patienceMs: (at) => (at + 1 < entrants.length ? patienceMs : undefined),
    onSlow: () => true,
    onFailure: (at, error, running) => {
      if (canceller.aborted) return { error: canceller.reason };
      if (running > 0) return 'wait';
      return signals.length < entrants.length ? 'next' : { error: `${at} was the last: ${error}` };
    },
    discard: (late) => discarded.push(late),
  }).then(
    (winner) => ({ winner, error: undefined, isCancelled: signals[winner]?.aborted }),
    (error: unknown) => ({ winner: undefined, error, isCancelled: undefined }),
  );
  const settled = decided.then((outcome) => ({ ...outcome, atMs: clock.nowMs(), begun: signals.length }));
  await clock.advanceAsync(3000);
  return { ...(await settled), signals, startsMs, discarded, pendingTimers: clock.pendingTimers };
}

test('a contest settles once, cancels everybody but the winner, begins nobody afterwards and leaves no timer', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (made) => {
      const { winner, begun, signals, startsMs, discarded, pendingTimers, atMs, isCancelled } = await play(made);
      expect(pendingTimers).toBe(0);
      expect(signals.length).toBe(begun);
      const isAborted = made.abortAtMs !== undefined && made.abortAtMs <= atMs;
      const endsOf = (at: number): number => (startsMs[at] ?? 0) + (made.entrants[at]?.ms ?? 0);
      signals.forEach((signal, at) => {
        const hadEnded = endsOf(at) <= atMs;
        if (at !== winner && !hadEnded) expect(signal.aborted).toBe(true);
        // Its result came too late: only the deaf bring one.
        if (discarded.includes(at)) expect([made.entrants[at]?.ends, at === winner]).toEqual(['well', false]);
      });
      if (winner === undefined) return;
      expect(made.entrants[winner]?.ends).toBe('well');
      // Nobody who was begun and was well ended earlier.
      const earliest = signals.map((_, at) => at).filter((at) => made.entrants[at]?.ends === 'well');
      expect(endsOf(winner)).toBe(Math.min(...earliest.map(endsOf)));
      if (!isAborted) expect(isCancelled).toBe(false);
    }),
    { numRuns: 200 },
  );
});

describe('one after the other', () => {
  const well = (ms: number): Entrant => ({ ms, ends: 'well', isDeaf: false });
  const badly = (ms: number): Entrant => ({ ms, ends: 'badly', isDeaf: false });

  test('the next is begun when the one before has failed', async () => {
    const told = await play({
      entrants: [badly(10), badly(20), well(5)],
      together: 1,
      patienceMs: undefined,
      abortAtMs: undefined,
    });
    expect(told).toMatchObject({ winner: 2, startsMs: [0, 10, 30], atMs: 35 });
  });

  test('the next is begun when patience is over, and once only', async () => {
    const told = await play({ entrants: [well(90), well(90)], together: 1, patienceMs: 40, abortAtMs: undefined });
    expect(told).toMatchObject({ winner: 0, startsMs: [0, 40], atMs: 90 });
  });

  test('an abort ends it with the reason, and begins nobody', async () => {
    const told = await play({ entrants: [well(90), well(10)], together: 1, patienceMs: 50, abortAtMs: 30 });
    expect(told).toMatchObject({ winner: undefined, error: 'left', startsMs: [0], atMs: 30 });
  });
});
