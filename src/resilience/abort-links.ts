/**
 * Many that end with one signal, by a single listener on it: Node takes more than ten listeners for a leak and says so.
 * Invariant: a signal is listened to exactly while somebody is linked to it.
 */
import type { Aborter, CancelSignal } from '../core/cancel.js';
import { onAbort } from './abort.js';

interface Links {
  readonly aborters: Set<Aborter>;
  readonly unlisten: () => void;
}

export class AbortLinks {
  readonly #links = new Map<CancelSignal, Links>();

  /** Aborts `aborter` together with `parent`, at once if that has aborted already; returns the unlinker. O(1). */
  link(parent: CancelSignal | undefined, aborter: Aborter): () => void {
    if (parent === undefined) return () => {};
    if (parent.aborted) {
      aborter.abort(parent.reason);
      return () => {};
    }
    const links = this.#links.get(parent) ?? this.#listen(parent);
    links.aborters.add(aborter);
    return () => this.#unlink(parent, links, aborter);
  }

  #listen(parent: CancelSignal): Links {
    const aborters = new Set<Aborter>();
    const unlisten = onAbort(parent, () => {
      this.#links.delete(parent);
      for (const aborter of aborters) aborter.abort(parent.reason);
      aborters.clear();
    });
    const links = { aborters, unlisten };
    this.#links.set(parent, links);
    return links;
  }

  #unlink(parent: CancelSignal, links: Links, aborter: Aborter): void {
    links.aborters.delete(aborter);
    if (links.aborters.size > 0 || this.#links.get(parent) !== links) return;
    this.#links.delete(parent);
    links.unlisten();
  }
}
