/** The count of timers that load scripts go by sees those that do not hold the process, and goes wrong by none. */
import { createHook } from 'node:async_hooks';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchTimers } from '../../../bench/load/lib/timers.mjs';
import { fc } from '../../support/property.js';

const HOUR_MS = 3_600_000;
const noop = (): void => undefined;
const native = { setTimeout, setInterval, clearTimeout, clearInterval };
/** Resolves when every timer of a millisecond that was set before has fired. */
const untilFired = (): Promise<void> => new Promise((resolve) => native.setTimeout(resolve, 1));

let watch: ReturnType<typeof watchTimers>;
const set: NodeJS.Timeout[] = [];
beforeEach(() => {
  watch = watchTimers();
});
afterEach(() => {
  watch.stop();
  for (const timer of set.splice(0)) native.clearTimeout(timer);
});

function later(delayMs = HOUR_MS): NodeJS.Timeout {
  const timer = setTimeout(noop, delayMs);
  set.push(timer);
  return timer;
}
function again(delayMs = HOUR_MS): NodeJS.Timeout {
  const timer = setInterval(noop, delayMs);
  set.push(timer);
  return timer;
}

describe('a timer is pending', () => {
  test('until it is cleared, also if it does not hold the process', () => {
    const held = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    later().unref();
    again().unref();
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toHaveLength(held);
    expect(watch.pending).toBe(2);
  });

  test('until it fires, with the arguments and the timer itself that Node gives', async () => {
    const fired = new Promise<unknown[]>((resolve) => {
      function take(this: unknown, ...given: unknown[]): void {
        resolve([this, watch.pending, ...given]);
      }
      set.push(setTimeout(take, 1, 'a', 'b'));
    });
    expect(watch.pending).toBe(1);
    expect(await fired).toEqual([set[0], 0, 'a', 'b']);
  });

  test('as an interval also after it has fired', async () => {
    again(1);
    await untilFired();
    expect(watch.pending).toBe(1);
  });

  test('again once it is refreshed after it has fired, and once only', async () => {
    const timer = later(1);
    timer.refresh();
    expect(watch.pending).toBe(1);
    await untilFired();
    expect(watch.pending).toBe(0);
    timer.refresh().refresh();
    expect(watch.pending).toBe(1);
    await untilFired();
    expect(watch.pending).toBe(0);
  });

  test('again if its own callback refreshes it', async () => {
    let runs = 0;
    const timer: NodeJS.Timeout = setTimeout(() => runs++ === 0 && timer.refresh(), 1);
    await untilFired();
    expect([runs, watch.pending]).toEqual([1, 1]);
    await untilFired();
    expect([runs, watch.pending]).toEqual([2, 0]);
  });

  test('as long as the promise of a promisified setTimeout', async () => {
    const leaving = new AbortController();
    const sleep = promisify(setTimeout);
    const waits = [sleep(1, 'over'), sleep(HOUR_MS, 'never', { signal: leaving.signal }).catch(() => 'left')];
    expect(watch.pending).toBe(2);
    leaving.abort();
    expect(await Promise.all(waits)).toEqual(['over', 'left']);
    expect(watch.pending).toBe(0);
  });
});

describe('a timer is pending no more', () => {
  test.each<[string, (timer: NodeJS.Timeout) => void]>([
    ['clearTimeout', (timer) => clearTimeout(timer)],
    ['clearInterval', (timer) => clearInterval(timer)],
    ['clearTimeout with its number', (timer) => clearTimeout(+timer)],
    ['clearInterval with its number as a text', (timer) => clearInterval(`${+timer}`)],
    ['close()', (timer) => timer.close()],
    ['dispose', (timer) => timer[Symbol.dispose]()],
  ])('after %s, done twice or not, and refreshed or not', (_, clear) => {
    for (const begin of [later, again]) {
      const timer = begin();
      clear(timer);
      expect(watch.pending).toBe(0);
      clear(timer);
      timer.refresh();
      expect(watch.pending).toBe(0);
    }
  });

  test('once cleared in its own callback', async () => {
    const timer: NodeJS.Timeout = setTimeout(() => clearTimeout(timer), 1);
    const interval: NodeJS.Timeout = setInterval(() => clearInterval(interval), 1);
    await untilFired();
    timer.refresh();
    expect(watch.pending).toBe(0);
  });

  test('once set before the count was begun anew, whatever becomes of it', () => {
    const timers = [later(), later(), again()];
    watch.begin();
    timers[0]?.refresh();
    clearTimeout(timers[1]);
    expect(watch.pending).toBe(0);
    clearTimeout(later());
    expect(watch.pending).toBe(0);
  });
});

test('what is no function, and what is no timer, is refused or passed over as without the count', () => {
  expect(() => setTimeout('code' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  expect(() => setInterval(undefined as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  for (const nothing of [undefined, null, 0, 'none', {}]) clearTimeout(nothing as never);
  expect(watch.pending).toBe(0);
});

test('once it has stopped, the globals and the timers are what they were', () => {
  const timer = later();
  watch.stop();
  expect({ setTimeout, setInterval, clearTimeout, clearInterval }).toEqual(native);
  timer.close();
  later();
  expect(watch.pending).toBe(1);
});

test('the count is that of the timers which Node itself has not ended, whatever is done with them', async () => {
  const ACTS = ['set', 'set short', 'repeat', 'clear', 'clear by number', 'close', 'refresh', 'unref', 'wait'] as const;
  const live = new Map<number, object>();
  const hook = createHook({
    init: (id, type, _, resource) => void (type === 'Timeout' && live.set(id, resource)),
    destroy: (id) => void live.delete(id),
  }).enable();
  try {
    const act = fc.record({ kind: fc.constantFrom(...ACTS), which: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        watch.begin();
        const timers: NodeJS.Timeout[] = [];
        const refreshed = new Set<NodeJS.Timeout>();
        const cleared = new Set<NodeJS.Timeout>();
        for (const { kind, which } of acts) {
          if (kind === 'set') timers.push(later());
          else if (kind === 'set short') timers.push(later(1));
          else if (kind === 'repeat') timers.push(again(1));
          else if (kind === 'wait') await untilFired();
          const timer = timers[which % timers.length];
          if (timer === undefined) continue;
          if (kind === 'unref') timer.unref();
          // One that was cleared after it had fired would be in Node's lists again, with nothing to run.
          if (kind === 'refresh' && !cleared.has(timer)) refreshed.add(timer.refresh());
          // One that fires again has another number, by which Node does not find it.
          if (kind === 'clear by number' && !refreshed.has(timer)) clearTimeout(+timer);
          if (kind === 'clear') clearTimeout(timer);
          if (kind === 'close') timer.close();
          if (kind.startsWith('cl')) cleared.add(timer);
        }
        await untilFired();
        // Node tells of ends a turn of the loop later.
        for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
        const ours = new Set<object>(timers);
        expect(watch.pending).toBe([...live.values()].filter((timer) => ours.has(timer)).length);
        for (const timer of timers) native.clearTimeout(timer);
      }),
      { numRuns: 200 },
    );
  } finally {
    hook.disable();
  }
});
