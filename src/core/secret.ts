/** A value that never prints. Invariant: the plain text leaves only through reveal(). */
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

export const REDACTED = '***';

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    Object.defineProperty(this, inspect.custom, { value: () => REDACTED });
  }
  /** The plain text: for the one place that puts it on the wire. */
  reveal(): string {
    return this.#value;
  }
  /** SHA-256 in hex: names the secret without telling it. */
  digest(): string {
    return createHash('sha256').update(this.#value).digest('hex');
  }
  toString(): string {
    return REDACTED;
  }
  toJSON(): string {
    return REDACTED;
  }
}
