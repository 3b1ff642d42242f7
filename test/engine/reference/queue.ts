/** Doubly linked queue of keys, one object a key: what a textbook draws. For the reference simulators only. */

export interface Item {
  readonly key: number;
  older: Item | undefined;
  newer: Item | undefined;
}

export class Queue<T extends Item> {
  size = 0;
  oldest: T | undefined = undefined;
  newest: T | undefined = undefined;

  push(item: T): void {
    item.older = this.newest;
    item.newer = undefined;
    if (this.newest === undefined) this.oldest = item;
    else this.newest.newer = item;
    this.newest = item;
    this.size++;
  }

  remove(item: T): void {
    if (item.older === undefined) this.oldest = item.newer as T | undefined;
    else item.older.newer = item.newer;
    if (item.newer === undefined) this.newest = item.older as T | undefined;
    else item.newer.older = item.older;
    this.size--;
  }

  /** Makes an item of the queue its newest. */
  renew(item: T): void {
    this.remove(item);
    this.push(item);
  }

  /** Takes out the oldest item. Only when there is one. */
  shift(): T {
    const item = this.oldest as T;
    this.remove(item);
    return item;
  }
}

export function createItem(key: number): Item {
  return { key, older: undefined, newer: undefined };
}
