/**
 * Counts timers that are set and neither fired nor cleared, those included that do not hold the process: what
 * process.getActiveResourcesInfo() leaves out. It wraps the global functions, so it has to be begun before anything is
 * loaded that keeps them; what `node:timers` and Node itself set is not seen.
 */
import { promisify } from 'node:util';

/** Those that were set since the same begin(). @typedef {{ pending: number }} Tally */

/**
 * @typedef {object} TimerWatch
 * @property {number} pending timers set since begin() that may still fire
 * @property {() => void} begin counts anew: what was set before is not asked for, also if it is refreshed
 * @property {() => void} stop gives the globals back
 */

/** @returns {TimerWatch} */
export function watchTimers() {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const sleep = setTimeout[promisify.custom];
  const prototype = prototypeOfTimers();
  const descriptors = Object.getOwnPropertyDescriptors(prototype);
  // What is known of a timer stands on it: a closure for each, or a set of all, would cost more than they do.
  const TALLY = Symbol('tally');
  const IS_PENDING = Symbol('isPending');
  const CALLBACK = Symbol('callback');
  /** Those whose number somebody has asked for, who may clear them by it. @type {Map<number, any>} */
  const numbered = new Map();
  /** @type {Tally} */
  let current = { pending: 0 };

  function begun(/** @type {any} */ timer) {
    timer[TALLY] = current;
    timer[IS_PENDING] = true;
    current.pending++;
    return timer;
  }
  function ended(/** @type {any} */ timer) {
    if (timer?.[IS_PENDING] !== true) return;
    timer[IS_PENDING] = false;
    timer[TALLY].pending--;
  }
  /** One that was cleared never fires again, whatever is done with it; one that has fired may. */
  function cleared(/** @type {any} */ timer) {
    ended(timer);
    if (timer?.[TALLY] === undefined) return;
    timer[TALLY] = undefined;
    // Whoever keeps the timer is not to keep that, as without the count.
    timer[CALLBACK] = undefined;
  }
  function clearedByHandle(/** @type {any} */ handle) {
    if (typeof handle === 'object') return cleared(handle);
    cleared(numbered.get(Number(handle)));
    numbered.delete(Number(handle));
  }

  /** @this {any} the timer, as Node calls it @param {unknown[]} given */
  function fire(...given) {
    ended(this);
    return this[CALLBACK](...given);
  }
  /** @type {any} */
  const watchedSetTimeout = (
    /** @type {any} */ callback,
    /** @type {any} */ delay,
    /** @type {unknown[]} */ ...rest
  ) => {
    // What is no function is refused there.
    const timer = setTimeout(typeof callback === 'function' ? fire : callback, delay, ...rest);
    timer[CALLBACK] = callback;
    return begun(timer);
  };
  watchedSetTimeout[promisify.custom] = (/** @type {Parameters<typeof sleep>} */ ...all) => {
    const tally = current;
    tally.pending++;
    return sleep(...all).finally(() => tally.pending--);
  };
  Object.assign(globalThis, {
    setTimeout: watchedSetTimeout,
    setInterval: (/** @type {Parameters<typeof setInterval>} */ ...all) => begun(setInterval(...all)),
    clearTimeout(/** @type {any} */ handle) {
      clearedByHandle(handle);
      clearTimeout(handle);
    },
    clearInterval(/** @type {any} */ handle) {
      clearedByHandle(handle);
      clearInterval(handle);
    },
  });

  /** Runs `after` on the timer once its own method of this name has returned. */
  function extend(/** @type {string | symbol} */ name, /** @type {(timer: any, result: any) => void} */ after) {
    const method = prototype[name];
    prototype[name] = function (/** @type {unknown[]} */ ...all) {
      const result = method.apply(this, all);
      after(this, result);
      return result;
    };
  }
  extend('close', cleared);
  if (Symbol.dispose in prototype) extend(Symbol.dispose, cleared);
  extend('refresh', (timer) => {
    if (timer[IS_PENDING] !== false || timer[TALLY] === undefined) return;
    timer[IS_PENDING] = true;
    timer[TALLY].pending++;
  });
  extend(Symbol.toPrimitive, (timer, number) => {
    if (timer[TALLY] !== undefined) numbered.set(number, timer);
  });

  return {
    get pending() {
      return current.pending;
    },
    begin() {
      current = { pending: 0 };
    },
    stop() {
      Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval });
      Object.defineProperties(prototype, descriptors);
    },
  };
}

function prototypeOfTimers() {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  return Object.getPrototypeOf(timer);
}
