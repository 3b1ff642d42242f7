import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { CancelSignal } from '../../src/core/cancel.js';
import { SingleFlight } from '../../src/resilience/single-flight.js';
import { fc } from '../support/property.js';

/** Work whose end the test decides. */
function createWork<T>(): {
  start: (signal: CancelSignal) => Promise<T>;
  starts: number;
  readonly signals: CancelSignal[];
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  const work = {
    starts: 0,
    signals: [] as CancelSignal[],
    resolve: (_value: T): void => {},
    reject: (_error: unknown): void => {},
    start: (signal: CancelSignal): Promise<T> => {
      work.starts++;
      work.signals.push(signal);
      return new Promise<T>((resolve, reject) => Object.assign(work, { resolve, reject }));
    },
  };
  return work;
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('joining', () => {
  test('callers of one key share one start and its value', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const callers = Array.from({ length: 10_000 }, () => flights.run('key', work.start));
    expect(flights.size).toBe(1);
    work.resolve('value');
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['value']));
    expect([work.starts, flights.size]).toEqual([1, 0]);
  });

  test('different keys fly apart', async () => {
    const flights = new SingleFlight<string>();
    const answers = await Promise.all(['a', 'b'].map((key) => flights.run(key, async () => key)));
    expect(answers).toEqual(['a', 'b']);
  });

  test('an error reaches all who wait and nobody later', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const waiting = [flights.run('key', work.start), flights.run('key', work.start)];
    work.reject(new Error('down'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    await expect(flights.run('key', async () => 'healed')).resolves.toBe('healed');
  });

  test('a start that throws at once rejects and leaves no flight', async () => {
    const flights = new SingleFlight<string>();
    const throwing = (): Promise<string> => {
      throw new TypeError('not even a promise');
    };
    await expect(flights.run('key', throwing)).rejects.toThrow(TypeError);
    expect(flights.size).toBe(0);
  });
});

describe('leaving', () => {
  test('an aborted signal rejects at once with its reason and starts nothing', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const signal = AbortSignal.abort('gone');
    await expect(flights.run('key', work.start, { signal })).rejects.toBe('gone');
    expect([work.starts, flights.size]).toEqual([0, 0]);
  });

  test('the first caller leaves alone, the others get the value', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const leader = new AbortController();
    const first = flights.run('key', work.start, { signal: leader.signal });
    const second = flights.run('key', work.start);
    leader.abort('left');
    await expect(first).rejects.toBe('left');
    expect(work.signals[0]?.aborted).toBe(false);
    work.resolve('value');
    await expect(second).resolves.toBe('value');
  });

  test('when the last caller leaves, the work is aborted with its reason and the key is free', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const controllers = [new AbortController(), new AbortController()];
    const callers = controllers.map(({ signal }) => flights.run('key', work.start, { signal }));
    for (const controller of controllers) controller.abort('left');
    await Promise.allSettled(callers);
    expect(work.signals[0]).toMatchObject({ aborted: true, reason: 'left' });
    expect(flights.size).toBe(0);
    await expect(flights.run('key', async () => 'new')).resolves.toBe('new');
  });

  test('the end of abandoned work does not take away the flight that followed it', async () => {
    const flights = new SingleFlight<string>();
    const abandoned = createWork<string>();
    const next = createWork<string>();
    const controller = new AbortController();
    const caller = flights.run('key', abandoned.start, { signal: controller.signal });
    controller.abort();
    await expect(caller).rejects.toMatchObject({ name: 'AbortError' });
    const follower = flights.run('key', next.start);
    abandoned.reject(new Error('aborted at last'));
    await tick();
    expect(flights.size).toBe(1);
    next.resolve('value');
    await expect(follower).resolves.toBe('value');
  });

  test('listeners are gone once the caller has its outcome', async () => {
    const flights = new SingleFlight<string>();
    const { signal } = new AbortController();
    await flights.run('key', async () => 'value', { signal });
    await flights.run('key', () => Promise.reject(new Error('down')), { signal }).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('an abort after the value has come changes nothing', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const controller = new AbortController();
    const caller = flights.run('key', work.start, { signal: controller.signal });
    work.resolve('value');
    await expect(caller).resolves.toBe('value');
    controller.abort();
    expect(work.signals[0]?.aborted).toBe(false);
  });
});

describe('superseding', () => {
  test('those who wait get the old value, later callers the new one', async () => {
    const flights = new SingleFlight<string>();
    const old = createWork<string>();
    const fresh = createWork<string>();
    const early = flights.run('key', old.start);
    flights.supersede('key');
    const late = flights.run('key', fresh.start);
    old.resolve('old');
    await expect(early).resolves.toBe('old');
    expect(flights.size).toBe(1);
    fresh.resolve('new');
    await expect(late).resolves.toBe('new');
  });

  test('a superseded flight is still aborted when its last caller leaves', async () => {
    const flights = new SingleFlight<string>();
    const work = createWork<string>();
    const controller = new AbortController();
    const caller = flights.run('key', work.start, { signal: controller.signal });
    flights.supersede('key');
    controller.abort('left');
    await expect(caller).rejects.toBe('left');
    expect(work.signals[0]?.aborted).toBe(true);
  });

  test('settled waits for superseded and abandoned work', async () => {
    const flights = new SingleFlight<string>();
    const superseded = createWork<string>();
    const abandoned = createWork<string>();
    const controller = new AbortController();
    const first = flights.run('a', superseded.start);
    flights.supersede('a');
    const second = flights.run('b', abandoned.start, { signal: controller.signal }).catch(() => 'left');
    controller.abort();
    let isSettled = false;
    const settled = flights.settled().then(() => (isSettled = true));
    superseded.resolve('value');
    await tick();
    expect(isSettled).toBe(false);
    abandoned.reject(new Error('aborted'));
    await Promise.all([settled, first, second]);
    expect(isSettled).toBe(true);
  });
});

test('in any interleaving of 50 callers and random aborts, stayers get the value from one start and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.uniqueArray(fc.nat(49), { maxLength: 49 }), async (scheduler, leavers) => {
      const flights = new SingleFlight<string>();
      const controllers = Array.from({ length: 50 }, () => new AbortController());
      let starts = 0;
      const start = (): Promise<string> => {
        starts++;
        return scheduler.schedule(Promise.resolve('value'), 'upstream');
      };
      const callers = controllers.map(({ signal }) => flights.run('key', start, { signal }));
      for (const index of leavers) {
        void scheduler.schedule(Promise.resolve(), `abort ${index}`).then(() => controllers[index]?.abort('left'));
      }
      await scheduler.waitFor(Promise.allSettled(callers));
      const outcomes = await Promise.allSettled(callers);
      outcomes.forEach((outcome, index) => {
        if (outcome.status === 'fulfilled') expect(outcome.value).toBe('value');
        else expect([outcome.reason, leavers.includes(index)]).toEqual(['left', true]);
      });
      expect([starts, flights.size]).toEqual([1, 0]);
      for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
