/** A walk over every entry of a heap store, in steps, while the store goes on. */
import type { Routing } from './routing.js';
import { SlotCursor } from './slot-cursor.js';
import type { StoreWalk } from './store.js';

export class HeapWalk<V> implements StoreWalk {
  private readonly routing: Routing<V>;
  private readonly cursor: SlotCursor<V> = new SlotCursor();
  private hasBegun = false;

  constructor(routing: Routing<V>) {
    this.routing = routing;
    routing.cursors.add(this.cursor);
    this.cursor.seek(routing.generations);
  }

  step(maxEntries: number, visit: (key: string) => void): boolean {
    for (let examined = 0; examined < maxEntries; examined++) {
      const shard = this.next();
      if (shard === undefined) {
        this.end();
        return true;
      }
      const slot = this.cursor.slot++;
      if (shard.isTaken(slot)) visit(shard.key(slot));
    }
    return false;
  }

  end(): void {
    this.routing.cursors.delete(this.cursor);
  }

  /** The shard of the slot to examine, or undefined at the end of the round. */
  private next(): ReturnType<SlotCursor<V>['seek']> {
    if (this.hasBegun && !this.cursor.isUnderWay) return undefined;
    this.hasBegun = true;
    return this.cursor.seek(this.routing.generations);
  }
}
