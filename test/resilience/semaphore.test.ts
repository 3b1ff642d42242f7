import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Semaphore } from '../../src/resilience/semaphore.js';
import { fc } from '../support/property.js';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('semaphore', () => {
  test('it lets permits callers in and the others wait in order', async () => {
    const semaphore = new Semaphore({ permits: 2 });
    const entered: number[] = [];
    const releases: (() => void)[] = [];
    for (let i = 0; i < 5; i++) {
      void semaphore.acquire().then((release) => {
        entered.push(i);
        releases.push(release);
      });
    }
    await tick();
    expect([entered, semaphore.inUse, semaphore.waiting]).toEqual([[0, 1], 2, 3]);
    releases[1]?.();
    await tick();
    expect([entered, semaphore.inUse, semaphore.waiting]).toEqual([[0, 1, 2], 2, 2]);
  });

  test('a permit released twice frees one place', async () => {
    const semaphore = new Semaphore({ permits: 2 });
    const release = await semaphore.acquire();
    await semaphore.acquire();
    release();
    release();
    expect(semaphore.inUse).toBe(1);
  });

  test('tryAcquire takes a free permit and nothing else', () => {
    const semaphore = new Semaphore({ permits: 1 });
    const release = semaphore.tryAcquire();
    expect(semaphore.tryAcquire()).toBeUndefined();
    release?.();
    expect(semaphore.tryAcquire()).toBeTypeOf('function');
  });

  test('a full line refuses', async () => {
    const semaphore = new Semaphore({ permits: 1, maxQueue: 1 });
    await semaphore.acquire();
    void semaphore.acquire();
    await expect(semaphore.acquire()).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' });
    expect(semaphore.waiting).toBe(1);
  });

  test('who leaves the line frees the place and leaves no listener', async () => {
    const semaphore = new Semaphore({ permits: 1, maxQueue: 1 });
    const release = await semaphore.acquire();
    const controller = new AbortController();
    const leaver = semaphore.acquire(controller.signal);
    controller.abort('gone');
    await expect(leaver).rejects.toBe('gone');
    const next = semaphore.acquire();
    release();
    await expect(next).resolves.toBeTypeOf('function');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('an aborted signal rejects at once although a permit is free', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    await expect(semaphore.acquire(AbortSignal.abort('gone'))).rejects.toBe('gone');
    expect(semaphore.inUse).toBe(0);
  });

  test('an abort between being let in and waking up gives the permit back', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const release = await semaphore.acquire();
    const controller = new AbortController();
    const waiter = semaphore.acquire(controller.signal);
    release();
    controller.abort('gone');
    await expect(waiter).rejects.toBe('gone');
    expect(semaphore.inUse).toBe(0);
  });

  test('run gives its permit back when the work fails', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    await expect(semaphore.run(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await expect(semaphore.run(async () => 'value')).resolves.toBe('value');
    expect(semaphore.inUse).toBe(0);
  });

  test('close rejects those who wait and all who come; permits that are out can be released', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const release = await semaphore.acquire();
    const waiter = semaphore.acquire();
    semaphore.close();
    semaphore.close();
    await expect(waiter).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(semaphore.acquire()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    release();
    expect(semaphore.inUse).toBe(0);
  });

  test('a line of 10,000 leavers among few stayers is swept, and the stayers come through', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const release = await semaphore.acquire();
    const leavers: Promise<unknown>[] = [];
    const stayers: Promise<void>[] = [];
    for (let i = 0; i < 10_000; i++) {
      if (i % 1000 === 0) stayers.push(semaphore.run(async () => {}));
      const controller = new AbortController();
      leavers.push(semaphore.acquire(controller.signal).catch((reason: unknown) => reason));
      controller.abort('gone');
    }
    expect(semaphore.waiting).toBe(10);
    release();
    await Promise.all([...stayers, ...leavers]);
    expect([semaphore.waiting, semaphore.inUse]).toEqual([0, 0]);
  });
});

test('in any interleaving no more than permits are at work, all who stay get through, and nothing is left', async () => {
  const anyCaller = fc.record({ leaves: fc.boolean(), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(anyCaller, { maxLength: 30 }),
      async (scheduler, permits, callers) => {
        const semaphore = new Semaphore({ permits });
        let atWork = 0;
        const outcomes = callers.map(async ({ leaves, fails }, index) => {
          const controller = new AbortController();
          const work = async (): Promise<void> => {
            expect(++atWork).toBeLessThanOrEqual(permits);
            await scheduler.schedule(Promise.resolve(), `work ${index}`);
            atWork--;
            if (fails) throw new Error('down');
          };
          if (leaves) void scheduler.schedule(Promise.resolve(), `abort ${index}`).then(() => controller.abort('gone'));
          await semaphore.run(work, controller.signal).catch((error: unknown) => {
            expect(error === 'gone' ? leaves : fails).toBe(true);
          });
          expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
        });
        await scheduler.waitFor(Promise.all(outcomes));
        expect([semaphore.inUse, semaphore.waiting, atWork]).toEqual([0, 0, 0]);
      },
    ),
    { numRuns: 150 },
  );
});

describe('a semaphore that is resized', () => {
  test('lets in as many more at once, in order', async () => {
    const semaphore = new Semaphore({ permits: 1 });
    const entered: number[] = [];
    for (let i = 0; i < 4; i++) void semaphore.acquire().then(() => entered.push(i));
    semaphore.resize(3);
    await tick();
    expect([entered, semaphore.inUse, semaphore.waiting]).toEqual([[0, 1, 2], 3, 1]);
  });

  test('lets nobody in while more are at work than a lower number allows', async () => {
    const semaphore = new Semaphore({ permits: 3 });
    const releases = [await semaphore.acquire(), await semaphore.acquire(), await semaphore.acquire()];
    const waiting = semaphore.acquire();
    semaphore.resize(2);
    releases[0]?.();
    await tick();
    expect([semaphore.inUse, semaphore.waiting]).toEqual([2, 1]);
    releases[1]?.();
    await waiting;
    expect([semaphore.inUse, semaphore.waiting]).toEqual([2, 0]);
  });

  test('whatever happens in whatever order, a place is free or nobody waits', async () => {
    const anyStep = fc.oneof(
      fc.constant({ kind: 'enter' as const }),
      fc.record({ kind: fc.constantFrom('leave' as const, 'resize' as const), n: fc.nat(9) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 80 }), async (steps) => {
        const semaphore = new Semaphore({ permits: 2 });
        const inside: (() => void)[] = [];
        for (const step of steps) {
          if (step.kind === 'enter') void semaphore.acquire().then((release) => inside.push(release));
          else if (step.kind === 'resize') semaphore.resize(step.n + 1);
          else inside.splice(step.n % Math.max(1, inside.length), 1)[0]?.();
          await Promise.resolve();
          await Promise.resolve();
          expect(semaphore.waiting === 0 || semaphore.inUse >= semaphore.permits).toBe(true);
        }
        await tick();
        expect(semaphore.inUse).toBe(inside.length);
        while (inside.length > 0) {
          inside.pop()?.();
          await tick();
        }
        expect([semaphore.inUse, semaphore.waiting]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});
