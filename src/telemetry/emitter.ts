/**
 * Typed events to listeners, in order of registration, and to diagnostics channels where there are some. A listener
 * cannot harm the emitter: what it throws, now or from a promise, is caught and counted. Nothing happens for kinds
 * without listeners.
 */
import type { Diagnostics } from './diagnostics.js';

export type Listener<Event> = (event: Event) => void;

/** One call of on(); the same function may be registered several times. */
interface Registration {
  readonly listener: Listener<never>;
}

/** `Events` maps each kind to what its listeners get. */
export class Emitter<Events extends object> {
  /** Lists are replaced, never changed: an emit under way keeps the listeners it began with. */
  readonly #registrations = new Map<keyof Events, readonly Registration[]>();
  readonly #diagnostics: Diagnostics<Events> | undefined;
  #containedErrors = 0;

  /** Events also go to these channels, which any package may read: they have to hold nothing that it must not. */
  constructor(diagnostics?: Diagnostics<Events>) {
    this.#diagnostics = diagnostics;
  }

  /** Errors of listeners that were caught. */
  get containedErrors(): number {
    return this.#containedErrors;
  }

  /** Ask before building a costly event. */
  hasListeners(kind: keyof Events): boolean {
    return this.#registrations.has(kind);
  }

  /** Calls `listener` on each event of that kind; returns the function that ends this registration. */
  on<K extends keyof Events>(kind: K, listener: Listener<Events[K]>): () => void {
    const registration: Registration = { listener };
    this.#registrations.set(kind, [...(this.#registrations.get(kind) ?? []), registration]);
    return () => this.#remove(kind, registration);
  }

  /** Ends the earliest registration of `listener` for that kind, if there is one. */
  off<K extends keyof Events>(kind: K, listener: Listener<Events[K]>): void {
    this.#remove(
      kind,
      this.#registrations.get(kind)?.find((registration) => registration.listener === listener),
    );
  }

  emit<K extends keyof Events>(kind: K, event: Events[K]): void {
    if (this.#diagnostics?.hasSubscribers(kind) === true) this.#diagnostics.publish(kind, event);
    const registrations = this.#registrations.get(kind);
    if (registrations === undefined) return;
    for (const { listener } of registrations) this.#tell(listener as Listener<Events[K]>, event);
  }

  #tell<Event>(listener: (event: Event) => unknown, event: Event): void {
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(() => this.#containedErrors++);
    } catch {
      this.#containedErrors++;
    }
  }

  #remove(kind: keyof Events, registration: Registration | undefined): void {
    const rest = this.#registrations.get(kind)?.filter((candidate) => candidate !== registration) ?? [];
    if (rest.length === 0) this.#registrations.delete(kind);
    else this.#registrations.set(kind, rest);
  }
}
