/** Long work in slices: one job at a time in order of arrival, giving the event loop its turn between slices. */

/** Entries handled before the event loop gets its turn. */
export const SLICE_ENTRIES = 512;

/** Resolves after pending I/O has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
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
