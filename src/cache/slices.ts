/** Long work in slices: one job at a time in order of arrival, giving the event loop its turn between slices. */
import type { Stopwatch } from '../core/clock.js';

/** Entries handled before the event loop gets its turn. */
export const SLICE_ENTRIES = 512;
/** Milliseconds of work before it does, for entries that take long: about so many, see LOOK_EVERY. */
const SLICE_MS = 4;
/** Entries from one look at the stopwatch to the next. */
const LOOK_EVERY = 64;

/** Handles up to so many entries; true when there are no more. */
export type Step = (maxEntries: number) => boolean;

/** Resolves after pending I/O has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Goes on with `step` until it is done. `afterSlice` runs at the end of each slice, before others have their turn. */
export async function inSlices(stopwatch: Stopwatch, step: Step, afterSlice?: () => void): Promise<void> {
  for (;;) {
    const isDone = runSlice(stopwatch, step);
    afterSlice?.();
    if (isDone) return;
    await nextTurn();
  }
}

/** Bounded by entries too: a stopwatch may stand still. */
function runSlice(stopwatch: Stopwatch, step: Step): boolean {
  const startMs = stopwatch();
  for (let entries = 0; entries < SLICE_ENTRIES; entries += LOOK_EVERY) {
    if (step(LOOK_EVERY)) return true;
    if (stopwatch() - startMs >= SLICE_MS) break;
  }
  return false;
}

/** A step over what an iterator has yet to give. */
export function stepOver<T>(items: Iterable<T>, visit: (item: T) => void): Step {
  const iterator = items[Symbol.iterator]();
  return (maxEntries) => {
    for (let i = 0; i < maxEntries; i++) {
      const next = iterator.next();
      if (next.done) return true;
      visit(next.value);
    }
    return false;
  };
}

export class SliceQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `job` when those before it are done, whether or not they succeeded. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job, job);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
