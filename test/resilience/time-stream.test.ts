import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type StreamTimeouts, timeStream } from '../../src/resilience/time-stream.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';

/** A chunk and how long the source takes for it: `t` is a token, `k` a chunk that is none. */
interface Step {
  readonly chunk: 't' | 'k';
  readonly afterMs: number;
}

interface Run {
  readonly clock: FakeClock;
  readonly controller: AbortController;
  readonly log: string[];
  readonly isCleanedUp: () => boolean;
}

/** Yields the steps in time, then ends, or stalls without listening to anybody. */
async function* play(
  clock: FakeClock,
  steps: readonly Step[],
  onEnd: () => void,
  stalls = false,
): AsyncGenerator<string> {
  try {
    for (const { chunk, afterMs } of steps) {
      if (afterMs > 0) await new Promise<void>((resolve) => void clock.setTimer(afterMs, resolve));
      yield chunk;
    }
    if (stalls) await new Promise(() => {});
  } finally {
    onEnd();
  }
}

const isToken = (chunk: string): boolean => chunk === 't';

/** Reads everything, noting each chunk and the outcome with the time. */
async function read(run: Run, stream: AsyncIterable<string>, readerMs = 0): Promise<void> {
  try {
    for await (const chunk of stream) {
      run.log.push(`${chunk}@${run.clock.nowMs()}`);
      if (readerMs > 0) await new Promise<void>((resolve) => void run.clock.setTimer(readerMs, resolve));
    }
    run.log.push(`end@${run.clock.nowMs()}`);
  } catch (error) {
    const { kind } = error as { kind?: string };
    run.log.push(`${kind ?? String(error)}@${run.clock.nowMs()}`);
  }
}

interface Scene extends Partial<Omit<StreamTimeouts<string>, 'clock' | 'isToken'>> {
  readonly steps: readonly Step[];
  readonly stalls?: boolean;
  readonly readerMs?: number;
}

async function runScene({ steps, stalls, readerMs, ...timeouts }: Scene, ms = 1_000_000): Promise<Run> {
  const clock = createFakeClock();
  const controller = new AbortController();
  let isCleanedUp = false;
  const run: Run = { clock, controller, log: [], isCleanedUp: () => isCleanedUp };
  const source = play(clock, steps, () => (isCleanedUp = true), stalls);
  const reading = read(run, timeStream(source, { clock, isToken, ...timeouts }, controller), readerMs);
  await clock.advanceAsync(ms);
  await reading;
  return run;
}

function expectNothingLeft({ clock, controller }: Run): void {
  expect([clock.pendingTimers, getEventListeners(controller.signal, 'abort')]).toEqual([0, []]);
}

describe('first token', () => {
  test('no chunk in time: first-token, upstream aborted', async () => {
    const run = await runScene({ steps: [], stalls: true, firstTokenMs: 100 });
    expect(run.log).toEqual(['first-token@100']);
    expect(run.controller.signal.reason).toMatchObject({ kind: 'first-token', afterMs: 100 });
    expectNothingLeft(run);
  });

  test('chunks that are no tokens do not count', async () => {
    const steps = Array.from({ length: 4 }, (): Step => ({ chunk: 'k', afterMs: 40 }));
    const run = await runScene({ steps, stalls: true, firstTokenMs: 100 });
    expect(run.log).toEqual(['k@40', 'k@80', 'first-token@100']);
  });

  test('once the token is there the limit is over', async () => {
    const run = await runScene({
      steps: [
        { chunk: 't', afterMs: 99 },
        { chunk: 't', afterMs: 5_000 },
      ],
      firstTokenMs: 100,
    });
    expect(run.log).toEqual(['t@99', 't@5099', 'end@5099']);
    expectNothingLeft(run);
  });

  test('until the token only this limit holds, not the idle one', async () => {
    const steps: Step[] = [
      { chunk: 'k', afterMs: 1 },
      { chunk: 't', afterMs: 90 },
    ];
    const run = await runScene({ steps, stalls: true, firstTokenMs: 1_000, idleMs: 10 }, 101);
    expect(run.log).toEqual(['k@1', 't@91', 'idle@101']);
    expectNothingLeft(run);
  });
});

describe('idle', () => {
  test('a stall after a chunk: idle, measured from that chunk', async () => {
    const run = await runScene({
      steps: [
        { chunk: 't', afterMs: 70 },
        { chunk: 't', afterMs: 9 },
      ],
      stalls: true,
      idleMs: 10,
    });
    expect(run.log).toEqual(['t@70', 't@79', 'idle@89']);
    expectNothingLeft(run);
  });

  test('each chunk starts it anew', async () => {
    const steps = Array.from({ length: 50 }, (): Step => ({ chunk: 't', afterMs: 9 }));
    const run = await runScene({ steps, idleMs: 10 });
    expect(run.log.at(-1)).toBe('end@450');
  });

  test('the time of a slow reader does not count', async () => {
    const steps = Array.from({ length: 3 }, (): Step => ({ chunk: 't', afterMs: 9 }));
    const run = await runScene({ steps, idleMs: 10, readerMs: 1_000 });
    expect(run.log).toEqual(['t@9', 't@1018', 't@2027', 'end@3027']);
    expectNothingLeft(run);
  });
});

describe('attempt', () => {
  test('it ends a stream that is busy', async () => {
    const steps = Array.from({ length: 50 }, (): Step => ({ chunk: 't', afterMs: 9 }));
    const run = await runScene({ steps, attemptMs: 20, idleMs: 10 });
    expect(run.log).toEqual(['t@9', 't@18', 'attempt@20']);
  });

  test('it aborts upstream also while nobody reads', async () => {
    const run = await runScene({ steps: [{ chunk: 't', afterMs: 1 }], attemptMs: 20, readerMs: 100 });
    expect(run.log).toEqual(['t@1', 'attempt@101']);
    expectNothingLeft(run);
  });
});

describe('ends', () => {
  test('an error of the source comes through as it is', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    async function* failing(): AsyncGenerator<string> {
      yield 't';
      throw new Error('cut');
    }
    const run: Run = { clock, controller, log: [], isCleanedUp: () => true };
    await read(run, timeStream(failing(), { clock, isToken, idleMs: 10, attemptMs: 10 }, controller));
    expect(run.log).toEqual(['t@0', 'Error: cut@0']);
    expect(controller.signal.aborted).toBe(false);
    expectNothingLeft(run);
  });

  test('an abort by others ends it at once with their reason, also if the source does not listen', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const run: Run = { clock, controller, log: [], isCleanedUp: () => true };
    const source = play(clock, [{ chunk: 't', afterMs: 1 }], () => {}, true);
    const reading = read(run, timeStream(source, { clock, isToken, idleMs: 100, attemptMs: 100 }, controller));
    await clock.advanceAsync(7);
    controller.abort('gone');
    await reading;
    expect(run.log).toEqual(['t@1', 'gone@7']);
    expectNothingLeft(run);
  });

  test('an aborted controller starts nothing', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    controller.abort('gone');
    const run: Run = { clock, controller, log: [], isCleanedUp: () => true };
    let isStarted = false;
    async function* source(): AsyncGenerator<string> {
      isStarted = true;
      yield 't';
    }
    await read(run, timeStream(source(), { clock, isToken, attemptMs: 10 }, controller));
    expect([run.log, isStarted, clock.pendingTimers]).toEqual([['gone@0'], false, 0]);
  });

  test('a reader that leaves closes the source', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    let isCleanedUp = false;
    const source = play(clock, [{ chunk: 't', afterMs: 0 }], () => (isCleanedUp = true), true);
    for await (const _chunk of timeStream(source, { clock, isToken, idleMs: 10, attemptMs: 10 }, controller)) break;
    expect([isCleanedUp, clock.pendingTimers, getEventListeners(controller.signal, 'abort')]).toEqual([true, 0, []]);
  });

  test('a predicate that throws closes the source', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    let isCleanedUp = false;
    const source = play(clock, [{ chunk: 't', afterMs: 0 }], () => (isCleanedUp = true));
    const broken = (): never => {
      throw new Error('broken predicate');
    };
    const stream = timeStream(source, { clock, isToken: broken, attemptMs: 10 }, controller);
    await expect(stream.next()).rejects.toThrow('broken predicate');
    expect([isCleanedUp, clock.pendingTimers]).toEqual([true, 0]);
  });
});

test('a chunk that a late timer finds already there wins over the timeout', async () => {
  // Both are due at 100: the timeout's timer was set first and runs first, the chunk comes in the turn after it.
  const run = await runScene({ steps: [{ chunk: 't', afterMs: 100 }], firstTokenMs: 100 });
  expect(run.log).toEqual(['t@100', 'end@100']);
});

test('at any pace of source and reader, the stream ends as the definition of the limits says, and nothing is left', async () => {
  const anyStep = fc.record({ chunk: fc.constantFrom('t' as const, 'k' as const), afterMs: fc.nat(30) });
  const anyLimit = fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined });
  const scene = fc.record({
    steps: fc.array(anyStep, { maxLength: 12 }),
    readerMs: fc.nat(30),
    firstTokenMs: anyLimit,
    idleMs: anyLimit,
  });
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const run = await runScene(given);
      expect(run.log).toEqual(expectedLog(given));
      expect(run.isCleanedUp() || run.log.at(-1)?.startsWith('end') !== true).toBe(true);
      expect(getEventListeners(run.controller.signal, 'abort')).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

/** The limits by their definition. A chunk that is due in the same instant as the limit is in time. */
function expectedLog({ steps, readerMs = 0, firstTokenMs, idleMs }: Scene): string[] {
  const log: string[] = [];
  let nowMs = 0;
  let hasToken = false;
  for (const [index, { chunk, afterMs }] of steps.entries()) {
    const isFirstToken = firstTokenMs !== undefined && !hasToken;
    const idleDueMs = idleMs !== undefined && index > 0 ? nowMs + idleMs : Infinity;
    const dueMs = isFirstToken ? Math.max(nowMs, firstTokenMs) : idleDueMs;
    if (nowMs + afterMs > dueMs) return [...log, `${isFirstToken ? 'first-token' : 'idle'}@${dueMs}`];
    nowMs += afterMs;
    hasToken ||= chunk === 't';
    log.push(`${chunk}@${nowMs}`);
    nowMs += readerMs;
  }
  return [...log, `end@${nowMs}`];
}
