/** Programmer mistakes throw at once. Not for user input: that gets a typed error. */
import { SherdError } from './errors.js';

/** Throws when an invariant of our own does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SherdError(`broken invariant: ${message}`, { code: 'ERR_INVARIANT' });
}

/** Closes a switch over a union: compiles only when every kind is handled. */
export function assertNever(value: never): never {
  throw new SherdError(`unhandled kind: ${JSON.stringify(value)}`, { code: 'ERR_INVARIANT' });
}
