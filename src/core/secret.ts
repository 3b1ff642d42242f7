/** A value that never prints. Invariant: the plain text leaves only through reveal(). */
import { inspect } from 'node:util';
import { crypto } from './builtins.js';

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
    return crypto().createHash('sha256').update(this.#value).digest('hex');
  }
  toString(): string {
    return REDACTED;
  }
  toJSON(): string {
    return REDACTED;
  }
}
