import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { CancelSignal } from '../../src/core/cancel.js';
import { Broadcast } from '../../src/resilience/broadcast.js';
import { NO_TIME_LIMIT, type TimeLimit } from '../../src/resilience/deadline.js';
import { StreamFlights } from '../../src/resilience/stream-flights.js';
import { fc } from '../support/property.js';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A source whose items the test pushes; it notes what is asked of it. */
function createSource<T>(): {
  readonly start: (signal: CancelSignal) => AsyncIterable<T>;
  push: (result: IteratorResult<T, undefined>) => void;
  fail: (error: unknown) => void;
  starts: number;
  asked: number;
  returned: number;
  signal: CancelSignal | undefined;
} {
  const source = {
    starts: 0,
    asked: 0,
    returned: 0,
    signal: undefined as CancelSignal | undefined,
    push: (_result: IteratorResult<T, undefined>): void => {},
    fail: (_error: unknown): void => {},
    start: (signal: CancelSignal): AsyncIterable<T> => {
      source.starts++;
      source.signal = signal;
      const iterator: AsyncIterator<T, undefined> = {
        next: () => {
          source.asked++;
          return new Promise((resolve, reject) => Object.assign(source, { push: resolve, fail: reject }));
        },
        return: async () => {
          source.returned++;
          return { done: true, value: undefined };
        },
      };
      return { [Symbol.asyncIterator]: () => iterator };
    },
  };
  return source;
}

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 1; i <= to; i++) yield i;
}

function join<T>(broadcast: Broadcast<T>, signal?: CancelSignal): AsyncIterableIterator<T, undefined> {
  const reader = broadcast.subscribe(signal);
  if (reader === undefined) throw new Error('the broadcast cannot be joined');
  return reader;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('reading', () => {
  test('the source starts once, at the first read', async () => {
    const source = createSource<string>();
    const broadcast = new Broadcast(source.start);
    const readers = [join(broadcast), join(broadcast)];
    expect(source.starts).toBe(0);
    const reads = readers.map((reader) => reader.next());
    expect([source.starts, source.asked]).toEqual([1, 1]);
    source.push({ done: false, value: 'a' });
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'a' },
    ]);
  });

  test('a late joiner gets all items from the first on, then the live ones', async () => {
    const broadcast = new Broadcast(() => count(5));
    const early = join(broadcast);
    expect([(await early.next()).value, (await early.next()).value]).toEqual([1, 2]);
    const late = join(broadcast);
    expect(await collect(late)).toEqual([1, 2, 3, 4, 5]);
    expect(await collect(early)).toEqual([3, 4, 5]);
  });

  test('the source is asked for one item at a time, and only while somebody waits', async () => {
    const source = createSource<string>();
    const broadcast = new Broadcast(source.start);
    const [slow, fast] = [join(broadcast), join(broadcast)];
    for (const [index, value] of ['a', 'b', 'c'].entries()) {
      const read = fast.next();
      expect(source.asked).toBe(index + 1);
      source.push({ done: false, value });
      await read;
    }
    await tick();
    expect(source.asked).toBe(3);
    expect([(await slow.next()).value, (await slow.next()).value]).toEqual(['a', 'b']);
    expect(source.asked).toBe(3);
  });

  test('several reads at once are answered in order', async () => {
    const broadcast = new Broadcast(() => count(2));
    const reader = join(broadcast);
    const reads = await Promise.all([reader.next(), reader.next(), reader.next(), reader.next()]);
    expect(reads.map((read) => read.value)).toEqual([1, 2, undefined, undefined]);
  });

  test('an error reaches all readers after the items before it, once each', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield 'a';
      throw new Error('cut');
    }
    const broadcast = new Broadcast(failing);
    const readers = [join(broadcast), join(broadcast)];
    for (const reader of readers) {
      expect((await reader.next()).value).toBe('a');
      await expect(reader.next()).rejects.toThrow('cut');
      expect(await reader.next()).toEqual({ done: true, value: undefined });
    }
    expect(broadcast.readers).toBe(0);
  });

  test('a start that throws fails all readers', async () => {
    const broadcast = new Broadcast<string>(() => {
      throw new Error('no source');
    });
    await expect(join(broadcast).next()).rejects.toThrow('no source');
  });
});

describe('joining is refused', () => {
  test('after the end', async () => {
    const broadcast = new Broadcast(() => count(1));
    await collect(join(broadcast));
    expect(broadcast.subscribe()).toBeUndefined();
  });

  test('after all have left', async () => {
    const broadcast = new Broadcast(() => count(9));
    const reader = join(broadcast);
    await reader.next();
    await reader.return?.();
    expect(broadcast.subscribe()).toBeUndefined();
  });

  test.each([
    ['items', { maxItems: 2 }],
    ['bytes', { maxBytes: 20, sizeOf: () => 10 }],
  ])('beyond the bound of %s, while those who read get everything', async (_name, bounds) => {
    let sealed = 0;
    const broadcast = new Broadcast(
      () => count(5),
      bounds,
      () => sealed++,
    );
    const [fast, slow] = [join(broadcast), join(broadcast)];
    for (let i = 0; i < 2; i++) await fast.next();
    const last = broadcast.subscribe();
    expect([last === undefined, sealed]).toEqual([false, 0]);
    await fast.next();
    expect([broadcast.subscribe(), sealed]).toEqual([undefined, 1]);
    expect(await collect(fast)).toEqual([4, 5]);
    expect(await collect(slow)).toEqual([1, 2, 3, 4, 5]);
    expect(sealed).toBe(1);
  });

  test('with an aborted signal, by its reason', () => {
    const broadcast = new Broadcast(() => count(1));
    expect(() => broadcast.subscribe(AbortSignal.abort(new Error('gone')))).toThrow('gone');
    expect(broadcast.readers).toBe(0);
  });
});

describe('leaving', () => {
  test('a reader that returns disturbs no other', async () => {
    const source = createSource<string>();
    const broadcast = new Broadcast(source.start);
    const [leaver, stayer] = [join(broadcast), join(broadcast)];
    const reads = [leaver.next(), stayer.next()];
    await leaver.return?.();
    expect(await reads[0]).toEqual({ done: true, value: undefined });
    source.push({ done: false, value: 'a' });
    expect(await reads[1]).toEqual({ done: false, value: 'a' });
    expect([source.signal?.aborted, source.returned]).toEqual([false, 0]);
  });

  test('an abort rejects the read under way with its reason', async () => {
    const broadcast = new Broadcast(createSource<string>().start);
    const controller = new AbortController();
    const leaver = join(broadcast, controller.signal);
    join(broadcast);
    const read = leaver.next();
    controller.abort('gone');
    await expect(read).rejects.toBe('gone');
    expect(await leaver.next()).toEqual({ done: true, value: undefined });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('an abort between two reads rejects the next one', async () => {
    const broadcast = new Broadcast(() => count(9));
    const controller = new AbortController();
    const leaver = join(broadcast, controller.signal);
    await leaver.next();
    controller.abort('gone');
    await expect(leaver.next()).rejects.toBe('gone');
  });

  test('a reader that returns after an abort is done, without the reason', async () => {
    const controller = new AbortController();
    const leaver = join(new Broadcast(() => count(9)), controller.signal);
    controller.abort('gone');
    expect(await leaver.return?.()).toEqual({ done: true, value: undefined });
    expect(await leaver.next()).toEqual({ done: true, value: undefined });
  });

  test('when the last reader leaves, the source is cancelled by signal and return', async () => {
    const source = createSource<string>();
    const broadcast = new Broadcast(source.start);
    const controllers = [new AbortController(), new AbortController()];
    const reads = controllers.map(({ signal }) => join(broadcast, signal).next());
    for (const controller of controllers) controller.abort('gone');
    expect((await Promise.allSettled(reads)).map((read) => read.status)).toEqual(['rejected', 'rejected']);
    expect(source.signal).toMatchObject({ aborted: true, reason: 'gone' });
    expect(source.returned).toBe(1);
    source.fail(new Error('aborted at last'));
    await tick();
  });

  test('a source that was never read is never started', async () => {
    const source = createSource<string>();
    const reader = join(new Broadcast(source.start));
    await reader.return?.();
    expect(source.starts).toBe(0);
  });

  test('after the end nothing is cancelled', async () => {
    let signal: CancelSignal | undefined;
    const broadcast = new Broadcast((given) => {
      signal = given;
      return count(1);
    });
    const slow = join(broadcast);
    await collect(join(broadcast));
    await slow.return?.();
    expect(signal?.aborted).toBe(false);
  });

  test('listeners are gone once a reader has come to the end', async () => {
    const { signal } = new AbortController();
    await collect(join(new Broadcast(() => count(2)), signal));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('stream flights', () => {
  test('readers of one key share a source; a later reader starts anew', async () => {
    const flights = new StreamFlights<number>();
    let starts = 0;
    const start = (): AsyncIterable<number> => {
      starts++;
      return count(3);
    };
    const answers = await Promise.all([flights.join('key', start), flights.join('key', start)].map(collect));
    expect([answers, starts, flights.size]).toEqual([
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      1,
      0,
    ]);
    await collect(flights.join('key', start));
    expect([starts, flights.size]).toEqual([2, 0]);
  });

  test('a source has the time of the most patient of its readers, whoever opened the flight', async () => {
    const flights = new StreamFlights<number>();
    let limit: TimeLimit = NO_TIME_LIMIT;
    const start = (_: unknown, timeLimit: TimeLimit): AsyncIterable<number> => {
      limit = timeLimit;
      return count(1);
    };
    await Promise.all([30, 50, 40].map((atMs) => flights.join('key', start, undefined, { atMs })).map(collect));
    const seen = limit.atMs;
    await collect(flights.join('key', start));
    expect([seen, limit.atMs]).toEqual([50, Infinity]);
  });

  test('a flight that failed, was left, or outgrew its bounds is joined by nobody', async () => {
    const flights = new StreamFlights<number>({ maxItems: 1 });
    const failing = flights.join('failing', () => {
      throw new Error('down');
    });
    await expect(failing.next()).rejects.toThrow('down');
    const left = flights.join('left', () => count(9));
    await left.return?.();
    const long = flights.join('long', () => count(9));
    await long.next();
    await long.next();
    expect(flights.size).toBe(0);
    expect(await collect(long)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test('superseded: those who read go on, later readers start anew', async () => {
    const flights = new StreamFlights<number>();
    const early = flights.join('key', () => count(2));
    flights.supersede('key');
    const late = flights.join('key', () => count(3));
    expect([await collect(early), flights.size]).toEqual([[1, 2], 1]);
    expect([await collect(late), flights.size]).toEqual([[1, 2, 3], 0]);
  });

  test('an aborted signal throws its reason and opens nothing', () => {
    const flights = new StreamFlights<number>();
    expect(() => flights.join('key', () => count(1), AbortSignal.abort(new Error('gone')))).toThrow('gone');
    expect(flights.size).toBe(0);
  });
});

test('in any interleaving of 50 readers with random aborts, stayers get every item from one source and nothing is left', async () => {
  const anyLeavers = fc.uniqueArray(fc.nat(49), { maxLength: 49 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), anyLeavers, fc.nat(4), async (scheduler, leavers, items) => {
      const flights = new StreamFlights<number>();
      let starts = 0;
      async function* source(): AsyncGenerator<number> {
        starts++;
        for (let i = 0; i < items; i++) yield await scheduler.schedule(Promise.resolve(i), `item ${i}`);
      }
      const controllers = Array.from({ length: 50 }, () => new AbortController());
      const outcomes = controllers.map(({ signal }) => collect(flights.join('key', source, signal)));
      for (const index of leavers) {
        void scheduler.schedule(Promise.resolve(), `abort ${index}`).then(() => controllers[index]?.abort('gone'));
      }
      await scheduler.waitFor(Promise.allSettled(outcomes));
      const settled = await Promise.allSettled(outcomes);
      for (const [index, outcome] of settled.entries()) {
        if (outcome.status === 'fulfilled') expect(outcome.value).toEqual(Array.from({ length: items }, (_, i) => i));
        else expect([outcome.reason, leavers.includes(index)]).toEqual(['gone', true]);
      }
      expect([starts, flights.size]).toEqual([1, 0]);
      for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
