/**
 * Lookups of one name made at the same time are one: a resolver that does not answer holds one thread of libuv's pool,
 * however many calls wait for it, and the pool serves the others. Nothing is kept of an answer.
 */
import type { LookupFunction } from 'node:net';
import type { Clock } from '../core/clock.js';

type LookupCallback = Parameters<LookupFunction>[2];

interface Lookup {
  readonly startedAtMs: number;
  readonly callbacks: LookupCallback[];
}

/** One that has not answered for `joinableMs` is joined by nobody more: whoever waited for it has given up by then. */
export function shareLookups(lookup: LookupFunction, clock: Clock, joinableMs: number): LookupFunction {
  const running = new Map<string, Lookup>();

  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const nowMs = clock.nowMs();
    const joined = running.get(key);
    if (joined !== undefined && nowMs - joined.startedAtMs < joinableMs) {
      joined.callbacks.push(callback);
      return;
    }
    const own: Lookup = { startedAtMs: nowMs, callbacks: [callback] };
    running.set(key, own);
    function forget(): void {
      if (running.get(key) === own) running.delete(key);
    }
    try {
      lookup(hostname, options, (...result) => {
        forget();
        for (const answer of own.callbacks.splice(0)) answer(...result);
      });
    } catch (error) {
      forget();
      throw error;
    }
  };
}
