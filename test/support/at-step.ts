/** Does something right before the n-th continuation of a promise, so that a test can do it before each of them in turn. */
import { promiseHooks } from 'node:v8';

export interface Steps {
  /** Continuations that have run since. */
  readonly passed: number;
  end(): void;
}

/** `act` runs once, between two continuations, as if its caller's turn had come just there. Counts all of the thread's. */
export function atStep(step: number, act: () => void): Steps {
  let passed = 0;
  const end = promiseHooks.onBefore(() => {
    if (passed++ === step) act();
  }) as () => void;
  return {
    get passed() {
      return passed;
    },
    end,
  };
}
