/** Waiting for something to have happened, instead of for time to pass. Invariant: a watcher that was met is forgotten. */

export interface Watchers {
  /** Asks all conditions again: to be called after every change. O(watchers). */
  notify(): void;
  /** Resolves once `isMet` returns true: at once, or after a change. */
  until(isMet: () => boolean): Promise<void>;
}

export function createWatchers(): Watchers {
  const checks = new Set<() => void>();
  return {
    notify() {
      for (const check of checks) check();
    },
    until: (isMet) =>
      new Promise((resolve) => {
        function check(): void {
          if (!isMet()) return;
          checks.delete(check);
          resolve();
        }
        checks.add(check);
        check();
      }),
  };
}
